/** Peers that do not answer pings, and those that do. */
import { assertEquals } from "@std/assert";
import { KeepAlive } from "../../../wire/http2/keepalive.ts";
import { SAMPLES } from "../../../wire/http2/progress.ts";

/** How long a peer may take, in milliseconds. */
const TIMEOUT = 100;

/** A keepalive of a peer that is silent, and that was pinged. */
function pingSilentPeer(): {
  readonly keepAlive: KeepAlive;
  readonly lost: Promise<string>;
  readonly answer: () => void;
} {
  const lost = Promise.withResolvers<string>();
  let answer: (() => void) | undefined;
  const peer = { received: 0, ping: (answered: () => void) => answer = answered };
  const options = { timeout: TIMEOUT, lost: () => lost.resolve("lost") };
  const keepAlive = new KeepAlive(peer, options);
  for (let sample = 0; sample <= SAMPLES; sample++) keepAlive.sample();
  assertEquals(answer, undefined);
  keepAlive.sample();
  return { keepAlive, lost: lost.promise, answer: answer! };
}

/** Keeps this process from doing anything else. */
function standStill(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

Deno.test("KeepAlive loses a peer that does not answer", async () => {
  assertEquals(await pingSilentPeer().lost, "lost");
});

Deno.test("KeepAlive keeps a peer that has answered while the process stood still", async () => {
  const { lost, answer } = pingSilentPeer();
  standStill(5 * TIMEOUT);
  // What has come is read in the next turn of the event loop.
  const read = new Promise((resolve) => setTimeout(resolve, 0)).then(answer);
  const kept = new Promise((resolve) => setTimeout(resolve, 2 * TIMEOUT, "kept"));
  assertEquals(await Promise.race([lost, kept]), "kept");
  await read;
});

Deno.test("KeepAlive pings again a peer that has answered and is silent again", async () => {
  const { keepAlive, answer, lost } = pingSilentPeer();
  answer();
  keepAlive.sample();
  assertEquals(await lost, "lost");
});
