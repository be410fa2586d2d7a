/** Cases of the contract: calls that end before their time, from either side. */
import { assert, assertEquals } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type { OutgoingMessage } from "../../rpc/transport.ts";
import {
  aborted,
  type Case,
  codeOf,
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
import {
  FLAGS,
  FRAMES,
  http2Frame,
  literalHeaders,
  say,
} from "../helpers/wire/http2_bytes.ts";
import { Relay } from "./relay.ts";
import { within } from "../helpers/waiting.ts";

const MEGABYTE = new Uint8Array(1024 * 1024);

export const ENDING_CASES: readonly Case[] = [
  {
    name: "a client's cancel aborts the server's signal, and its requests throw that",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(
        METHODS.exchange,
        new Outbox().send("a"),
      );
      const reader = incoming.requests[Symbol.asyncIterator]();
      await within(reader.next(), "the request");
      const next = rejection(reader.next());
      outgoing.cancel();
      assertEquals(codeOf(await aborted(incoming.signal)), "CANCELLED");
      assertEquals(await next, "CANCELLED");
      const { code, isLocal } = await within(outgoing.status, "the status");
      assertEquals([code, isLocal], ["CANCELLED", true]);
      assertEquals(await rejection(incoming.send(message("b"))), "CANCELLED");
      incoming.end(OK);
      await both.echo();
    },
  },
  {
    name: "requests of a cancelled call never seem to be complete",
    async run(pair) {
      await using both = await Started.open(pair);
      for (let round = 0; round < 50; round++) {
        const requests = new Outbox().send("a", "b".repeat(round * 1000));
        const { outgoing, incoming } = await both.call(METHODS.upload, requests);
        const reader = incoming.requests[Symbol.asyncIterator]();
        await within(reader.next(), "the request");
        outgoing.cancel();
        assertEquals(
          await rejection(collect({ [Symbol.asyncIterator]: () => reader })),
          "CANCELLED",
        );
      }
    },
  },
  {
    name: "requests that end inside a message never seem to be complete",
    isPlain: true,
    async run(pair) {
      await using both = await Started.open(pair);
      const half = new Uint8Array([0, 0, 0, 0, 5, 1, 2]);
      using _ = await say(both.listening.port, [
        headersFrame({}),
        http2Frame({
          type: FRAMES.DATA,
          flags: FLAGS.END_STREAM,
          stream: 1,
          payload: half,
        }),
      ]);
      const incoming = await both.incoming.next();
      const ended = await rejection(collect(incoming.requests));
      assertEquals(ended, "INTERNAL");
      assertEquals(codeOf(await aborted(incoming.signal)), "INTERNAL");
    },
  },
  {
    name: "a lost connection aborts the server's signal with CANCELLED",
    async run(pair) {
      await using both = await Started.open(pair);
      for (const content of ["a", MEGABYTE]) {
        await using relay = new Relay(both.listening.port);
        const channel = both.connect({ address: relay.address });
        const requests = new Outbox().send(content, content, content);
        const { outgoing, incoming } = await both.call(METHODS.exchange, requests, {
          channel,
        });
        const read = rejection(collect(incoming.requests));
        relay.cut();
        assertEquals(codeOf(await aborted(incoming.signal)), "CANCELLED");
        assertEquals(await read, "CANCELLED");
        const { code, isLocal } = await within(outgoing.status, "the status");
        assertEquals([code, isLocal], ["UNAVAILABLE", true]);
        incoming.end(OK);
      }
      await both.echo();
    },
  },
  {
    name:
      "a cancel ends the responses after those that have come, and a second is none",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      await incoming.send(message("a"));
      const reader = outgoing.responses[Symbol.asyncIterator]();
      assertEquals((await within(reader.next(), "the response")).done, false);
      const next = reader.next();
      outgoing.cancel();
      outgoing.cancel();
      assertEquals((await within(next, "the end")).done, true);
      assertEquals((await outgoing.status).code, "CANCELLED");
    },
  },
  {
    name: "a cancel has no effect on a status that is known",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      incoming.end(failed("ABORTED"));
      await within(outgoing.status, "the status");
      outgoing.cancel();
      assertEquals((await outgoing.status).code, "ABORTED");
    },
  },
  {
    name: "responses that are left early cancel the call",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.download, messages("all"));
      await incoming.send(message("a"));
      for await (const _ of outgoing.responses) break;
      assertEquals((await within(outgoing.status, "the status")).code, "CANCELLED");
      assertEquals(codeOf(await aborted(incoming.signal)), "CANCELLED");
    },
  },
  {
    name: "responses that are left while none comes cancel the call",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.download, messages("all"));
      const reader = outgoing.responses[Symbol.asyncIterator]();
      const next = reader.next();
      await within(Promise.resolve(reader.return?.()), "the reader to leave");
      await within(next, "the read that waited");
      assertEquals((await within(outgoing.status, "the status")).code, "CANCELLED");
      assertEquals(codeOf(await aborted(incoming.signal)), "CANCELLED");
    },
  },
  {
    name: "requests that throw cancel the call",
    async run(pair) {
      await using both = await Started.open(pair);
      const breaking = Promise.withResolvers<void>();
      const broken = async function* (): AsyncGenerator<OutgoingMessage> {
        yield message("a");
        await breaking.promise;
        throw new Error("broken");
      };
      const { outgoing, incoming } = await both.call(METHODS.exchange, broken());
      breaking.resolve();
      assertEquals((await within(outgoing.status, "the status")).code, "CANCELLED");
      assertEquals(codeOf(await aborted(incoming.signal)), "CANCELLED");
      assertEquals(await collect(outgoing.responses), []);
    },
  },
  {
    name: "the source of the requests is closed when the call ends before it",
    async run(pair) {
      await using both = await Started.open(pair);
      const closed = Promise.withResolvers<void>();
      const endless = async function* (): AsyncGenerator<OutgoingMessage> {
        try {
          while (true) yield message("a");
        } finally {
          closed.resolve();
        }
      };
      const { outgoing, incoming } = await both.call(METHODS.exchange, endless());
      incoming.end(OK);
      await within(outgoing.status, "the status");
      await within(closed.promise, "the source to be closed");
    },
  },
  {
    name: "a deadline ends the client's half with DEADLINE_EXCEEDED, and the server's",
    async run(pair) {
      await using both = await Started.open(pair);
      // The call gets to the server before its deadline, also on a busy machine.
      await both.echo();
      const deadline = new Date(Date.now() + 1000);
      const { outgoing, incoming } = await both.call(METHODS.exchange, new Outbox(), {
        deadline,
      });
      assert(Math.abs(incoming.deadline!.getTime() - deadline.getTime()) < 5000);
      const requests = rejection(collect(incoming.requests));
      const reason = codeOf(await aborted(incoming.signal));
      // Its client cancels at that moment, and may be a little earlier.
      assert(reason === "DEADLINE_EXCEEDED" || reason === "CANCELLED", `${reason}`);
      assertEquals(await requests, reason);
      const { code } = await within(outgoing.status, "the status");
      assertEquals(code, "DEADLINE_EXCEEDED");
      assertEquals(await collect(outgoing.responses), []);
    },
  },
  {
    name:
      "a deadline ends the server's half with DEADLINE_EXCEEDED, whatever clients do",
    isPlain: true,
    async run(pair) {
      await using both = await Started.open(pair);
      using _ = await say(both.listening.port, [
        headersFrame({ "grpc-timeout": "500m" }),
      ]);
      const incoming = await both.incoming.next();
      const requests = rejection(collect(incoming.requests));
      assertEquals(codeOf(await aborted(incoming.signal)), "DEADLINE_EXCEEDED");
      assertEquals(await requests, "DEADLINE_EXCEEDED");
      assert(Date.now() >= incoming.deadline!.getTime() - 5);
    },
  },
  {
    name: "a deadline that has passed ends the call at once",
    dials: true,
    async run(pair) {
      await using both = await Started.open(pair);
      const { status } = both.channel.call(METHODS.exchange, new Outbox(), {
        headers: new CallHeaders(),
        deadline: new Date(Date.now() - 1000),
      });
      const { code, isLocal } = await within(status, "the status");
      assertEquals([code, isLocal], ["DEADLINE_EXCEEDED", true]);
    },
  },
  {
    name: "a call without a deadline has none, and one that is far away is kept",
    async run(pair) {
      await using both = await Started.open(pair);
      const none = await both.call(METHODS.exchange);
      assertEquals(none.incoming.deadline, undefined);
      none.incoming.end(OK);
      const year = 365 * 24 * 3_600_000;
      const deadline = new Date(Date.now() + year);
      const far = await both.call(METHODS.exchange, messages(), { deadline });
      far.incoming.end(OK);
      assertEquals(await within(far.outgoing.status, "the status"), OK);
      const difference = far.incoming.deadline!.getTime() - deadline.getTime();
      assert(Math.abs(difference) < 2 * 3_600_000, `${difference}`);
    },
  },
  {
    name: "messages before an error status all reach the reader",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      // Some, so that they are within every window, but nobody reads them yet.
      for (let index = 0; index < 3; index++) await incoming.send(message(MEGABYTE));
      incoming.end(failed("ABORTED"));
      const { code, isLocal = false } = await within(outgoing.status, "the status");
      assertEquals([code, isLocal], ["ABORTED", false]);
      assertEquals((await collect(outgoing.responses)).length, 3);
    },
  },
  {
    name: "small messages before an error status all reach a reader that is there",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      const read = texts(outgoing.responses);
      const sent = Array.from({ length: 50 }, (_, index) => `${index}`);
      const sending = sent.map((text) => incoming.send(message(text)));
      incoming.end(failed("ABORTED"));
      await Promise.all(sending);
      assertEquals((await within(outgoing.status, "the status")).code, "ABORTED");
      assertEquals(await read, sent);
    },
  },
  {
    name: "an answer that is not gRPC's is told as the client's own status",
    isPlain: true,
    async run(pair) {
      const server = Deno.serve(
        { port: 0, hostname: "127.0.0.1", onListen() {} },
        () => new Response("what?", { status: 404 }),
      );
      try {
        const channel = pair.client.connect(server.addr, {});
        const { status, headers, responses } = channel.call(
          METHODS.unary,
          messages("a"),
          { headers: new CallHeaders() },
        );
        const { code, isLocal } = await within(status, "the status");
        assertEquals([code === "OK", isLocal], [false, true]);
        await within(headers, "the headers");
        assertEquals(await collect(responses), []);
        channel.close();
      } finally {
        await server.shutdown();
      }
    },
  },
];

/** The headers of a call by hand, with these among them. */
function headersFrame(headers: Readonly<Record<string, string>>): Uint8Array {
  return http2Frame({
    type: FRAMES.HEADERS,
    flags: FLAGS.END_HEADERS,
    stream: 1,
    payload: literalHeaders({
      ":method": "POST",
      ":scheme": "http",
      ":path": METHODS.exchange.path,
      ":authority": "localhost",
      "content-type": "application/grpc",
      "te": "trailers",
      ...headers,
    }),
  });
}
