/** Cases of the contract: each limit of a server, what exceeds it, and what does not. */
import { assert, assertEquals } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { limitExceeded } from "../../rpc/limits.ts";
import type { Channel, OutgoingCall, RpcMethod } from "../../rpc/transport.ts";
import {
  aborted,
  type Case,
  codeOf,
  collect,
  message,
  messages,
  METHODS,
  OK,
  Outbox,
  rejection,
  Started,
  type StartOptions,
} from "./contract.ts";
import { say } from "../helpers/wire/http2_bytes.ts";
import { within } from "../helpers/waiting.ts";

const KIB = 1024;
const MIB = 1024 * KIB;
const headers = new CallHeaders();

/** Fails unless the call is refused for a limit. */
async function assertRefused(call: OutgoingCall): Promise<void> {
  const { code, isLocal = false } = await within(call.status, "a refusal");
  assertEquals([code, isLocal], ["RESOURCE_EXHAUSTED", false]);
}

/** A case that needs a limit to be kept. */
function limited(
  name: string,
  limits: StartOptions["limits"],
  use: (both: Started) => Promise<void>,
): Case {
  return {
    name,
    async run(pair) {
      await using both = await Started.open(pair, { limits });
      await use(both);
    },
  };
}

/** Calls with one message, and answers as long as the server has room. */
async function upload(
  both: Started,
  method: RpcMethod,
  bytes: number,
): Promise<{ outgoing: OutgoingCall; reason: unknown; requests: Promise<unknown> }> {
  const { outgoing, incoming } = await both.call(
    method,
    messages(new Uint8Array(bytes)),
  );
  const requests = rejection(collect(incoming.requests));
  return { outgoing, reason: codeOf(await aborted(incoming.signal)), requests };
}

