/** The limits that a server of the wire keeps, and how it ends. */
import { assert, assertEquals } from "@std/assert";
import { joinBytes } from "../../base/join_bytes.ts";
import type { TransportLimits } from "../../rpc/transport.ts";
import { ErrorCode } from "../../wire/http2/error_codes.ts";
import {
  FLAGS,
  FRAMES,
  type Http2Frame,
  PREFACE,
  uint32s,
} from "../helpers/wire/http2_bytes.ts";
import {
  callFrame,
  creditFrame,
  dataFrame,
  message,
  RawPeer,
  resetFrame,
  settingsFrame,
} from "../helpers/wire/raw_peer.ts";
import { ECHO, IDLE, OK, ONE, WireServing } from "../helpers/wire/wire_serving.ts";

const { DATA, GOAWAY, HEADERS, PING } = FRAMES;
const { ACK, END_STREAM, END_HEADERS } = FLAGS;
const NOTHING = new Uint8Array(0);
const EIGHT = new Uint8Array(8);
const INITIAL_WINDOW = 4;
const flags = END_HEADERS | END_STREAM;

/** A part of a message that is announced with a million bytes. */
function part(bytes: number): Uint8Array {
  return joinBytes([new Uint8Array([0]), uint32s(1_000_000), new Uint8Array(bytes)]);
}

/** What a client sends on stream 1 or 3 that is refused, and what it is told. */
const exceeding: [
  keyof TransportLimits,
  value: number,
  told: RegExp,
  frames: Http2Frame[],
][] = [
  ["maxMessageBytes", 1000, /exceeds 1000 bytes \(maxMessageBytes\)/, [
    callFrame(1, ECHO.path),
    dataFrame(1, part(0)),
  ]],
  ["maxRequestBytes", 1000, /exceeds 1000 bytes \(maxRequestBytes\)/, [
    callFrame(1, ONE.path),
    dataFrame(1, part(0)),
  ]],
  ["maxArrivingBytes", 1000, /exceed 1000 bytes \(maxArrivingBytes\)/, [
    callFrame(1, ECHO.path),
    dataFrame(1, part(1001)),
  ]],
  ["maxCallHeaderBytes", 1000, /exceed 1000 bytes \(maxCallHeaderBytes\)/, [
    callFrame(1, ECHO.path, {
      headers: {
        a: "x".repeat(100),
        b: "x".repeat(100),
        c: "x".repeat(100),
        d: "x".repeat(100),
        e: "x".repeat(100),
        f: "x".repeat(100),
      },
    }),
  ]],
  ["maxPeerCalls", 1, /1 from this address are running, the most \(maxPeerCalls\)/, [
    callFrame(3, ECHO.path),
    callFrame(1 + 4, ECHO.path),
  ]],
  ["maxIdleTime", 50, /sent nothing for 50 ms \(maxIdleTime\)/, [
    callFrame(1, ECHO.path),
    dataFrame(1, part(100)),
  ]],
];
for (const [limit, value, told, frames] of exceeding) {
  Deno.test(`a call that exceeds ${limit} is RESOURCE_EXHAUSTED, and says so`, async () => {
    await using serving = await WireServing.start({ limits: { [limit]: value } });
    const client = await serving.client();
    await client.send(...frames);
    const { headers } = await client.answer(limit === "maxPeerCalls" ? 5 : 1);
    assertEquals(headers.get("grpc-status"), "8");
    const text = decodeURIComponent(headers.get("grpc-message")!);
    assert(told.test(text), text);
    client.socket.close();
  });
}

Deno.test("maxArrivingBytes counts all calls together, and what ends gives room", async () => {
  await using serving = await WireServing.start({
    limits: { maxArrivingBytes: 100_000 },
    handler: (call) =>
      new Promise((resolve) => call.signal.onabort = () => resolve(call.end(OK))),
  });
  const client = await serving.client();
  const begin = (stream: number, bytes: Uint8Array) =>
    client.send(callFrame(stream, ECHO.path), dataFrame(stream, bytes));
  await begin(1, part(40_000));
  // A whole message counts as long as nobody reads it.
  await begin(3, message(new Uint8Array(40_000)));
  await begin(5, part(40_000));
  assertEquals((await client.answer(5)).headers.get("grpc-status"), "8");
  await client.send(resetFrame(1), resetFrame(3));
  await begin(7, part(40_000));
  await begin(9, part(40_000));
  await client.send({ type: PING, payload: EIGHT });
  for (let frame; (frame = await client.next())?.type !== PING;) {
    assert(frame?.type !== HEADERS, "a call was refused");
  }
  client.socket.close();
});

