/** The rules of a connection that a server keeps, and asks its clients to keep. */
import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../../wire/http2/error_codes.ts";
import {
  FLAGS,
  FRAMES,
  type Http2Frame,
  PREFACE,
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

const {
  DATA,
  HEADERS,
  RST_STREAM,
  SETTINGS,
  PING,
  GOAWAY,
  WINDOW_UPDATE,
  CONTINUATION,
} = FRAMES;
const { END_STREAM, ACK, END_HEADERS } = FLAGS;
const PRIORITY = 2;
const PUSH_PROMISE = 5;
const PADDED = 8;
const EIGHT = new Uint8Array(8);
const {
  PROTOCOL_ERROR,
  FLOW_CONTROL_ERROR,
  STREAM_CLOSED,
  FRAME_SIZE_ERROR,
  COMPRESSION_ERROR,
} = ErrorCode;

const BEGIN = callFrame(1, ECHO.path);
const PAST_WINDOW = 2 ** 31 - 1;

/** What a client does, and the code with which the server ends the connection. */
const connectionErrors: [what: string, code: number, frames: Http2Frame[]][] = [
  ["frames larger than announced", FRAME_SIZE_ERROR, [
    dataFrame(1, new Uint8Array(1024 * 1024 + 1)),
  ]],
  ["DATA on stream 0", PROTOCOL_ERROR, [dataFrame(0, EIGHT)]],
  ["DATA on a stream that is idle", PROTOCOL_ERROR, [dataFrame(1, EIGHT)]],
  ["padding larger than its DATA", PROTOCOL_ERROR, [
    BEGIN,
    dataFrame(1, new Uint8Array([9, 1, 2]), PADDED),
  ]],
  ["padding without its length", PROTOCOL_ERROR, [
    BEGIN,
    dataFrame(1, new Uint8Array(0), PADDED),
  ]],
  ["padding larger than its HEADERS", PROTOCOL_ERROR, [
    { type: HEADERS, flags: PADDED | END_HEADERS, stream: 1, payload: EIGHT.fill(99) },
  ]],
  ["HEADERS on stream 0", PROTOCOL_ERROR, [callFrame(0, ECHO.path)]],
  ["HEADERS on an even stream", PROTOCOL_ERROR, [callFrame(2, ECHO.path)]],
  ["a stream lower than one before", PROTOCOL_ERROR, [
    callFrame(5, ECHO.path),
    callFrame(3, ECHO.path),
  ]],
  ["headers that are no HPACK", COMPRESSION_ERROR, [
    {
      type: HEADERS,
      flags: END_HEADERS,
      stream: 1,
      payload: new Uint8Array([0xff, 0xff]),
    },
  ]],
  ["headers that are no HPACK, of a stream that is refused", COMPRESSION_ERROR, [
    callFrame(1, "/a.B/None", { flags: END_HEADERS | END_STREAM }),
    {
      type: HEADERS,
      flags: END_HEADERS,
      stream: 3,
      payload: new Uint8Array([0xff, 0xff]),
    },
  ]],
  ["a frame inside a block of headers", PROTOCOL_ERROR, [
    callFrame(1, ECHO.path, { flags: 0 }),
    { type: PING, payload: new Uint8Array(8) },
  ]],
  ["an unknown frame inside a block of headers", PROTOCOL_ERROR, [
    callFrame(1, ECHO.path, { flags: 0 }),
    { type: 99, stream: 1 },
  ]],
  ["CONTINUATION of another stream", PROTOCOL_ERROR, [
    callFrame(1, ECHO.path, { flags: 0 }),
    { type: CONTINUATION, flags: END_HEADERS, stream: 3 },
  ]],
  ["CONTINUATION without HEADERS", PROTOCOL_ERROR, [
    { type: CONTINUATION, flags: END_HEADERS, stream: 1 },
  ]],
  ["PRIORITY on stream 0", PROTOCOL_ERROR, [{
    type: PRIORITY,
    payload: new Uint8Array(5),
  }]],
  ["RST_STREAM on stream 0", PROTOCOL_ERROR, [resetFrame(0)]],
  ["RST_STREAM on a stream that is idle", PROTOCOL_ERROR, [resetFrame(1)]],
  ["RST_STREAM of three bytes", FRAME_SIZE_ERROR, [
    BEGIN,
    { type: RST_STREAM, stream: 1, payload: new Uint8Array(3) },
  ]],
  ["SETTINGS on a stream", PROTOCOL_ERROR, [{ type: SETTINGS, stream: 1 }]],
  ["SETTINGS of seven bytes", FRAME_SIZE_ERROR, [
    { type: SETTINGS, payload: new Uint8Array(7) },
  ]],
  ["an ACK of SETTINGS with a payload", FRAME_SIZE_ERROR, [
    { type: SETTINGS, flags: ACK, payload: new Uint8Array(6) },
  ]],
  ["ENABLE_PUSH of 2", PROTOCOL_ERROR, [settingsFrame([2, 2])]],
  ["INITIAL_WINDOW_SIZE of 2^31", FLOW_CONTROL_ERROR, [settingsFrame([4, 2 ** 31])]],
  ["MAX_FRAME_SIZE of 16383", PROTOCOL_ERROR, [settingsFrame([5, 16_383])]],
  ["MAX_FRAME_SIZE of 2^24", PROTOCOL_ERROR, [settingsFrame([5, 2 ** 24])]],
  ["PUSH_PROMISE", PROTOCOL_ERROR, [
    { type: PUSH_PROMISE, stream: 1, payload: new Uint8Array(8) },
  ]],
  ["PING on a stream", PROTOCOL_ERROR, [
    { type: PING, stream: 1, payload: new Uint8Array(8) },
  ]],
  ["PING of nine bytes", FRAME_SIZE_ERROR, [{
    type: PING,
    payload: new Uint8Array(9),
  }]],
  ["GOAWAY on a stream", PROTOCOL_ERROR, [
    { type: GOAWAY, stream: 1, payload: new Uint8Array(8) },
  ]],
  ["GOAWAY of four bytes", FRAME_SIZE_ERROR, [
    { type: GOAWAY, payload: new Uint8Array(4) },
  ]],
  ["WINDOW_UPDATE of 0 for the connection", PROTOCOL_ERROR, [creditFrame(0, 0)]],
  ["WINDOW_UPDATE of three bytes", FRAME_SIZE_ERROR, [
    { type: WINDOW_UPDATE, payload: new Uint8Array(3) },
  ]],
  ["WINDOW_UPDATE on a stream that is idle", PROTOCOL_ERROR, [creditFrame(1, 1)]],
  ["a window of the connection above 2^31 - 1", FLOW_CONTROL_ERROR, [
    creditFrame(0, PAST_WINDOW),
  ]],
  ["a window of an open stream above 2^31 - 1 by SETTINGS", FLOW_CONTROL_ERROR, [
    BEGIN,
    creditFrame(1, 2 ** 31 - 1 - 65_535),
    settingsFrame([4, 65_536]),
  ]],
];
for (const [what, code, frames] of connectionErrors) {
  Deno.test(`a server ends a connection with its code after ${what}`, async () => {
    await using serving = await WireServing.start();
    const client = await serving.client();
    await client.send(...frames);
    assertEquals(await client.end(), code);
    await client.closed();
    client.socket.close();
  });
}

/** What a client does, and the code with which the server resets stream 1. */
const streamErrors: [what: string, code: number, frames: Http2Frame[]][] = [
  ["WINDOW_UPDATE of 0", PROTOCOL_ERROR, [BEGIN, creditFrame(1, 0)]],
  ["a window above 2^31 - 1", FLOW_CONTROL_ERROR, [BEGIN, creditFrame(1, PAST_WINDOW)]],
  ["PRIORITY of four bytes", FRAME_SIZE_ERROR, [
    BEGIN,
    { type: PRIORITY, stream: 1, payload: new Uint8Array(4) },
  ]],
  ["a stream that depends on itself", PROTOCOL_ERROR, [
    BEGIN,
    { type: PRIORITY, stream: 1, payload: new Uint8Array([0, 0, 0, 1, 9]) },
  ]],
  ["trailers that are not the end", PROTOCOL_ERROR, [
    BEGIN,
    { type: HEADERS, flags: END_HEADERS, stream: 1 },
  ]],
  ["trailers with a pseudo-header", PROTOCOL_ERROR, [
    BEGIN,
    callFrame(1, ECHO.path, { flags: END_HEADERS | END_STREAM }),
  ]],
  ["DATA after the end", STREAM_CLOSED, [
    callFrame(1, ECHO.path),
    dataFrame(1, message(EIGHT), END_STREAM),
    dataFrame(1, EIGHT),
  ]],
  ["HEADERS after the end", STREAM_CLOSED, [
    BEGIN,
    dataFrame(1, message(EIGHT), END_STREAM),
    { type: HEADERS, flags: END_HEADERS | END_STREAM, stream: 1 },
  ]],
  ["fewer bytes than content-length", PROTOCOL_ERROR, [
    callFrame(1, ECHO.path, { headers: { "content-length": "14" } }),
    dataFrame(1, message(EIGHT), END_STREAM),
  ]],
  ["no bytes where content-length has some", PROTOCOL_ERROR, [
    callFrame(1, ECHO.path, {
      flags: END_HEADERS | END_STREAM,
      headers: { "content-length": "14" },
    }),
  ]],
  ["two methods in its headers", PROTOCOL_ERROR, [
    callFrame(1, ECHO.path, { headers: { ":Method": "POST" } }),
  ]],
  ["upper case in its headers", PROTOCOL_ERROR, [
    callFrame(1, ECHO.path, { headers: { "X-Upper": "1" } }),
  ]],
  ["a header of HTTP/1", PROTOCOL_ERROR, [
    callFrame(1, ECHO.path, { headers: { connection: "close" } }),
  ]],
];
for (const [what, code, frames] of streamErrors) {
  Deno.test(`a server resets a stream with its code, and no other, after ${what}`, async () => {
    await using serving = await WireServing.start({
      handler: (call) =>
        new Promise((resolve) => call.signal.onabort = () => resolve()),
    });
    const client = await serving.client();
    await client.send(...frames);
    assertEquals(await client.reset(1), code);
    await client.send(callFrame(3, "/a.B/None", { flags: END_HEADERS | END_STREAM }));
    assertEquals((await client.answer(3)).headers.get("grpc-status"), "12");
    client.socket.close();
  });
}

Deno.test("a server says its SETTINGS first, and wide windows", async () => {
  await using serving = await WireServing.start({
    limits: { maxConnectionCalls: 77, maxCallHeaderBytes: 8192 },
  });
  const client = new RawPeer(serving.sockets.dial());
  const first = await client.next();
  assertEquals([first?.type, first?.flags, first?.stream], [SETTINGS, 0, 0]);
  const settings = new Map<number, number>();
  const view = new DataView(first!.payload.slice().buffer);
  for (let at = 0; at < view.byteLength; at += 6) {
    settings.set(view.getUint16(at), view.getUint32(at + 2));
  }
  const found = [3, 4, 5, 6].map((id) => settings.get(id));
  assertEquals(found, [77, 16 * 1024 * 1024, 1024 * 1024, 8192]);
  const { payload } = await client.until(WINDOW_UPDATE, { stream: 0 });
  assertEquals(payload, uint32s(16 * 1024 * 1024 - 65_535));
  client.socket.close();
});

Deno.test("a server acknowledges SETTINGS and pings in order", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  const data = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
  await client.send(
    settingsFrame([4, 1]),
    { type: PING, payload: data },
    settingsFrame(),
  );
  assertEquals((await client.next())?.type, SETTINGS);
  const ping = await client.next();
  assertEquals([ping?.type, ping?.flags, ping?.payload], [PING, ACK, data]);
  assertEquals((await client.next())?.type, SETTINGS);
  client.socket.close();
});

