/** What strangers try, and what it costs a server. Each attack has its connection ended. */
import { assert, assertEquals } from "@std/assert";
import { joinBytes } from "../../../base/join_bytes.ts";
import { ErrorCode } from "../../../wire/http2/error_codes.ts";
import {
  FLAGS,
  FRAMES,
  type Http2Frame,
  http2Frame,
  KEPT_HEADER,
  keptHeader,
  literalHeaders,
  uint32s,
} from "../../helpers/wire/http2_bytes.ts";
import {
  callFrame,
  creditFrame,
  dataFrame,
  message,
  RawPeer,
  resetFrame,
  settingsFrame,
} from "../../helpers/wire/raw_peer.ts";
import { ECHO, ONE, WireServing } from "../../helpers/wire/wire_serving.ts";

const { HEADERS, SETTINGS, PING, CONTINUATION } = FRAMES;
const { END_STREAM, END_HEADERS } = FLAGS;
const PRIORITY = 2;
const NOTHING = new Uint8Array(0);
const EIGHT = new Uint8Array(8);

/** Frames for each number up to a count. */
function times(count: number, make: (index: number) => Http2Frame[]): Http2Frame[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat();
}

function begin(index: number): Http2Frame {
  return callFrame(2 * index + 1, ECHO.path);
}

const floods: [what: string, make: () => Http2Frame[]][] = [
  [
    "opens calls and resets them",
    () => times(5000, (index) => [begin(index), resetFrame(2 * index + 1)]),
  ],
  [
    "makes the server reset calls by a window update of 0",
    () => times(5000, (index) => [begin(index), creditFrame(2 * index + 1, 0)]),
  ],
  ["makes the server reset calls by data after the end", () =>
    times(5000, (index) => [
      callFrame(2 * index + 1, ECHO.path, { flags: END_HEADERS | END_STREAM }),
      dataFrame(2 * index + 1, EIGHT),
    ])],
  ["makes the server reset calls by malformed headers", () =>
    times(5000, (index) => [
      callFrame(2 * index + 1, ECHO.path, { headers: { connection: "close" } }),
    ])],
  ["opens more calls than it may", () => times(5000, (index) => [begin(index)])],
  ["pings", () => times(30_000, () => [{ type: PING, payload: EIGHT }])],
  ["changes its settings", () => times(30_000, () => [settingsFrame([4, 1000])])],
  ["sends empty DATA", () => [
    begin(0),
    ...times(30_000, () => [dataFrame(1, NOTHING)]),
  ]],
  ["sends DATA of padding alone", () => [
    begin(0),
    ...times(30_000, () => [dataFrame(1, new Uint8Array([2, 0, 0]), 8)]),
  ]],
  ["sends priorities", () =>
    times(30_000, () => [
      { type: PRIORITY, stream: 1, payload: new Uint8Array([0, 0, 0, 3, 1]) },
    ])],
  ["sends unknown frames", () => times(30_000, () => [{ type: 77, payload: EIGHT }])],
  ["opens its windows by one byte", () => [
    begin(0),
    ...times(15_000, () => [creditFrame(0, 1), creditFrame(1, 1)]),
  ]],
  ["resets closed streams", () => [
    callFrame(1, ECHO.path, { flags: END_HEADERS | END_STREAM }),
    ...times(30_000, () => [resetFrame(1)]),
  ]],
  ["has headers without end", () => [
    callFrame(1, ECHO.path, { flags: 0 }),
    ...times(5000, () => [
      {
        type: CONTINUATION,
        stream: 1,
        payload: literalHeaders({ x: "y".repeat(100) }),
      },
    ]),
  ]],
  ["has empty headers without end", () => [
    callFrame(1, ECHO.path, { flags: 0 }),
    ...times(5000, () => [{ type: CONTINUATION, stream: 1 }]),
  ]],
  ["has large headers without end", () => [
    callFrame(1, ECHO.path, { flags: 0 }),
    ...times(50, () => [
      { type: CONTINUATION, stream: 1, payload: new Uint8Array(1_000_000) },
    ]),
  ]],
  ["unpacks small headers to large ones", () => {
    const bomb = joinBytes([
      callFrame(1, ECHO.path).payload!,
      keptHeader("bomb", "x".repeat(3900)),
      new Uint8Array(10_000).fill(KEPT_HEADER),
    ]);
    return times(2000, (index) => [{
      type: HEADERS,
      flags: END_HEADERS | END_STREAM,
      stream: 2 * index + 1,
      payload: bomb,
    }]);
  }],
];
for (const [what, make] of floods) {
  Deno.test(`a client that ${what} is told to be calm, and others are served`, async () => {
    await using serving = await WireServing.start({
      limits: { maxConnectionCalls: 100, maxCallHeaderBytes: 65_536 },
      capacity: 10_000_000,
    });
    const frames = make();
    const client = await serving.client();
    const ended = client.end();
    const started = performance.now();
    for (let at = 0; at < frames.length; at += 1000) {
      const sent = await client.send(...frames.slice(at, at + 1000)).catch(() =>
        "lost"
      );
      if (sent === "lost") break;
    }
    assertEquals(await ended, ErrorCode.ENHANCE_YOUR_CALM);
    const took = performance.now() - started;
    assert(took < 5000, `it took ${took} ms`);
    await client.closed();
    client.socket.close();
    const other = await serving.client();
    await other.send(callFrame(1, ONE.path), dataFrame(1, message(EIGHT), END_STREAM));
    assertEquals((await other.answer(1)).headers.get("grpc-status"), "0");
    other.socket.close();
    while (serving.running > 0) await new Promise((resolve) => setTimeout(resolve));
  });
}