Deno.test("one connection more than maxConnections or maxPeerConnections is closed", async () => {
  await using serving = await WireServing.start({
    limits: { maxConnections: 3, maxPeerConnections: 2 },
  });
  const first = await serving.client();
  const second = await serving.client();
  assertEquals(await new RawPeer(serving.sockets.dial()).next(), undefined);
  const other = await RawPeer.client(serving.sockets.dial({ hostname: "10.0.0.1" }));
  assertEquals(
    await new RawPeer(serving.sockets.dial({ hostname: "10.0.0.2" })).next(),
    undefined,
  );
  first.socket.close();
  while (await new RawPeer(serving.sockets.dial()).next() === undefined);
  for (const { socket } of [second, other]) socket.close();
});

Deno.test("a call of a method that may idle waits longer than maxIdleTime", async () => {
  await using serving = await WireServing.start({ limits: { maxIdleTime: 40 } });
  const client = await serving.client();
  client.answersPings = true;
  await client.send(callFrame(1, IDLE.path), callFrame(3, ECHO.path));
  assertEquals((await client.answer(3)).headers.get("grpc-status"), "8");
  await client.send(dataFrame(1, NOTHING, END_STREAM));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  client.socket.close();
});

Deno.test("a client is not idle while the handler does something else", async () => {
  await using serving = await WireServing.start({
    limits: { maxIdleTime: 40 },
    handler: async (call) => {
      for await (const _ of call.requests) {
        await new Promise((resolve) => setTimeout(resolve, 150));
        call.end(OK);
      }
    },
  });
  const client = await serving.client();
  client.answersPings = true;
  await client.send(callFrame(1, ECHO.path), dataFrame(1, message(EIGHT)));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  client.socket.close();
});

Deno.test("a request that comes slowly, but comes, is not idle", async () => {
  await using serving = await WireServing.start({ limits: { maxIdleTime: 200 } });
  const client = await serving.client();
  client.answersPings = true;
  await client.send(callFrame(1, ONE.path));
  const answer = client.answer(1);
  for (const byte of message(EIGHT)) {
    await new Promise((resolve) => setTimeout(resolve, 40));
    await client.send(dataFrame(1, new Uint8Array([byte])));
  }
  await client.send(dataFrame(1, NOTHING, END_STREAM));
  assertEquals((await answer).headers.get("grpc-status"), "0");
  client.socket.close();
});

Deno.test("a client that takes nothing of an answer for maxStallTime is told so", async () => {
  await using serving = await WireServing.start({
    limits: { maxStallTime: 40 },
    handler: async (call) => {
      const bytes = new Uint8Array(1_000_000);
      while (true) await call.send({ length: bytes.length, parts: [bytes] });
    },
  });
  const client = await serving.client([INITIAL_WINDOW, 1000]);
  await client.send(callFrame(1, ECHO.path, { flags }));
  const { headers } = await client.answer(1);
  assertEquals(headers.get("grpc-status"), "8");
  assert(/maxStallTime/.test(headers.get("grpc-message")!));
  client.socket.close();
});

Deno.test("an answer that has ended, but is not taken, is reset after maxStallTime", async () => {
  await using serving = await WireServing.start({
    limits: { maxStallTime: 40 },
    handler: (call) => {
      call.send({ length: 9000, parts: [new Uint8Array(9000)] });
      call.end(OK);
    },
  });
  const client = await serving.client([INITIAL_WINDOW, 1000]);
  await client.send(callFrame(1, ECHO.path, { flags }));
  assertEquals(await client.reset(1), ErrorCode.ENHANCE_YOUR_CALM);
  client.socket.close();
});

Deno.test("a connection whose client reads nothing is closed after maxStallTime", async () => {
  await using serving = await WireServing.start({
    capacity: 1000,
    limits: { maxStallTime: 40 },
    handler: (call) => call.send({ length: 99_000, parts: [new Uint8Array(99_000)] }),
  });
  const mine = serving.sockets.dial();
  const client = await RawPeer.client(mine, [INITIAL_WINDOW, 1_000_000]);
  await client.send(callFrame(1, ECHO.path, { flags }));
  await mine.otherClosed;
  mine.close();
});

