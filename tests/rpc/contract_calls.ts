/** Cases of the contract: what a call that goes well carries from side to side. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type { StatusCode } from "../../rpc/status.ts";
import type { RpcMethod } from "../../rpc/transport.ts";
import {
  type Case,
  collect,
  failed,
  message,
  messages,
  METHODS,
  OK,
  Outbox,
  ownEntries,
  rejection,
  Started,
  texts,
} from "./contract.ts";
import { within } from "../helpers/waiting.ts";

const CODES: readonly StatusCode[] = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** All octets, nothing, and lengths that base64 pads each in its own way. */
const BINARY = [
  Uint8Array.from({ length: 256 }, (_, index) => index),
  new Uint8Array(0),
  new Uint8Array([1]),
  new Uint8Array([1, 2]),
  new Uint8Array([1, 2, 3]),
];

/** As many messages as a method without streams has to have. */
function streaming(method: RpcMethod): RpcMethod {
  return { ...method, requestStream: true, responseStream: true };
}

export const CALL_CASES: readonly Case[] = [
  {
    name: "messages arrive whole and in order, in both directions at once",
    async run(pair) {
      await using both = await Started.open(pair);
      const sent = ["a", "", "bb", "c".repeat(100_000), "d"];
      const { outgoing, incoming } = await both.call(
        METHODS.exchange,
        messages(...sent),
      );
      for await (const request of incoming.requests) {
        await incoming.send(message(request));
      }
      incoming.end(OK);
      assertEquals(await texts(outgoing.responses), sent);
      assertEquals(await outgoing.status, OK);
    },
  },
  {
    name: "the parts of a message follow each other",
    async run(pair) {
      await using both = await Started.open(pair);
      const parts = ["one ", "", "two ", "three"].map((text) =>
        new TextEncoder().encode(text)
      );
      const whole = { length: 13, parts };
      const { outgoing, incoming } = await both.call(
        METHODS.unary,
        (async function* () {
          yield whole;
        })(),
      );
      assertEquals(await texts(incoming.requests), ["one two three"]);
      await incoming.send(whole);
      incoming.end(OK);
      assertEquals(await texts(outgoing.responses), ["one two three"]);
    },
  },
  {
    name: "a call says which method is called",
    async run(pair) {
      await using both = await Started.open(pair);
      for (const method of Object.values(METHODS)) {
        const { outgoing, incoming } = await both.call(method, messages("a"));
        assertStrictEquals(incoming.method, method);
        incoming.end(failed("ABORTED"));
        await within(outgoing.status, "the status");
      }
    },
  },
  {
    name: "a call of another path is answered with UNIMPLEMENTED by the server",
    async run(pair) {
      await using both = await Started.open(pair);
      const outgoing = both.channel.call(
        { ...METHODS.exchange, path: "/test.Contract/Nothing" },
        messages("a"),
        { headers: new CallHeaders() },
      );
      const { code, isLocal = false } = await within(outgoing.status, "the status");
      assertEquals([code, isLocal], ["UNIMPLEMENTED", false]);
      assertEquals(both.incoming.size, 0);
      await both.echo();
    },
  },
  {
    name: "a server knows the client's address and the authority",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      assert(/^127\.0\.0\.1:\d+$/.test(incoming.peer), incoming.peer);
      assertEquals(incoming.authority, `127.0.0.1:${both.listening.port}`);
      assertEquals(incoming.certificate, undefined);
      incoming.end(OK);
      await within(outgoing.status, "the status");
    },
  },
  {
    name: "headers of texts and bytes reach the server without those of gRPC itself",
    async run(pair) {
      await using both = await Started.open(pair);
      const headers = new CallHeaders({ "x-text": "a b, c;~!", "x-empty": "" });
      for (const bytes of BINARY) headers.append("x-raw-bin", bytes);
      const { outgoing, incoming } = await both.call(METHODS.exchange, messages(), {
        headers,
        deadline: new Date(Date.now() + 60_000),
      });
      assertEquals(ownEntries(incoming.headers), [...headers]);
      const reserved = [...incoming.headers].map(([name]) => name).filter((name) =>
        name.startsWith(":") || name.startsWith("grpc-") ||
        name === "te" || name === "content-type"
      );
      assertEquals(reserved, []);
      incoming.end(OK);
      await within(outgoing.status, "the status");
    },
  },
  {
    name: "several values of a text header reach the server as several",
    async run(pair) {
      await using both = await Started.open(pair);
      const headers = new CallHeaders({ "x-text": ["a", "b, c", "a"] });
      const { outgoing, incoming } = await both.call(METHODS.exchange, messages(), {
        headers,
      });
      incoming.end(OK);
      await within(outgoing.status, "the status");
      assertEquals(ownEntries(incoming.headers), [...headers]);
    },
  },
  {
    name: "headers and trailers of texts and bytes reach the client",
    async run(pair) {
      await using both = await Started.open(pair);
      const headers = new CallHeaders({ "x-text": "header", "x-raw-bin": BINARY });
      const trailers = new CallHeaders({ "x-text": "trailer", "x-raw-bin": BINARY });
      for (const status of [OK, failed("ABORTED")]) {
        const { outgoing, incoming } = await both.call(METHODS.exchange);
        incoming.sendHeaders(headers);
        incoming.end({ ...status, trailers });
        assertEquals(ownEntries(await outgoing.headers), [...headers]);
        const ended = await within(outgoing.status, "the status");
        assertEquals([ended.code, ended.message], [status.code, status.message]);
        assertEquals(ownEntries(ended.trailers), [...trailers]);
        assertEquals(ended.trailers.has("grpc-status"), false);
        assertEquals(ended.trailers.has("grpc-message"), false);
      }
    },
  },
  {
    name: "several values of a text header reach the client as several",
    async run(pair) {
      await using both = await Started.open(pair);
      const headers = new CallHeaders({ "x-text": ["a", "b, c", "a"] });
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      incoming.sendHeaders(headers);
      incoming.end({ ...OK, trailers: headers });
      const { trailers } = await within(outgoing.status, "the status");
      assertEquals(ownEntries(await outgoing.headers), [...headers]);
      assertEquals(ownEntries(trailers), [...headers]);
    },
  },
  {
    name: "grpc-status-details-bin reaches the client among the trailers",
    async run(pair) {
      await using both = await Started.open(pair);
      const trailers = new CallHeaders();
      trailers.receive([["grpc-status-details-bin", BINARY[0]]]);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      incoming.end({ ...failed("ABORTED"), trailers });
      const ended = await within(outgoing.status, "the status");
      assertEquals(ended.trailers.getAllBytes("grpc-status-details-bin"), [BINARY[0]]);
    },
  },
  {
    name: "each code and any text of a status reaches the client, and is not local",
    async run(pair) {
      await using both = await Started.open(pair);
      for (const code of CODES) {
        for (const text of ["", "100% of größe\n\t漢 🐚 %41 \x00", " a "]) {
          const { outgoing, incoming } = await both.call(METHODS.exchange);
          incoming.end(failed(code, text));
          const status = await within(outgoing.status, "the status");
          const { isLocal = false } = status;
          assertEquals([status.code, status.message, isLocal], [code, text, false]);
        }
      }
    },
  },
  {
    name: "an end without headers and messages leaves the client's headers empty",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      const trailers = new CallHeaders({ "x-why": "because" });
      incoming.end({ ...failed("ABORTED"), trailers });
      const status = await within(outgoing.status, "the status");
      assertEquals(status.trailers.getAll("x-why"), ["because"]);
      assertEquals([...await outgoing.headers], []);
      assertEquals(await collect(outgoing.responses), []);
    },
  },
  {
    name: "headers reach the client before there is a message or a request",
    async run(pair) {
      await using both = await Started.open(pair);
      const requests = new Outbox();
      const { outgoing, incoming } = await both.call(METHODS.exchange, requests);
      incoming.sendHeaders(new CallHeaders({ "x-early": "1" }));
      const headers = await within(outgoing.headers, "the headers");
      assertEquals(headers.getAll("x-early"), ["1"]);
      requests.send("a").end();
      assertEquals(await texts(incoming.requests), ["a"]);
      incoming.end(OK);
      assertEquals(await within(outgoing.status, "the status"), OK);
    },
  },
  {
    name: "headers without entries are sent before the first message",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      await incoming.send(message("a"));
      const headers = await within(outgoing.headers, "the headers");
      assertEquals(ownEntries(headers), []);
      incoming.end(OK);
      assertEquals(await texts(outgoing.responses), ["a"]);
    },
  },
  {
    name: "the client's headers are settled before its first response is read",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      let found: CallHeaders | undefined;
      outgoing.headers.then((headers) => found = headers);
      incoming.sendHeaders(new CallHeaders({ "x-a": "1" }));
      await incoming.send(message("a"));
      incoming.end(OK);
      for await (const _ of outgoing.responses) {
        assertEquals(found?.getAll("x-a"), ["1"]);
      }
    },
  },
  {
    name: "when the responses end, the status is known",
    async run(pair) {
      await using both = await Started.open(pair);
      for (const status of [OK, failed("ABORTED")]) {
        const { outgoing, incoming } = await both.call(METHODS.exchange);
        let code: string | undefined;
        outgoing.status.then((status) => code = status.code);
        incoming.end(status);
        await collect(outgoing.responses);
        assertEquals(code, status.code);
      }
    },
  },
  {
    name: "requests end only once the client has half-closed",
    async run(pair) {
      await using both = await Started.open(pair);
      const requests = new Outbox().send("a");
      const { outgoing, incoming } = await both.call(METHODS.exchange, requests);
      const reader = incoming.requests[Symbol.asyncIterator]();
      assertEquals((await within(reader.next(), "the request")).done, false);
      let isEnded = false;
      const last = reader.next().then(({ done }) => isEnded = done === true);
      await both.echo();
      assertEquals(isEnded, false);
      requests.end();
      assertEquals(await within(last, "the end"), true);
      incoming.end(OK);
      await within(outgoing.status, "the status");
    },
  },
  {
    name: "a server may answer before the client has half-closed",
    async run(pair) {
      await using both = await Started.open(pair);
      const requests = new Outbox().send("a");
      const { outgoing, incoming } = await both.call(METHODS.upload, requests);
      await incoming.send(message("enough"));
      incoming.end(OK);
      assertEquals(await texts(outgoing.responses), ["enough"]);
      assertEquals(await within(outgoing.status, "the status"), OK);
      await both.echo();
    },
  },
  {
    name: "a method that takes one message throws INTERNAL for none and for two",
    async run(pair) {
      await using both = await Started.open(pair);
      for (const method of [METHODS.unary, METHODS.download]) {
        for (const requests of [[], ["a", "b"]]) {
          const { outgoing, incoming } = await both.call(
            streaming(method),
            messages(...requests),
          );
          assertStrictEquals(incoming.method, method);
          assertEquals(await rejection(collect(incoming.requests)), "INTERNAL");
          incoming.end(failed("INTERNAL"));
          await within(outgoing.status, "the status");
        }
      }
      await both.echo();
    },
  },
  {
    name: "a method that gives one message has INTERNAL for none and for two",
    async run(pair) {
      await using both = await Started.open(pair);
      for (const method of [METHODS.unary, METHODS.upload]) {
        for (const responses of [[], ["a", "b"]]) {
          const { outgoing, incoming } = await both.call(method, messages("request"));
          const sent = responses.map((text) => incoming.send(message(text)));
          incoming.end(OK);
          assertEquals((await within(outgoing.status, "it")).code, "INTERNAL");
          await Promise.allSettled(sent);
        }
      }
      await both.echo();
    },
  },
  {
    name: "a second end has no effect",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      incoming.end(OK);
      incoming.end(failed("ABORTED"));
      assertEquals(await within(outgoing.status, "the status"), OK);
      assertEquals(incoming.signal.aborted, false);
    },
  },
  {
    name: "the status does not wait for the responses to be read",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      for (let index = 0; index < 100; index++) await incoming.send(message("a"));
      incoming.end(OK);
      assertEquals(await within(outgoing.status, "the status"), OK);
      assertEquals((await collect(outgoing.responses)).length, 100);
    },
  },
  {
    name: "many calls at once do not disturb each other",
    async run(pair) {
      await using both = await Started.open(pair);
      const answered = Array.from({ length: 100 }, async () => {
        const incoming = await both.incoming.next();
        for await (const request of incoming.requests) {
          await incoming.send(message(request));
        }
        incoming.end(OK);
      });
      const made = Array.from({ length: 100 }, async (_, index) => {
        const sent = [`${index}`, `${index} again`];
        const outgoing = both.channel.call(METHODS.exchange, messages(...sent), {
          headers: new CallHeaders(),
        });
        assertEquals(await texts(outgoing.responses), sent);
        assertEquals(await outgoing.status, OK);
      });
      await Promise.all([...answered, ...made]);
    },
  },
];