Deno.test("a server answers a ping before the data that waits", async () => {
  const large = new Uint8Array(4_000_000);
  await using serving = await WireServing.start({
    capacity: 1000,
    handler: (call) => call.send({ length: large.length, parts: [large] }),
  });
  const client = await serving.client([4, 2 ** 30]);
  await client.send(creditFrame(0, 2 ** 30), callFrame(1, ECHO.path));
  await client.until(DATA);
  await client.send({ type: PING, payload: new Uint8Array(8) });
  let before = 0;
  for (let frame; (frame = await client.next())?.type !== PING;) {
    before += frame!.payload.length;
  }
  assert(before < 3_500_000, `${before} bytes came before`);
  client.socket.close();
});

Deno.test("a server ignores unknown settings, frames and flags", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client([99, 1]);
  await client.send(
    { type: 99, flags: 255, stream: 7, payload: new Uint8Array(100_000) },
    { type: PRIORITY, stream: 1, payload: new Uint8Array([0, 0, 0, 3, 9]) },
    callFrame(1, ONE.path, { flags: END_HEADERS | 0x40 }),
    dataFrame(1, message(EIGHT), END_STREAM | 0x80),
  );
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  client.socket.close();
});

const prefaces: [string, Uint8Array][] = [
  ["HTTP/1", new TextEncoder().encode("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")],
  ["a preface with one wrong byte", PREFACE.map((byte, at) => at === 23 ? 11 : byte)],
  ["TLS", new Uint8Array([22, 3, 1, 2, 0, 1, 0, 1, 252, 3, 3])],
];
for (const [what, bytes] of prefaces) {
  Deno.test(`a server that hears ${what} says PROTOCOL_ERROR and closes`, async () => {
    await using serving = await WireServing.start();
    const client = new RawPeer(serving.sockets.dial());
    await client.write(bytes);
    assertEquals(await client.end(), PROTOCOL_ERROR);
    await client.closed();
    client.socket.close();
  });
}

Deno.test("a server ends a connection whose first frame is not SETTINGS", async () => {
  await using serving = await WireServing.start();
  const client = new RawPeer(serving.sockets.dial());
  await client.write(PREFACE);
  await client.send({ type: PING, payload: new Uint8Array(8) });
  assertEquals(await client.end(), PROTOCOL_ERROR);
  client.socket.close();
});
