/** Cases of the contract: a channel that connects, waits, reconnects and closes. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { StatusError } from "../../rpc/status.ts";
import type { Address } from "../../rpc/transport.ts";
import {
  aborted,
  type Case,
  collect,
  message,
  messages,
  METHODS,
  OK,
  Outbox,
  Started,
  texts,
} from "./contract.ts";
import { Relay } from "./relay.ts";
import { within } from "../helpers/waiting.ts";

/** An address where nobody listens now. */
function freeAddress(): Address & { readonly port: number } {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return { hostname: "127.0.0.1", port: taken.addr.port };
}

const headers = new CallHeaders();

export const CHANNEL_CASES: readonly Case[] = [
  {
    name: "connect does not connect yet, and one connection serves all calls",
    async run(pair) {
      await using both = await Started.open(pair);
      await using relay = new Relay(both.listening.port);
      const channel = both.connect({ address: relay.address });
      await both.echo();
      assertEquals(relay.accepted, 0);
      await within(channel.ready({ timeout: 10_000 }), "the channel");
      for (let index = 0; index < 3; index++) await both.echo("echo", { channel });
      assertEquals(relay.accepted, 1);
    },
  },
  {
    name: "ready resolves when there is a connection, and at once when there was",
    async run(pair) {
      await using both = await Started.open(pair);
      await within(both.channel.ready({ timeout: 10_000 }), "the channel");
      await within(both.channel.ready({ timeout: 0 }), "the channel");
      await both.echo();
    },
  },
  {
    name: "ready with no time tries once, and says why it has failed",
    async run(pair) {
      const channel = pair.client.connect(freeAddress(), {});
      for (let round = 0; round < 2; round++) {
        const ready = () => within(channel.ready({ timeout: 0 }), "a refusal");
        const error = await assertRejects(ready, StatusError);
        assertEquals(error.code, "UNAVAILABLE");
        assert(/refused/i.test(error.message), error.message);
      }
      channel.close();
    },
    dials: true,
  },
  {
    name: "ready gives up when its time is over, and says why",
    async run(pair) {
      const channel = pair.client.connect(freeAddress(), {});
      const ready = () => within(channel.ready({ timeout: 1000 }), "a refusal");
      const error = await assertRejects(ready, StatusError);
      assertEquals(error.code, "UNAVAILABLE");
      assert(/refused/i.test(error.message), error.message);
      channel.close();
    },
    dials: true,
  },
  {
    name: "ready gives up on a server that says nothing",
    async run(pair) {
      using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const channel = pair.client.connect(silent.addr, {});
      const ready = () => within(channel.ready({ timeout: 200 }), "a refusal");
      const error = await assertRejects(ready, StatusError);
      assertEquals(error.code, "UNAVAILABLE");
      channel.close();
    },
    dials: true,
  },
  {
    name: "ready waits for a server that starts later",
    async run(pair) {
      const address = freeAddress();
      const channel = pair.client.connect(address, {});
      await assertRejects(() => channel.ready({ timeout: 0 }), StatusError);
      const ready = channel.ready({ timeout: 15_000 });
      await using both = await Started.open(pair, { address });
      await within(ready, "the channel");
      await both.echo("echo", { channel });
      channel.close();
    },
    dials: true,
  },
  {
    name: "ready rejects with the reason of its signal",
    async run(pair) {
      using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const channel = pair.client.connect(silent.addr, {});
      const stop = new AbortController();
      const ready = channel.ready({ timeout: 60_000, signal: stop.signal });
      const reason = new Error("enough");
      stop.abort(reason);
      const error = await assertRejects(() => within(ready, "the reason"));
      assertEquals(error, reason);
      const { signal } = stop;
      await assertRejects(() => channel.ready({ timeout: 0, signal }), Error, "enough");
      channel.close();
    },
    dials: true,
  },
  {
    name: "a call that cannot be made has the status UNAVAILABLE, and nothing throws",
    async run(pair) {
      const channel = pair.client.connect(freeAddress(), {});
      for (let round = 0; round < 2; round++) {
        const call = channel.call(METHODS.exchange, new Outbox().send("a"), {
          headers,
        });
        const { code, message, isLocal } = await within(call.status, "the status");
        assertEquals([code, isLocal], ["UNAVAILABLE", true]);
        assert(/refused/i.test(message), message);
        assertEquals([...await within(call.headers, "the headers")], []);
        assertEquals(await collect(call.responses), []);
      }
      channel.close();
    },
    dials: true,
  },
  {
    name: "a channel connects again after its server was started anew",
    async run(pair) {
      const before = await Started.open(pair);
      const { address } = before;
      const channel = pair.client.connect(address, {});
      const { outgoing } = await before.call(METHODS.exchange, new Outbox(), {
        channel,
      });
      await before[Symbol.asyncDispose]();
      assertEquals((await within(outgoing.status, "it")).code, "UNAVAILABLE");
      await using after = await Started.open(pair, { address });
      await within(channel.ready({ timeout: 15_000 }), "the channel");
      await after.echo("echo", { channel });
      channel.close();
    },
    dials: true,
  },
  {
    name: "a channel connects again after its connection was cut",
    async run(pair) {
      await using both = await Started.open(pair);
      await using relay = new Relay(both.listening.port);
      const channel = both.connect({ address: relay.address });
      const requests = new Outbox();
      for (let round = 1; round <= 3; round++) {
        await within(channel.ready({ timeout: 15_000 }), "the channel");
        const { outgoing, incoming } = await both.call(METHODS.exchange, requests, {
          channel,
        });
        relay.cut();
        assertEquals((await within(outgoing.status, "it")).code, "UNAVAILABLE");
        await aborted(incoming.signal);
        assertEquals(relay.accepted, round);
      }
    },
    dials: true,
  },
  {
    name: "a closed channel lets the calls under way end, and makes no more",
    async run(pair) {
      await using both = await Started.open(pair);
      const requests = new Outbox().send("a");
      const channel = both.connect();
      const { outgoing, incoming } = await both.call(METHODS.exchange, requests, {
        channel,
      });
      channel.close();
      channel.close();
      const late = channel.call(METHODS.exchange, messages("a"), { headers });
      assertEquals((await within(late.status, "the status")).code, "CANCELLED");
      assertEquals([...await within(late.headers, "the headers")], []);
      assertEquals(await collect(late.responses), []);
      late.cancel();
      await assertRejects(() => channel.ready({ timeout: 0 }), StatusError);
      requests.send("b").end();
      assertEquals(await texts(incoming.requests), ["a", "b"]);
      await incoming.send(message("c"));
      incoming.end(OK);
      assertEquals(await texts(outgoing.responses), ["c"]);
      assertEquals(await within(outgoing.status, "the status"), OK);
      assertEquals(both.incoming.size, 0);
    },
  },
  {
    name: "a channel that is closed before it has connected still makes its calls",
    async run(pair) {
      await using both = await Started.open(pair);
      const channel = both.connect();
      const outgoing = channel.call(METHODS.exchange, messages("a"), { headers });
      channel.close();
      const incoming = await both.incoming.next();
      assertEquals(await texts(incoming.requests), ["a"]);
      incoming.end(OK);
      assertEquals(await within(outgoing.status, "the status"), OK);
    },
  },
  {
    name: "a closed channel closes its connection",
    async run(pair) {
      await using both = await Started.open(pair);
      const channel = both.connect();
      const { outgoing, incoming } = await both.call(METHODS.exchange, new Outbox(), {
        channel,
      });
      outgoing.cancel();
      await aborted(incoming.signal);
      channel.close();
      await within(both.listening.drain(), "the connection to close");
    },
    dials: true,
  },
  {
    name: "a cancel of a call that waits for a connection ends it at once",
    async run(pair) {
      using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const channel = pair.client.connect(silent.addr, {});
      const call = channel.call(METHODS.exchange, new Outbox(), { headers });
      call.cancel();
      assertEquals((await within(call.status, "the status")).code, "CANCELLED");
      const { status } = channel.call(METHODS.exchange, new Outbox(), {
        headers,
        deadline: new Date(Date.now() + 100),
      });
      assertEquals((await within(status, "it")).code, "DEADLINE_EXCEEDED");
      channel.close();
    },
    dials: true,
  },
];