export const LIMIT_CASES: readonly Case[] = [
  limited(
    "maxMessageBytes: a message of just so many bytes is accepted",
    { maxMessageBytes: MIB },
    async (both) => {
      const exact = new Uint8Array(MIB);
      const { outgoing, incoming } = await both.call(METHODS.upload, messages(exact));
      assertEquals((await collect(incoming.requests))[0].length, MIB);
      await incoming.send(message("a"));
      incoming.end(OK);
      assertEquals((await collect(outgoing.responses)).length, 1);
      // What the server sends has no limit.
      const download = await both.call(METHODS.download, messages("a"));
      const responses = collect(download.outgoing.responses);
      await download.incoming.send(message(new Uint8Array(2 * MIB)));
      download.incoming.end(OK);
      assertEquals((await responses)[0].length, 2 * MIB);
    },
  ),
  limited(
    "maxMessageBytes: a client whose message is larger is told RESOURCE_EXHAUSTED",
    { maxMessageBytes: MIB },
    async (both) => {
      for (const method of [METHODS.unary, METHODS.upload, METHODS.exchange]) {
        const { outgoing } = await upload(both, method, MIB + 1);
        await assertRefused(outgoing);
      }
      await both.echo();
    },
  ),
  limited(
    "maxMessageBytes: the server's signal and requests have the same status",
    { maxMessageBytes: MIB },
    async (both) => {
      const { reason, requests } = await upload(both, METHODS.upload, MIB + 1);
      assertEquals([reason, await requests], [
        "RESOURCE_EXHAUSTED",
        "RESOURCE_EXHAUSTED",
      ]);
    },
  ),
  limited(
    "maxRequestBytes: it is for methods that take one message, and no others",
    { maxRequestBytes: MIB },
    async (both) => {
      for (const method of [METHODS.unary, METHODS.download]) {
        const { outgoing, reason, requests } = await upload(both, method, MIB + 1);
        assertEquals([reason, await requests], [
          "RESOURCE_EXHAUSTED",
          "RESOURCE_EXHAUSTED",
        ]);
        await assertRefused(outgoing);
        assertEquals(
          (await outgoing.status).message,
          limitExceeded("maxRequestBytes", MIB).message,
        );
      }
      const exact = "a".repeat(MIB);
      await both.echo(exact);
      const large = messages(new Uint8Array(2 * MIB));
      const { outgoing, incoming } = await both.call(METHODS.upload, large);
      assertEquals((await collect(incoming.requests))[0].length, 2 * MIB);
      await incoming.send(message("a"));
      incoming.end(OK);
      assertEquals((await collect(outgoing.responses)).length, 1);
    },
  ),
  limited(
    "maxArrivingBytes: partial and unread messages of all calls count together",
    { maxArrivingBytes: 4 * MIB },
    async (both) => {
      const calls: OutgoingCall[] = [];
      for (let index = 0; index < 8; index++) {
        const content = new Uint8Array(MIB);
        const requests = new Outbox().send(content);
        const outgoing = both.channel.call(METHODS.upload, requests, { headers });
        calls.push(outgoing);
        await both.incoming.next();
      }
      await assertRefused(await anyRefused(calls));
      for (const call of calls) call.cancel();
      await Promise.all(calls.map(({ status }) => within(status, "the end of it")));
      await both.echo("a".repeat(MIB));
    },
  ),
  limited(
    "maxConnectionCalls: a client waits with one more until another has ended",
    { maxConnectionCalls: 2 },
    async (both) => {
      await both.channel.ready({ timeout: 10_000 });
      const first = await both.call(METHODS.exchange);
      const second = await both.call(METHODS.exchange);
      const third = both.channel.call(METHODS.exchange, messages(), { headers });
      const { channel } = { channel: both.connect() };
      await both.echo("on another connection", { channel });
      assertEquals(both.incoming.size, 0);
      first.incoming.end(OK);
      const incoming = await both.incoming.next();
      incoming.end(OK);
      second.incoming.end(OK);
      for (const { status } of [first.outgoing, second.outgoing, third]) {
        assertEquals(await within(status, "the status"), OK);
      }
    },
  ),
  limited(
    "maxCallHeaderBytes: a call with larger headers is refused before it is answered",
    { maxCallHeaderBytes: 4 * KIB },
    async (both) => {
      const large = new CallHeaders({ "x-large": "a".repeat(5 * KIB) });
      const many = new CallHeaders();
      for (let index = 0; index < 90; index++) many.set(`x-header-${index}`, "12345");
      for (const headers of [large, many]) {
        const call = both.channel.call(METHODS.unary, messages("a"), { headers });
        await assertRefused(call);
        assertEquals(both.incoming.size, 0);
      }
      await both.echo("fits", {
        headers: new CallHeaders({ "x-fits": "a".repeat(3 * KIB) }),
      });
    },
  ),
  {
    ...limited(
      "maxConnections: one more is closed, until there is room again",
      { maxConnections: 2 },
      (both) => assertConnections(both),
    ),
    dials: true,
  },
  {
    ...limited(
      "maxPeerConnections: one more from an address is closed, until there is room",
      { maxPeerConnections: 2 },
      (both) => assertConnections(both),
    ),
    dials: true,
  },
  limited(
    "maxPeerCalls: one more from an address is refused, on any of its connections",
    { maxPeerCalls: 3 },
    async (both) => {
      const other = both.connect();
      const calls = [
        await both.call(METHODS.exchange),
        await both.call(METHODS.exchange, messages(), { channel: other }),
        await both.call(METHODS.exchange),
      ];
      for (const channel of [both.channel, other]) {
        const call = channel.call(METHODS.unary, messages("a"), { headers });
        await assertRefused(call);
        assertEquals(
          (await call.status).message,
          limitExceeded("maxPeerCalls", 3).message,
        );
      }
      assertEquals(both.incoming.size, 0);
      calls[0].incoming.end(OK);
      await within(calls[0].outgoing.status, "the status");
      await both.echo("again", { channel: other });
      calls[1].outgoing.cancel();
      await aborted(calls[1].incoming.signal);
      await both.echo();
      calls[2].incoming.end(OK);
      await within(calls[2].outgoing.status, "the status");
    },
  ),
  limited(
    "maxIdleTime: a client that sends nothing of its request is told so",
    { maxIdleTime: 200 },
    async (both) => {
      for (const method of [METHODS.unary, METHODS.upload, METHODS.exchange]) {
        const requests = new Outbox();
        const { outgoing, incoming } = await both.call(method, requests);
        const read = rejection(collect(incoming.requests));
        assertEquals(codeOf(await aborted(incoming.signal)), "RESOURCE_EXHAUSTED");
        assertEquals(await read, "RESOURCE_EXHAUSTED");
        await assertRefused(outgoing);
        assertEquals(
          (await outgoing.status).message,
          limitExceeded("maxIdleTime", 200).message,
        );
      }
    },
  ),
  limited(
    "maxIdleTime: methods that may idle, and servers that take their time, are left alone",
    { maxIdleTime: 100 },
    async (both) => {
      const requests = new Outbox().send("a");
      const chat = await both.call(METHODS.chat, requests);
      const whole = await both.call(METHODS.upload, messages("a", "b"));
      // A call that is idle is ended meanwhile: that long they are left alone.
      for (let index = 0; index < 4; index++) {
        const idle = await both.call(METHODS.exchange, new Outbox());
        await aborted(idle.incoming.signal);
      }
      assertEquals(chat.incoming.signal.aborted, false);
      assertEquals(whole.incoming.signal.aborted, false);
      requests.end();
      for (const { incoming, outgoing } of [chat, whole]) {
        await collect(incoming.requests);
        await incoming.send(message("a"));
        incoming.end(OK);
        assertEquals(await within(outgoing.status, "the status"), OK);
      }
    },
  ),
  {
    ...limited(
      "maxIdleTime: a connection that answers no ping is closed",
      { maxIdleTime: 200 },
      async (both) => {
        using conn = await say(both.listening.port, []);
        const buffer = new Uint8Array(64 * KIB);
        const read = async () => {
          while (await conn.read(buffer).catch(() => null) !== null);
        };
        await within(read(), "the connection to be closed");
        await both.echo();
      },
    ),
    isPlain: true,
  },
  limited(
    "maxStallTime: a client that takes nothing of an answer is cut off",
    { maxStallTime: 300 },
    async (both) => {
      const { outgoing, incoming } = await both.call(METHODS.download, messages("a"));
      const answering = async () => {
        while (true) await incoming.send(message(new Uint8Array(MIB)));
      };
      const stopped = rejection(answering());
      assertEquals(codeOf(await aborted(incoming.signal)), "RESOURCE_EXHAUSTED");
      assertEquals(await stopped, "RESOURCE_EXHAUSTED");
      incoming.end(OK);
      await both.echo();
      await collect(outgoing.responses);
      assert((await outgoing.status).code !== "OK");
    },
  ),
  limited(
    "maxStallTime: a server that has nothing to send is left alone",
    { maxStallTime: 100, maxIdleTime: 100 },
    async (both) => {
      const { outgoing, incoming } = await both.call(METHODS.download, messages("a"));
      await incoming.send(message("a"));
      for (let index = 0; index < 4; index++) {
        const idle = await both.call(METHODS.exchange, new Outbox());
        await aborted(idle.incoming.signal);
      }
      assertEquals(incoming.signal.aborted, false);
      await incoming.send(message("b"));
      incoming.end(OK);
      assertEquals((await collect(outgoing.responses)).length, 2);
    },
  ),
];

/** Fails unless two connections are accepted, and one more as soon as one is closed. */
async function assertConnections(both: Started): Promise<void> {
  const second = both.connect();
  await both.echo();
  await both.echo("second", { channel: second });
  const third = both.connect();
  const refused = await rejection(third.ready({ timeout: 0 }));
  assertEquals(refused, "UNAVAILABLE");
  await both.echo();
  second.close();
  await within(ready(third), "the third channel");
  await both.echo("third", { channel: third });
}

/** Resolves when the channel is ready, however often that takes. */
async function ready(channel: Channel): Promise<void> {
  while (true) {
    try {
      return await channel.ready({ timeout: 1000 });
    } catch {
      // There was no room yet.
    }
  }
}

/** The first of these calls that has ended. */
function anyRefused(calls: OutgoingCall[]): Promise<OutgoingCall> {
  return within(
    Promise.race(calls.map((call) => call.status.then(() => call))),
    "a refusal",
  );
}
