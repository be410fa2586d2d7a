/** A client's connection: made when needed, made again, shared and left. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { StatusError } from "../../rpc/status.ts";
import { FLAGS, FRAMES, uint32s } from "../helpers/wire/http2_bytes.ts";
import { resetFrame, settingsFrame } from "../helpers/wire/raw_peer.ts";
import { answerFrames, outcome, RawServer } from "../helpers/wire/raw_server.ts";
import { ECHO, ONE } from "../helpers/wire/wire_serving.ts";

const { DATA, GOAWAY, HEADERS, PING } = FRAMES;
const { ACK } = FLAGS;
const MAX_CONCURRENT_STREAMS = 3;
const REFUSED_STREAM = 7;
const LARGE = 100_000;

Deno.test("ready() connects, and resolves when HTTP/2 is spoken", async () => {
  using server = new RawServer();
  assertEquals(server.attempts, 0);
  let isReady = false;
  const ready = server.channel.ready({ timeout: 5000 }).then(() => isReady = true);
  const socket = await server.accept();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert(!isReady);
  await socket.write([new Uint8Array([0, 0, 0, 4, 0, 0, 0, 0, 0])]);
  await ready;
  await server.channel.ready({ timeout: 0 });
  assertEquals(server.attempts, 1);
});

Deno.test("ready() with timeout 0 tries once, and says why there is no connection", async () => {
  using server = new RawServer();
  server.isDown = true;
  const error = await assertRejects(
    () => server.channel.ready({ timeout: 0 }),
    StatusError,
  );
  assertEquals(error.code, "UNAVAILABLE");
  assertEquals(error.message, "Cannot connect to raw.example:1: connection refused");
  assertEquals(server.attempts, 1);
});

Deno.test("ready() tries again until its time is over, or the server is there", async () => {
  using server = new RawServer();
  server.isDown = true;
  await assertRejects(
    () => server.channel.ready({ timeout: 1000 }),
    StatusError,
    "refused",
  );
  assert(server.attempts > 1, `${server.attempts}`);
  const ready = server.channel.ready({ timeout: 5000 });
  server.isDown = false;
  const peer = await server.peer();
  await ready;
  peer.socket.close();
});

Deno.test("ready() says that nothing has come, when nothing has", async () => {
  using server = new RawServer();
  const rejected = assertRejects(
    () => server.channel.ready({ timeout: 50 }),
    StatusError,
    "no answer within 50 ms",
  );
  await server.accept();
  await rejected;
});

Deno.test("ready() gives up with its signal's reason, or when the channel is closed", async () => {
  using server = new RawServer();
  const reason = new Error("enough");
  const signal = AbortSignal.abort(reason);
  await assertRejects(
    () => server.channel.ready({ timeout: 5000, signal }),
    Error,
    "enough",
  );
  const later = new AbortController();
  const rejected = assertRejects(
    () => server.channel.ready({ timeout: 5000, signal: later.signal }),
    Error,
    "enough",
  );
  await server.accept();
  later.abort(reason);
  await rejected;
  const closed = assertRejects(
    () => server.channel.ready({ timeout: 5000 }),
    StatusError,
    "closed",
  );
  server.channel.close();
  await closed;
});

const notHttp2: [string, string, RegExp][] = [
  ["HTTP/1", "HTTP/1.1 400 Bad Request\r\n\r\n", /HTTP\/1, and does not speak HTTP\/2/],
  ["nothing, and hangs up", "", /closed the connection/],
  ["something else", "220 mail.example ESMTP ready to serve\r\n", /frame|SETTINGS/],
];
for (const [what, text, told] of notHttp2) {
  Deno.test(`a call of a server that says ${what} is UNAVAILABLE, and says so`, async () => {
    using server = new RawServer();
    const call = server.call(ONE, [1]);
    const socket = await server.accept();
    if (text !== "") await socket.write([new TextEncoder().encode(text)]);
    await socket.closeWrite();
    const [, code, message] = await outcome(call);
    assertEquals(code, "UNAVAILABLE");
    assert(told.test(message), message);
  });
}

Deno.test("a call without a server is UNAVAILABLE, and the next one tries again later", async () => {
  using server = new RawServer();
  server.isDown = true;
  const { code, isLocal } = await server.call(ONE, [1]).status;
  assertEquals([code, isLocal], ["UNAVAILABLE", true]);
  // Too early for another attempt.
  assertEquals((await server.call(ONE, [1]).status).code, "UNAVAILABLE");
  assertEquals(server.attempts, 1);
  server.isDown = false;
  await new Promise((resolve) => setTimeout(resolve, 60));
  const call = server.call(ONE, [1]);
  const peer = await server.peer();
  await peer.until(DATA);
  await peer.send(...answerFrames(1));
  assertEquals((await call.status).code, "OK");
});

Deno.test("calls are lost with their connection, and the next one has a new one", async () => {
  using server = new RawServer();
  const calls = [server.call(ECHO), server.call(ECHO)];
  const peer = await server.peer();
  await peer.until(HEADERS, { stream: 3 });
  peer.socket.close();
  for (const call of calls) {
    const [, code, message] = await outcome(call);
    assertEquals(code, "UNAVAILABLE");
    assert(message.includes("connection to raw.example:1 was lost"), message);
  }
  const again = server.call(ONE, [1]);
  const next = await server.peer();
  await next.until(DATA);
  await next.send(...answerFrames(1));
  assertEquals((await again.status).code, "OK");
});

Deno.test("calls wait, in order, for the server's limit of streams", async () => {
  using server = new RawServer();
  const calls = [1, 2, 3, 4].map((size) => server.call(ONE, [size]));
  const peer = await server.peer([MAX_CONCURRENT_STREAMS, 2]);
  for (const stream of [1, 3]) await peer.until(DATA, { stream });
  await peer.send({ type: PING, payload: new Uint8Array(8) });
  assertEquals((await peer.next())?.type, PING);
  for (const stream of [3, 1, 5, 7]) {
    await peer.send(...answerFrames(stream));
    if (stream === 3 || stream === 1) {
      const { payload } = await peer.until(DATA);
      assertEquals(payload.length, 5 + (stream === 3 ? 3 : 4));
    }
  }
  for (const call of calls) assertEquals((await call.status).code, "OK");
});

Deno.test("a setting that allows more streams lets calls go that wait", async () => {
  using server = new RawServer();
  const call = server.call(ONE, [1]);
  const peer = await server.peer([MAX_CONCURRENT_STREAMS, 0]);
  await peer.send(settingsFrame([MAX_CONCURRENT_STREAMS, 1]));
  await peer.until(DATA);
  await peer.send(...answerFrames(1));
  assertEquals((await call.status).code, "OK");
});

Deno.test("a call that the server refuses is made again, with its messages", async () => {
  using server = new RawServer();
  const call = server.call(ECHO, [10, 20]);
  const peer = await server.peer();
  for (const stream of [1, 3]) {
    let bytes = 0;
    for (let frame; (frame = await peer.until(DATA, { stream })).flags === 0;) {
      bytes += frame.payload.length;
    }
    assertEquals(bytes, 40);
    if (stream === 1) await peer.send(resetFrame(1, REFUSED_STREAM));
  }
  await peer.send(...answerFrames(3));
  assertEquals((await call.status).code, "OK");
});

Deno.test("a call that is always refused, or has sent much, is UNAVAILABLE", async () => {
  using server = new RawServer();
  const small = server.call(ONE, [1]);
  const peer = await server.peer();
  for (let stream = 1; stream < 10; stream += 2) {
    await peer.until(DATA, { stream });
    await peer.send(resetFrame(stream, REFUSED_STREAM));
  }
  assertEquals((await small.status).code, "UNAVAILABLE");
  const large = server.call(ONE, [LARGE]);
  await peer.until(DATA, { stream: 11 });
  await peer.send(resetFrame(11, REFUSED_STREAM));
  const [, code, message] = await outcome(large);
  assertEquals(code, "UNAVAILABLE");
  assert(message.includes("REFUSED_STREAM"), message);
});

Deno.test("GOAWAY: calls that were begun end well, others are made over a new connection", async () => {
  using server = new RawServer();
  const [first, second] = [server.call(ECHO, [1]), server.call(ECHO, [2])];
  const peer = await server.peer();
  await peer.until(HEADERS, { stream: 3 });
  await peer.send({ type: GOAWAY, payload: uint32s(1, 0) });
  const third = server.call(ECHO, [3]);
  const next = await server.peer();
  const sizes = [];
  for (let count = 0; count < 2; count++) {
    const { stream } = await next.until(HEADERS);
    sizes.push((await next.until(DATA, { stream })).payload.length - 5);
    await next.send(...answerFrames(stream));
  }
  assertEquals(sizes.sort(), [2, 3]);
  await peer.send(...answerFrames(1));
  for (const call of [first, second, third]) {
    assertEquals((await call.status).code, "OK");
  }
  await peer.closed();
});

Deno.test("a server that always leaves at once is not asked again and again", async () => {
  using server = new RawServer();
  const call = server.call(ONE, [1]);
  const peer = await server.peer([MAX_CONCURRENT_STREAMS, 0]);
  peer.socket.close();
  assertEquals((await call.status).code, "UNAVAILABLE");
  assertEquals(server.attempts, 1);
});

Deno.test("close() makes the calls that wait, no others, and hangs up", async () => {
  using server = new RawServer();
  const running = server.call(ONE, [1]);
  const peer = await server.peer([MAX_CONCURRENT_STREAMS, 1]);
  const waiting = server.call(ONE, [1]);
  await peer.until(DATA);
  server.channel.close();
  const { code } = await server.call(ONE, [1]).status;
  assertEquals(code, "CANCELLED");
  await peer.send(...answerFrames(1));
  assertEquals((await running.status).code, "OK");
  await peer.until(GOAWAY);
  await peer.until(DATA, { stream: 3 });
  await peer.send(...answerFrames(3));
  assertEquals((await waiting.status).code, "OK");
  await peer.closed();
});

Deno.test("a silent server is pinged while calls run, and lost when it does not answer", async () => {
  using server = new RawServer({ keepaliveTime: 40, keepaliveTimeout: 100 });
  const call = server.call(ECHO);
  const peer = await server.peer();
  for (let count = 0; count < 3; count++) {
    const { payload } = await peer.until(PING, { flags: 0 });
    await peer.send({ type: PING, flags: ACK, payload });
  }
  const [, code, message] = await outcome(call);
  assertEquals(code, "UNAVAILABLE");
  assert(message.includes("does not answer a ping"), message);
});

Deno.test("a server is not pinged while no call runs", async () => {
  using server = new RawServer({ keepaliveTime: 20, keepaliveTimeout: 100 });
  const ready = server.channel.ready({ timeout: 5000 });
  const peer = await server.peer();
  await ready;
  await new Promise((resolve) => setTimeout(resolve, 100));
  await peer.send({ type: PING, payload: new Uint8Array(8) });
  const ping = await peer.until(PING);
  assertEquals(ping.flags, ACK);
});

Deno.test("a call with a header that cannot be sent has a status, and throws nothing", async () => {
  using server = new RawServer();
  const headers = new CallHeaders();
  headers.receive([["x-bad", "a\nb"]]);
  const call = server.call(ONE, [1], { headers });
  await server.peer();
  assertEquals((await call.status).code, "INTERNAL");
});
