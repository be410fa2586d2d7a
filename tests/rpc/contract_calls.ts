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
    isPlain: true,
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
