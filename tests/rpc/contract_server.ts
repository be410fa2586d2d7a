/** Cases of the contract: a server that listens, drains and closes. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { lookup } from "node:dns/promises";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type { TransportLimits } from "../../rpc/transport.ts";
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
  Started,
  texts,
} from "./contract.ts";
import { within } from "../helpers/waiting.ts";

/** Every limit, with a value that no case reaches. */
const LIMITS: TransportLimits = {
  maxMessageBytes: 1e8,
  maxRequestBytes: 1e8,
  maxArrivingBytes: 1e8,
  maxConnectionCalls: 1000,
  maxCallHeaderBytes: 100_000,
  maxConnections: 1000,
  maxPeerConnections: 1000,
  maxPeerCalls: 1000,
  maxIdleTime: 3_600_000,
  maxStallTime: 3_600_000,
};

export const SERVER_CASES: readonly Case[] = [
  {
    name:
      "a limit that a server can keep is accepted, any other refused by a TypeError",
    async run(pair) {
      const kept: readonly string[] = pair.server.limits;
      for (const [name, most] of Object.entries(LIMITS)) {
        const limits = { [name]: most };
        if (kept.includes(name)) {
          await using both = await Started.open(pair, { limits });
          await both.echo();
        } else {
          const opening = () => Started.open(pair, { limits });
          await assertRejects(opening, TypeError, name);
        }
      }
    },
  },
  {
    name: "a server listens on every address of its host",
    async run(pair) {
      const address = { hostname: "localhost", port: 0 };
      await using both = await Started.open(pair, { address });
      const { port, loopback } = both.listening;
      assertEquals(loopback, true);
      const found = await lookup("localhost", { all: true });
      for (const hostname of ["localhost", ...found.map(({ address }) => address)]) {
        const channel = both.connect({ address: { hostname, port } });
        await both.echo("echo", { channel });
      }
    },
  },
  {
    name: "a server says whether only this machine reaches it",
    async run(pair) {
      const everywhere = { hostname: "0.0.0.0", port: 0 };
      await using all = await Started.open(pair, { address: everywhere });
      assertEquals(all.listening.loopback, false);
      await using local = await Started.open(pair);
      assertEquals(local.listening.loopback, true);
      assert(local.listening.port > 0);
    },
  },
  {
    name: "a server counts the connections that are open",
    async run(pair) {
      await using both = await Started.open(pair);
      const { listening } = both;
      await both.echo("one");
      assertEquals(listening.connections, 1);
      const channel = both.connect();
      await both.echo("two", { channel });
      assertEquals(listening.connections, 2);
    },
  },
  {
    name: "a server listens on a Unix socket",
    async run(pair) {
      const directory = await Deno.makeTempDir();
      try {
        const address = { path: `${directory}/socket` };
        await using both = await Started.open(pair, { address });
        assertEquals([both.listening.port, both.listening.loopback], [0, true]);
        const { outgoing, incoming } = await both.call(METHODS.exchange);
        assertEquals(incoming.peer, "unix:");
        incoming.end(OK);
        assertEquals(await within(outgoing.status, "the status"), OK);
      } finally {
        await Deno.remove(directory, { recursive: true });
      }
    },
  },
  {
    name: "listen rejects with an Error when an address cannot be had",
    async run(pair) {
      await using both = await Started.open(pair);
      const taken = () => Started.open(pair, { address: both.address });
      await assertRejects(taken, Error, "the port is in use");
      const nowhere = { hostname: "no-such-host.invalid", port: 0 };
      const lost = () => Started.open(pair, { address: nowhere });
      await assertRejects(lost, Error, "there is no such host");
      await both.echo();
    },
  },
  {
    name: "setTls rejects with a TypeError when there is no TLS",
    isPlain: true,
    async run(pair) {
      await using both = await Started.open(pair);
      const tls = { certificates: [] };
      await assertRejects(() => both.listening.setTls(tls), TypeError);
      await both.echo();
    },
  },
  {
    name: "drain waits until the running calls have ended and their clients were told",
    async run(pair) {
      await using both = await Started.open(pair);
      const requests = new Outbox().send("a");
      const { outgoing, incoming } = await both.call(METHODS.exchange, requests);
      let isDrained = false;
      const drained = both.listening.drain().then(() => isDrained = true);
      const reader = incoming.requests[Symbol.asyncIterator]();
      await within(reader.next(), "a request");
      requests.send("b").end();
      await within(reader.next(), "a request that came while it drained");
      assertEquals((await within(reader.next(), "the half-close")).done, true);
      assertEquals(isDrained, false);
      const responses = texts(outgoing.responses);
      await incoming.send(message("last words"));
      incoming.end(OK);
      assertEquals(await responses, ["last words"]);
      assertEquals(await within(outgoing.status, "the status"), OK);
      await within(drained, "the server to drain");
      assertEquals(incoming.signal.aborted, false);
    },
  },
  {
    name: "a server that drains accepts no new calls",
    async run(pair) {
      await using both = await Started.open(pair);
      const { outgoing, incoming } = await both.call(METHODS.exchange);
      const drained = both.listening.drain();
      await goesAway(both);
      const late = both.connect().call(METHODS.exchange, messages("a"), {
        headers: new CallHeaders(),
      });
      assertEquals((await within(late.status, "the status")).code, "UNAVAILABLE");
      assertEquals(both.incoming.size, 0);
      incoming.end(OK);
      assertEquals(await within(outgoing.status, "the status"), OK);
      await within(drained, "the server to drain");
    },
    dials: true,
  },
  {
    name:
      "what was sent before a server drained is read in full by a client that waits",
    async run(pair) {
      for (let round = 0; round < 10; round++) {
        await using both = await Started.open(pair);
        const { outgoing, incoming } = await both.call(METHODS.download, messages("a"));
        const read = collect(outgoing.responses);
        for (let index = 0; index < 20; index++) {
          await incoming.send(message(new Uint8Array(100_000)));
        }
        incoming.end(OK);
        await within(both.listening.drain(), "the server to drain");
        assertEquals((await read).length, 20);
        assertEquals(await outgoing.status, OK);
      }
    },
  },
  {
    name: "drain needs no client to hang up, and no calls",
    async run(pair) {
      await using both = await Started.open(pair);
      await both.echo();
      using _ = await Deno.connect({
        hostname: "127.0.0.1",
        port: both.listening.port,
      });
      await both.echo();
      await within(both.listening.drain(), "the server to drain");
    },
    dials: true,
  },
  {
    name: "close ends every call: its signal with CANCELLED, its client UNAVAILABLE",
    async run(pair) {
      await using both = await Started.open(pair);
      const calls = await Promise.all(
        Array.from(
          { length: 3 },
          () => both.call(METHODS.exchange, new Outbox().send("a")),
        ),
      );
      await within(Promise.resolve(both.listening.close()), "the server to close");
      for (const { outgoing, incoming } of calls) {
        assertEquals(codeOf(await aborted(incoming.signal)), "CANCELLED");
        const { code, isLocal } = await within(outgoing.status, "the status");
        assertEquals([code, isLocal], ["UNAVAILABLE", true]);
        assertEquals(await collect(outgoing.responses), []);
      }
    },
    dials: true,
  },
  {
    name: "close may follow drain, and be called twice",
    async run(pair) {
      await using both = await Started.open(pair);
      await both.echo();
      await within(both.listening.drain(), "the server to drain");
      await both.listening.close();
      await both.listening.close();
    },
    dials: true,
  },
];

/** Waits until the server's port refuses connections. */
async function goesAway(both: Started): Promise<void> {
  const { port } = both.listening;
  const dial = () => Deno.connect({ hostname: "127.0.0.1", port });
  const refused = async () => {
    while (true) {
      try {
        (await dial()).close();
      } catch {
        return;
      }
    }
  };
  await within(refused(), "the server to accept no more");
}
