/** Cases of the contract: large and many messages, and sides that do not read. */
import { assert, assertEquals } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type { OutgoingMessage } from "../../rpc/transport.ts";
import {
  aborted,
  type Case,
  codeOf,
  collect,
  message,
  messages,
  METHODS,
  OK,
  Started,
} from "./contract.ts";
import { within } from "../helpers/waiting.ts";

const MIB = 1024 * 1024;
/** More than the windows of any transport here and what it holds beside them. */
const MAX_UNDER_WAY = 100 * MIB;

/** Bytes of which each place has its own value, nearly. */
function patterned(length: number): Uint8Array {
  const numbers = new Uint32Array(length / 4);
  for (let index = 0; index < numbers.length; index++) {
    numbers[index] = Math.imul(index, 2654435761);
  }
  return new Uint8Array(numbers.buffer);
}

/** Whether both have the same bytes; assertEquals is slow with millions of them. */
function isSame(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, index) => byte === other[index]);
}

/** Messages without end of which it is counted how many were taken. */
class Supply implements AsyncIterable<OutgoingMessage> {
  taken = 0;
  readonly #message: OutgoingMessage;
  readonly #count: number;

  constructor(bytes: number, count: number) {
    this.#message = message(new Uint8Array(bytes));
    this.#count = count;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutgoingMessage> {
    while (this.taken < this.#count) {
      this.taken++;
      yield this.#message;
    }
  }
}

/** Lets the other calls of a connection have their turns. */
async function echoOften(both: Started): Promise<void> {
  for (let index = 0; index < 50; index++) await both.echo();
}

export const FLOW_CASES: readonly Case[] = [
  {
    name: "a message of 64 MiB arrives as it was sent, in both directions",
    async run(pair) {
      await using both = await Started.open(pair);
      const large = patterned(64 * MIB);
      const parts = [large.subarray(0, 5), large.subarray(5, 40 * MIB)];
      parts.push(large.subarray(40 * MIB));
      const { outgoing, incoming } = await both.call(
        METHODS.unary,
        (async function* () {
          yield { length: large.length, parts };
        })(),
      );
      const [request] = await collect(incoming.requests);
      assert(isSame(request, large));
      const sent = incoming.send({ length: large.length, parts });
      const responses = collect(outgoing.responses);
      await within(sent, "the message to be sent");
      incoming.end(OK);
      assert(isSame((await responses)[0], large));
      assertEquals(await outgoing.status, OK);
    },
  },
  {
    name: "10,000 small messages and 1,000 empty ones arrive, in both directions",
    async run(pair) {
      await using both = await Started.open(pair);
      for (const [count, content] of [[10_000, "small"], [1000, ""]] as const) {
        const { outgoing, incoming } = await both.call(
          METHODS.exchange,
          messages(...Array<string>(count).fill(content)),
        );
        const answering = async () => {
          for await (const request of incoming.requests) {
            await incoming.send(message(request));
          }
          incoming.end(OK);
        };
        const [responses] = await Promise.all([
          collect(outgoing.responses),
          answering(),
        ]);
        assertEquals(responses.length, count);
        assertEquals(await outgoing.status, OK);
        assert(responses.every(({ length }) => length === content.length));
      }
    },
  },
  {
    name: "a server that does not read stops the client, and then reads all",
    async run(pair) {
      await using both = await Started.open(pair);
      const supply = new Supply(MIB, 200);
      const { outgoing, incoming } = await both.call(METHODS.upload, supply);
      await echoOften(both);
      assert(supply.taken * MIB < MAX_UNDER_WAY, `${supply.taken} MiB`);
      let count = 0;
      for await (const { length } of incoming.requests) {
        assertEquals(length, MIB);
        count++;
      }
      assertEquals(count, 200);
      await incoming.send(message("all"));
      incoming.end(OK);
      assertEquals((await collect(outgoing.responses)).length, 1);
    },
  },
  {
    name: "a client that does not read stops the server, and then reads all",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.download, messages("all"));
      let sent = 0;
      const answering = async () => {
        while (sent < 200) {
          await incoming.send(message(new Uint8Array(MIB)));
          sent++;
        }
        incoming.end(OK);
      };
      const answered = answering();
      await echoOften(both);
      assert(sent * MIB < MAX_UNDER_WAY, `${sent} MiB`);
      assertEquals((await collect(outgoing.responses)).length, 200);
      await within(answered, "the server to send all");
    },
  },
  {
    name: "a server reads no more than one message ahead",
    async run(pair) {
      await using both = await Started.open(pair);
      // Each is larger than any window: one is read, one waits, one may be on its way.
      const supply = new Supply(32 * MIB, 10);
      const { outgoing, incoming } = await both.call(METHODS.upload, supply);
      await echoOften(both);
      assert(supply.taken <= 3, `${supply.taken} were taken`);
      outgoing.cancel();
      await within(outgoing.status, "the status");
      assertEquals(codeOf(await aborted(incoming.signal)), "CANCELLED");
    },
  },
  {
    name: "send resolves before the client has read when there is room",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.download, messages("all"));
      for (let index = 0; index < 10; index++) {
        await within(incoming.send(message("small")), "room for a small message");
      }
      incoming.end(OK);
      assertEquals((await collect(outgoing.responses)).length, 10);
    },
  },
  {
    name: "a stopped call does not stop the other calls of its channel",
    async run(pair) {
      await using both = await Started.open(pair);
      const supply = new Supply(MIB, 200);
      const stopped = await both.call(METHODS.upload, supply);
      await both.echo("x".repeat(MIB));
      stopped.outgoing.cancel();
      await within(stopped.outgoing.status, "the status");
    },
  },
  {
    name: "streams that are left early one after another leave the others whole",
    async run(pair) {
      await using both = await Started.open(pair);
      const kept = await both.call(METHODS.exchange, messages("a"));
      for (let round = 0; round < 30; round++) {
        const { outgoing, incoming } = await both.call(METHODS.download, messages("a"));
        const answering = async () => {
          const content = message(new Uint8Array(64 * 1024));
          while (true) await incoming.send(content);
        };
        const stopped = answering().catch(() => "stopped");
        for await (const _ of outgoing.responses) break;
        assertEquals(await within(stopped, "the server to stop"), "stopped");
      }
      await kept.incoming.send(message("whole"));
      kept.incoming.end(OK);
      assertEquals((await collect(kept.outgoing.responses)).length, 1);
      assertEquals(await kept.outgoing.status, OK);
    },
  },
  {
    name: "requests are not read before the call can send them",
    async run(pair) {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const channel = pair.client.connect(listener.addr, {});
      const supply = new Supply(10, 100);
      const call = channel.call(METHODS.upload, supply, { headers: new CallHeaders() });
      using _ = await within(listener.accept(), "the client to dial");
      listener.close();
      assert(supply.taken <= 1, `${supply.taken} were taken`);
      call.cancel();
      await within(call.status, "the status");
      channel.close();
    },
    dials: true,
  },
];
