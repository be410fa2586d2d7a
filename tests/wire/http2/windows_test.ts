/** Flow control, of a server that sends and of one that receives. */
import { assert, assertEquals } from "@std/assert";
import { ErrorCode } from "../../../wire/http2/error_codes.ts";
import { MAX_WINDOW, ReceiveWindow, SendWindow } from "../../../wire/http2/windows.ts";
import { FLAGS, FRAMES } from "../../helpers/wire/http2_bytes.ts";
import {
  callFrame,
  creditFrame,
  dataFrame,
  message,
  type RawPeer,
  settingsFrame,
} from "../../helpers/wire/raw_peer.ts";
import { ECHO, OK, ONE, WireServing } from "../../helpers/wire/wire_serving.ts";

const { DATA, HEADERS, PING, SETTINGS, WINDOW_UPDATE } = FRAMES;
const { END_STREAM, END_HEADERS } = FLAGS;
const INITIAL_WINDOW = 4;
const WINDOW = 16 * 1024 * 1024;
const LARGE = new Uint8Array(300_000);

/** A server that answers each call with a large message. */
function large(): Promise<WireServing> {
  return WireServing.start({
    handler: async (call) => {
      await call.send({ length: LARGE.length, parts: [LARGE] });
      call.end(OK);
    },
  });
}

const flags = END_HEADERS | END_STREAM;

/** What comes until a ping is answered: the lengths of DATA of each stream. */
async function lengths(client: RawPeer): Promise<number[]> {
  // What a handler sends takes a turn of the event loop, and the write another one.
  for (let turn = 0; turn < 3; turn++) {
    await new Promise((resolve) => setTimeout(resolve));
  }
  await client.send({ type: PING, payload: new Uint8Array(8) });
  const found = [];
  for (let frame; (frame = await client.next())?.type !== PING;) {
    if (frame?.type === DATA) found.push(frame.payload.length);
  }
  return found;
}

Deno.test("SendWindow lets use what there is, down to nothing", () => {
  const window = new SendWindow(100);
  assertEquals([window.usable(40), window.usable(200)], [40, 100]);
  window.use(99);
  assertEquals(window.usable(200), 1);
});

Deno.test("SendWindow makes no tiny frames of a window that is opened by little", () => {
  const window = new SendWindow(65_535);
  window.use(65_535);
  assert(window.widen(1000));
  assertEquals([window.usable(5000), window.usable(1000)], [0, 1000]);
  assert(window.widen(24));
  assertEquals(window.usable(5000), 1024);
});

Deno.test("SendWindow uses a window that is small by the peer's setting", () => {
  const window = new SendWindow(3);
  assertEquals(window.usable(100), 3);
  window.use(3);
  assert(window.widen(1));
  assertEquals(window.usable(100), 1);
});

Deno.test("SendWindow may get negative by a setting, and not above 2^31 - 1", () => {
  const window = new SendWindow(100);
  window.use(80);
  assert(window.setInitial(50));
  assertEquals(window.usable(1), 0);
  assert(window.widen(31));
  assertEquals(window.usable(1), 1);
  assert(window.widen(MAX_WINDOW - 1));
  assert(!window.widen(1));
  assert(!new SendWindow(MAX_WINDOW).widen(MAX_WINDOW));
});

Deno.test("ReceiveWindow gives credit when half of it was taken", () => {
  const window = new ReceiveWindow(100);
  assert(window.receive(100));
  assertEquals([window.take(49), window.take(1), window.take(49)], [0, 50, 0]);
  assert(window.receive(50));
  assert(!window.receive(1));
});

Deno.test("a server sends as much as the stream's window allows", async () => {
  await using serving = await large();
  const client = await serving.client([INITIAL_WINDOW, 1000]);
  await client.send(callFrame(1, ECHO.path));
  assertEquals(await lengths(client), [1000]);
  await client.send(creditFrame(1, 2000));
  assertEquals(await lengths(client), [2000]);
  client.socket.close();
});

Deno.test("a server sends as much as the connection's window allows, to each stream in turn", async () => {
  await using serving = await large();
  const client = await serving.client([INITIAL_WINDOW, 1_000_000]);
  await client.send(callFrame(1, ECHO.path), callFrame(3, ECHO.path));
  const sum = (await lengths(client)).reduce((a, b) => a + b, 0);
  assertEquals(sum, 65_535);
  await client.send(creditFrame(0, 600_000 - 65_535 + 10));
  const streams = [1, 3];
  while (streams.length > 0) {
    const { type, flags, stream } = (await client.next())!;
    if (type === HEADERS && (flags & END_STREAM) !== 0) {
      streams.splice(streams.indexOf(stream), 1);
    }
  }
  client.socket.close();
});