const silent: [string, Uint8Array | undefined][] = [
  ["nothing", undefined],
  ["half a preface", PREFACE.subarray(0, 10)],
  ["the preface alone", PREFACE],
];
for (const [what, bytes] of silent) {
  Deno.test(`a connection is closed when its client says ${what}`, async () => {
    await using serving = await WireServing.start({ limits: { maxIdleTime: 50 } });
    const mine = serving.sockets.dial();
    if (bytes !== undefined) await mine.write([bytes]);
    await mine.otherClosed;
    mine.close();
  });
}

Deno.test("a connection is closed when its client does not answer a ping", async () => {
  await using serving = await WireServing.start({ limits: { maxIdleTime: 50 } });
  const client = await serving.client();
  await client.until(PING, { flags: 0 });
  const started = performance.now();
  await client.closed();
  const took = performance.now() - started;
  assert(took > 900 && took < 15_000, `${took} ms`);
  client.socket.close();
});

Deno.test("a silent connection stays as long as its client answers pings", async () => {
  await using serving = await WireServing.start({ limits: { maxIdleTime: 50 } });
  const client = await serving.client();
  for (let count = 0; count < 10; count++) {
    const { payload } = await client.until(PING, { flags: 0 });
    await client.send({ type: PING, flags: ACK, payload });
  }
  await client.send(callFrame(1, "/a.B/None", { flags }));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "12");
  client.socket.close();
});

Deno.test("drain() says GOAWAY twice, takes what was on its way, and waits for calls", async () => {
  const going = Promise.withResolvers<void>();
  await using serving = await WireServing.start({
    handler: async (call) => {
      await going.promise;
      call.end(OK);
    },
  });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path));
  while (serving.running === 0) await new Promise((resolve) => setTimeout(resolve));
  let isDrained = false;
  const drained = serving.listening.drain().then(() => isDrained = true);
  const first = await client.until(GOAWAY);
  assertEquals(first.payload, uint32s(2 ** 31 - 1, 0));
  const { payload } = await client.until(PING);
  await client.send(callFrame(3, ECHO.path), { type: PING, flags: ACK, payload });
  assertEquals((await client.until(GOAWAY)).payload, uint32s(3, 0));
  await client.send(callFrame(5, ECHO.path));
  going.resolve();
  const streams = [];
  for (let frame; (frame = await client.next()) !== undefined;) {
    if (frame.type === HEADERS) streams.push(frame.stream);
  }
  assertEquals(streams, [1, 3]);
  assert(!isDrained, "it waits until the client has hung up");
  client.socket.close();
  await drained;
  assertEquals(serving.calls.length, 2);
});

Deno.test("drain() waits until a slow client has read a large answer", async () => {
  const bytes = new Uint8Array(1_000_000);
  await using serving = await WireServing.start({
    capacity: 1000,
    handler: async (call) => {
      await call.send({ length: bytes.length, parts: [bytes] });
      call.end(OK);
    },
  });
  const client = await serving.client([INITIAL_WINDOW, 10_000_000]);
  await client.send(creditFrame(0, 10_000_000), callFrame(1, ECHO.path, { flags }));
  const first = await client.until(DATA);
  const drained = serving.listening.drain();
  // Longer than the server waits for a client that was told everything.
  await new Promise((resolve) => setTimeout(resolve, 1500));
  let received = first.payload.length;
  for (let frame; (frame = await client.next()) !== undefined;) {
    if (frame.type === DATA) received += frame.payload.length;
  }
  assertEquals(received, 5 + bytes.length);
  client.socket.close();
  await drained;
});

Deno.test("drain() does not wait long for clients that do not hang up, or say nothing", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  const mute = serving.sockets.dial();
  const started = performance.now();
  await serving.listening.drain();
  assert(performance.now() - started < 15_000);
  client.socket.close();
  mute.close();
});

Deno.test("a client that says GOAWAY has its calls answered, and the connection closed", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  await client.send(
    callFrame(1, ECHO.path),
    { type: GOAWAY, payload: EIGHT },
    dataFrame(1, message(EIGHT), END_STREAM),
  );
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  await client.closed();
  client.socket.close();
});

Deno.test("drain() leaves a client alone that hangs up already", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  await client.send({ type: GOAWAY, payload: EIGHT });
  await client.closed();
  const drained = serving.listening.drain();
  client.socket.close();
  // A timer of the first end that went on would be found by the test's sanitizer.
  await drained;
});

Deno.test("close() cancels running calls", async () => {
  const serving = await WireServing.start();
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path), settingsFrame());
  while (serving.running === 0) await new Promise((resolve) => setTimeout(resolve));
  await serving.listening.close();
  assertEquals(serving.calls[0].signal.reason.code, "CANCELLED");
  client.socket.close();
});