Deno.test("answers that a client does not read are bounded", async () => {
  await using serving = await WireServing.start({ capacity: 100 });
  const mine = serving.sockets.dial({ capacity: 100 });
  const client = await RawPeer.client(mine);
  const pings = times(3000, () => [{ type: PING, payload: EIGHT }]);
  // It does not wait for what it has written, and reads nothing.
  mine.write([joinBytes(pings.map(http2Frame))]).catch(() => {});
  assertEquals(await client.end(), ErrorCode.ENHANCE_YOUR_CALM);
  mine.close();
});

Deno.test("a client may ping as often as data flow", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  const bytes = message(new Uint8Array(2000));
  for (let index = 0; index < 12_000; index += 100) {
    await client.send(...times(100, (at) => [
      callFrame(2 * (index + at) + 1, ONE.path),
      dataFrame(2 * (index + at) + 1, bytes, END_STREAM),
      { type: PING, payload: EIGHT },
      creditFrame(0, bytes.length),
    ]));
    await client.answer(2 * (index + 99) + 1);
  }
  client.socket.close();
});

Deno.test("a client may cancel calls now and then, for as long as it likes", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  for (let index = 0; index < 3000; index++) {
    const [one, other] = [4 * index + 1, 4 * index + 3];
    await client.send(
      callFrame(one, ECHO.path),
      resetFrame(one),
      callFrame(other, ECHO.path, { flags: END_HEADERS | END_STREAM }),
    );
    await client.answer(other);
  }
  client.socket.close();
});

Deno.test("a reset call counts until its handler has ended", async () => {
  const ending = Promise.withResolvers<void>();
  await using serving = await WireServing.start({
    limits: { maxConnectionCalls: 2 },
    handler: async (call) => {
      await ending.promise;
      call.end({ code: "OK", message: "", trailers: call.headers });
    },
  });
  const client = await serving.client();
  for (const stream of [1, 3]) {
    await client.send(callFrame(stream, ECHO.path));
    while (serving.running < (stream + 1) / 2) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    await client.send(resetFrame(stream));
  }
  await client.send(callFrame(5, ECHO.path));
  assertEquals(await client.reset(5), ErrorCode.REFUSED_STREAM);
  ending.resolve();
  while (serving.running > 0) await new Promise((resolve) => setTimeout(resolve));
  await client.send(callFrame(7, "/a.B/None", { flags: END_HEADERS | END_STREAM }));
  assertEquals((await client.answer(7)).headers.get("grpc-status"), "12");
  client.socket.close();
});

Deno.test("a million of empty messages in few frames are bounded by maxArrivingBytes", async () => {
  await using serving = await WireServing.start({
    limits: { maxArrivingBytes: 1_000_000 },
    handler: (call) => new Promise((resolve) => call.signal.onabort = () => resolve()),
  });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path), dataFrame(1, new Uint8Array(1_000_000)));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "8");
  client.socket.close();
});

Deno.test("a message that is announced with 4 GiB takes no memory before it comes", async () => {
  await using serving = await WireServing.start({
    limits: { maxArrivingBytes: 2 ** 40 },
  });
  const client = await serving.client();
  const prefix = new Uint8Array([0, ...uint32s(2 ** 32 - 1)]);
  const before = Deno.memoryUsage();
  await client.send(
    ...times(100, (index) => [begin(index), dataFrame(2 * index + 1, prefix)]),
  );
  await client.send({ type: PING, payload: EIGHT });
  await client.until(PING);
  const { rss } = Deno.memoryUsage();
  assert(rss - before.rss < 100e6, `${rss - before.rss} bytes more`);
  client.socket.close();
});

Deno.test("SETTINGS of 16 KiB are read, and larger ones are not", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  const many = (count: number) => settingsFrame(...Array(count).fill([99, 1]));
  await client.send(many(2730));
  await client.until(SETTINGS);
  await client.send(many(2731));
  assertEquals(await client.end(), ErrorCode.ENHANCE_YOUR_CALM);
  client.socket.close();
});