Deno.test("a setting changes the windows of open streams, which may become negative", async () => {
  await using serving = await large();
  const client = await serving.client([INITIAL_WINDOW, 1000]);
  await client.send(callFrame(1, ECHO.path));
  assertEquals(await lengths(client), [1000]);
  await client.send(settingsFrame([INITIAL_WINDOW, 400]), creditFrame(1, 600));
  assertEquals(await lengths(client), []);
  await client.send(settingsFrame([INITIAL_WINDOW, 2400]));
  assertEquals(await lengths(client), [2000]);
  client.socket.close();
});

Deno.test("frames are as large as the peer takes, and no larger", async () => {
  await using serving = await large();
  const client = await serving.client([INITIAL_WINDOW, 1_000_000], [5, 100_000]);
  await client.send(creditFrame(0, 1_000_000), callFrame(1, ECHO.path));
  const { data } = await client.answer(1);
  assertEquals(data.map(({ length }) => length), [100_000, 100_000, 100_000, 5]);
  client.socket.close();
});

Deno.test("trailers do not wait for a window", async () => {
  await using serving = await WireServing.start({ handler: (call) => call.end(OK) });
  const client = await serving.client([INITIAL_WINDOW, 0]);
  await client.send(callFrame(1, ECHO.path, { flags }));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  client.socket.close();
});

Deno.test("a handler that sends on waits for its client to read", async () => {
  let sent = 0;
  await using serving = await WireServing.start({
    handler: async (call) => {
      for (; sent < 1000; sent++) {
        await call.send({ length: LARGE.length, parts: [LARGE] });
      }
    },
  });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path));
  await lengths(client);
  assert(sent <= 2, `${sent} messages were sent`);
  client.socket.close();
});

Deno.test("a handler that does not read stops its client, and no other call of it", async () => {
  const taking = Promise.withResolvers<void>();
  await using serving = await WireServing.start({
    handler: async (call) => {
      if (call.method === ECHO) await taking.promise;
      for await (const _ of call.requests);
      call.end(OK);
    },
  });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path));
  const part = message(new Uint8Array(999_995));
  for (let count = 0; count < 16; count++) await client.send(dataFrame(1, part));
  // The connection's credit is given back, the stream's is not but for the first message.
  await client.send(callFrame(3, ONE.path), dataFrame(3, part, END_STREAM));
  let credit = 0;
  for (
    let frame;
    (frame = await client.next())!.stream !== 3 || frame!.type !== HEADERS;
  ) {
    const { type, stream } = frame!;
    if (type === WINDOW_UPDATE && stream === 1) credit++;
  }
  assertEquals(credit, 0);
  taking.resolve();
  await client.until(WINDOW_UPDATE, { stream: 1 });
  client.socket.close();
});

Deno.test("a message larger than the window comes, as its bytes make room", async () => {
  await using serving = await WireServing.start({
    handler: async (call) => {
      for await (const _ of call.requests);
      call.end(OK);
    },
  });
  const client = await serving.client();
  const bytes = message(new Uint8Array(3 * WINDOW));
  await client.send(callFrame(1, ONE.path));
  let window = WINDOW;
  for (let at = 0; at < bytes.length;) {
    while (window < 1_000_000) {
      const { payload } = await client.until(WINDOW_UPDATE, { stream: 1 });
      window += new DataView(payload.slice().buffer).getUint32(0);
    }
    const part = bytes.subarray(at, at + 1_000_000);
    await client.send(dataFrame(1, part));
    at += part.length;
    window -= part.length;
  }
  await client.send(dataFrame(1, new Uint8Array(0), END_STREAM));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  client.socket.close();
});

Deno.test("a client that sends more than a stream's window has the stream reset", async () => {
  await using serving = await WireServing.start({ handler: () => {} });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path));
  const part = message(new Uint8Array(999_995));
  // The first message has its credit back; what follows has not.
  for (let count = 0; count < 18; count++) await client.send(dataFrame(1, part));
  assertEquals(await client.reset(1), ErrorCode.FLOW_CONTROL_ERROR);
  client.socket.close();
});

Deno.test("padding and data that nobody wants count, and their credit is given back", async () => {
  await using serving = await WireServing.start({ handler: (call) => call.end(OK) });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path));
  await client.answer(1);
  let credit = 0;
  for (let count = 0; count < 40; count++) {
    await client.send(dataFrame(1, new Uint8Array(1_000_000).fill(1), 8));
    await client.send({ type: SETTINGS });
    let frame;
    while ((frame = await client.next())!.type !== SETTINGS) {
      if (frame!.type === WINDOW_UPDATE) credit++;
    }
  }
  assert(credit >= 4, `${credit} updates for 40 MB`);
  client.socket.close();
});
