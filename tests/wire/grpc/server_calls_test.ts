/** gRPC's calls as a server answers them, frame by frame. */
import { assert, assertEquals } from "@std/assert";
import { joinBytes } from "../../../base/join_bytes.ts";
import { pack } from "../../../wire/grpc/unpack.ts";
import { FLAGS, FRAMES, http2Frame, PREFACE } from "../../helpers/wire/http2_bytes.ts";
import {
  callFrame,
  dataFrame,
  message,
  RawPeer,
  settingsFrame,
} from "../../helpers/wire/raw_peer.ts";
import { ECHO, OK, ONE, WireServing } from "../../helpers/wire/wire_serving.ts";

const { DATA } = FRAMES;
const { END_STREAM, END_HEADERS } = FLAGS;
const BYTES = new Uint8Array([1, 2, 3]);
const NOTHING = new Uint8Array(0);
const TEXT = new TextEncoder().encode("a".repeat(1000));

Deno.test("a server answers a call with headers, messages and a status", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  await client.send(callFrame(1, ONE.path), dataFrame(1, message(BYTES), END_STREAM));
  const { headers, data, reset } = await client.answer(1);
  assertEquals(Object.fromEntries(headers), {
    ":status": "200",
    "content-type": "application/grpc",
    "grpc-status": "0",
  });
  assertEquals([data, reset], [[message(BYTES)], undefined]);
  client.socket.close();
});

Deno.test("a small answer is one write: headers, message and trailers", async () => {
  await using serving = await WireServing.start();
  const mine = serving.sockets.dial();
  const client = await RawPeer.client(mine);
  const before = mine.other.writes;
  await client.send(callFrame(1, ONE.path), dataFrame(1, message(BYTES), END_STREAM));
  await client.answer(1);
  assertEquals(mine.other.writes - before, 1);
  mine.close();
});

Deno.test("a call says who calls, how, and until when", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  const headers = { "grpc-timeout": "10S", "x-one": "1", "x-bytes-bin": "AQI" };
  const before = Date.now();
  await client.send(
    callFrame(1, ONE.path, { headers }),
    dataFrame(1, message(BYTES), END_STREAM),
  );
  await client.answer(1);
  const after = Date.now();
  const [call] = serving.calls;
  assertEquals([call.peer, call.authority, call.method], [
    "127.0.0.1:1",
    "localhost",
    ONE,
  ]);
  assertEquals(call.headers.get("x-one"), "1");
  assertEquals(call.headers.getBytes("x-bytes-bin"), new Uint8Array([1, 2]));
  assert(!call.headers.has("grpc-timeout") && !call.headers.has("te"));
  const begun = call.deadline!.getTime() - 10_000;
  assert(begun >= before && begun <= after, `${begun - before}`);
  client.socket.close();
});

const several: [string, Uint8Array[]][] = [
  ["in one frame", [joinBytes([message(BYTES), message(NOTHING), message(TEXT)])]],
  ["in frames of their own", [message(BYTES), message(NOTHING), message(TEXT)]],
  [
    "in frames of one byte",
    Array.from(
      joinBytes([message(BYTES), message(NOTHING), message(TEXT)]),
      (byte) => new Uint8Array([byte]),
    ),
  ],
];
for (const [what, frames] of several) {
  Deno.test(`a server reads several messages ${what}`, async () => {
    const received: Uint8Array[] = [];
    await using serving = await WireServing.start({
      handler: async (call) => {
        for await (const bytes of call.requests) received.push(bytes);
        call.end(OK);
      },
    });
    const client = await serving.client();
    await client.send(
      callFrame(1, ECHO.path),
      ...frames.map((bytes) => dataFrame(1, bytes)),
      dataFrame(1, NOTHING, END_STREAM),
    );
    assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
    assertEquals(received, [BYTES, NOTHING, TEXT]);
    assert(received.every(({ byteOffset }) => byteOffset === 0));
    client.socket.close();
  });
}

Deno.test("a call means the same wherever its bytes are split, and byte by byte", async () => {
  const bytes = joinBytes([
    PREFACE,
    ...[
      settingsFrame([4, 70_000]),
      callFrame(1, ECHO.path, { flags: 0 }),
      { type: FRAMES.CONTINUATION, flags: END_HEADERS, stream: 1 },
      {
        type: DATA,
        flags: 8,
        stream: 1,
        payload: joinBytes([new Uint8Array([2]), message(BYTES), new Uint8Array(2)]),
      },
      { type: 77, stream: 5, payload: BYTES },
      dataFrame(1, message(NOTHING)),
      { type: FRAMES.PING, payload: new Uint8Array(8) },
      dataFrame(1, message(TEXT.subarray(0, 9)), END_STREAM),
    ].map(http2Frame),
  ]);
  await using serving = await WireServing.start();
  const pieces = Array.from(
    { length: bytes.length + 1 },
    (_, at) => [bytes.subarray(0, at), bytes.subarray(at)],
  );
  pieces.push(Array.from(bytes, (byte) => new Uint8Array([byte])));
  for (const parts of pieces) {
    const client = new RawPeer(serving.sockets.dial());
    for (const part of parts) {
      await client.write(part);
      await new Promise((resolve) => setImmediate(resolve));
    }
    const { headers, data } = await client.answer(1);
    const all = joinBytes([
      message(BYTES),
      message(NOTHING),
      message(TEXT.subarray(0, 9)),
    ]);
    assertEquals([joinBytes(data), headers.get("grpc-status")], [all, "0"]);
    client.socket.close();
  }
});

Deno.test("a large message comes whole, with memory of its own, in reads of any size", async () => {
  const large = new Uint8Array(9_000_000);
  for (let at = 0; at < large.length; at += 1001) large[at] = at % 251;
  for (const maxRead of [Infinity, 40_000, 999_999]) {
    const received: Uint8Array[] = [];
    await using serving = await WireServing.start({
      maxRead,
      handler: async (call) => {
        for await (const bytes of call.requests) received.push(bytes);
        call.end(OK);
      },
    });
    const client = await serving.client();
    const bytes = joinBytes([message(large), message(BYTES), message(large)]);
    const frames = [];
    for (let at = 0; at < bytes.length; at += 1_000_000) {
      frames.push(dataFrame(1, bytes.subarray(at, at + 1_000_000)));
    }
    // The window has 16 MiB, and the server gives credit as it takes the messages.
    client.send(callFrame(1, ECHO.path), ...frames, dataFrame(1, NOTHING, END_STREAM));
    assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
    assertEquals(received.map(({ length }) => length), [9_000_000, 3, 9_000_000]);
    assert(
      received.every((one, index) =>
        one.every((byte, at) => byte === [large, BYTES, large][index][at])
      ),
    );
    assert(received.every(({ buffer, length }) => buffer.byteLength === length));
    client.socket.close();
  }
});

/** What a client sends for a method that takes one message, and the status. */
const wrongCalls: [
  what: string,
  status: string,
  data: Uint8Array[],
  headers: Record<string, string>,
][] = [
  ["no message", "13", [NOTHING], {}],
  ["two messages", "13", [message(BYTES), message(BYTES)], {}],
  ["half a message", "13", [message(BYTES).subarray(0, 7)], {}],
  ["half a prefix", "13", [new Uint8Array(3)], {}],
  ["an unknown flag", "13", [message(BYTES, 2)], {}],
  ["a compressed message, and no encoding", "13", [message(BYTES, 1)], {}],
  ["a compressed message that is none", "13", [message(BYTES, 1)], {
    "grpc-encoding": "gzip",
  }],
  ["an unknown encoding", "12", [message(BYTES)], { "grpc-encoding": "snappy" }],
  ["a deadline that is none", "13", [message(BYTES)], { "grpc-timeout": "soon" }],
  ["bytes that are no base64", "13", [message(BYTES)], { "x-bin": "!" }],
];
for (const [what, status, data, headers] of wrongCalls) {
  Deno.test(`a call with ${what} has the status ${status}`, async () => {
    await using serving = await WireServing.start();
    const client = await serving.client();
    await client.send(
      callFrame(1, ONE.path, { headers }),
      ...data.map((bytes, at) =>
        dataFrame(1, bytes, at === data.length - 1 ? END_STREAM : 0)
      ),
    );
    const answer = await client.answer(1);
    assertEquals(answer.headers.get("grpc-status"), status);
    if (status === "12") {
      assertEquals(answer.headers.get("grpc-accept-encoding"), "identity,deflate,gzip");
    }
    client.socket.close();
  });
}

Deno.test("a server reads messages that are compressed, in order with others", async () => {
  const packed = (await pack(TEXT))!;
  await using serving = await WireServing.start();
  const client = await serving.client();
  await client.send(
    callFrame(1, ECHO.path, { headers: { "grpc-encoding": "gzip" } }),
    dataFrame(
      1,
      joinBytes([message(packed, 1), message(BYTES), message(packed, 1)]),
      END_STREAM,
    ),
  );
  const { data, headers } = await client.answer(1);
  assertEquals(
    joinBytes(data),
    joinBytes([message(TEXT), message(BYTES), message(TEXT)]),
  );
  assertEquals(headers.get("grpc-encoding"), undefined);
  client.socket.close();
});

const refused: [
  string,
  string,
  [name: string, value: string],
  Record<string, string>,
][] = [
  ["another path", "/a.B/None", ["grpc-status", "12"], {}],
  ["another type", ONE.path, [":status", "415"], { "content-type": "text/plain" }],
  ["another method of HTTP", ONE.path, [":status", "405"], { ":method": "GET" }],
];
for (const [what, path, [name, value], headers] of refused) {
  Deno.test(`a request of ${what} is answered with ${name} ${value}, and no call`, async () => {
    await using serving = await WireServing.start();
    const client = await serving.client();
    const flags = END_HEADERS | END_STREAM;
    await client.send(callFrame(1, path, { flags, headers }));
    assertEquals((await client.answer(1)).headers.get(name), value);
    assertEquals(serving.calls.length, 0);
    client.socket.close();
  });
}
