/** gRPC's calls as a client makes them, and what it says of servers that answer wrongly. */
import { assert, assertEquals } from "@std/assert";
import { joinBytes } from "../../../base/join_bytes.ts";
import { CallHeaders } from "../../../rpc/call_headers.ts";
import type { OutgoingMessage } from "../../../rpc/transport.ts";
import { ErrorCode } from "../../../wire/http2/error_codes.ts";
import { pack } from "../../../wire/grpc/unpack.ts";
import {
  FLAGS,
  FRAMES,
  type Http2Frame,
  uint32s,
} from "../../helpers/wire/http2_bytes.ts";
import {
  creditFrame,
  dataFrame,
  message,
  resetFrame,
} from "../../helpers/wire/raw_peer.ts";
import {
  headFrame,
  outcome,
  RawServer,
  trailersFrame,
} from "../../helpers/wire/raw_server.ts";
import { ECHO, ONE } from "../../helpers/wire/wire_serving.ts";

const { DATA, GOAWAY, HEADERS, PING, RST_STREAM } = FRAMES;
const { END_STREAM, END_HEADERS } = FLAGS;
const PUSH_PROMISE = 5;
const BYTES = new Uint8Array(8);
const TEXT = new TextEncoder().encode("a".repeat(1000));

Deno.test("a client calls with headers and messages, and half-closes with the last", async () => {
  using server = new RawServer();
  const headers = new CallHeaders({
    "x-one": "1",
    "x-bytes-bin": new Uint8Array([1, 2]),
  });
  const before = Date.now();
  const deadline = new Date(before + 60_000);
  const call = server.call(ONE, [3], { headers, deadline });
  const peer = await server.peer();
  const head = peer.headers(await peer.until(HEADERS));
  const names = [
    ":method",
    ":path",
    ":authority",
    "te",
    "content-type",
    "x-one",
    "x-bytes-bin",
  ];
  assertEquals(names.map((name) => head.get(name)), [
    "POST",
    ONE.path,
    "raw.example:1",
    "trailers",
    "application/grpc",
    "1",
    "AQI",
  ]);
  const [, left] = /^([0-9]+)m$/.exec(head.get("grpc-timeout")!)!;
  const now = Date.now();
  assert(Number(left) <= deadline.getTime() - before, left);
  assert(Number(left) >= deadline.getTime() - now, left);
  const data = (await peer.next())!;
  assertEquals([data.type, data.flags], [DATA, END_STREAM]);
  assertEquals(data.payload, message(new Uint8Array(3)));
  await peer.send(
    headFrame(1, { "x-answer": "2" }),
    dataFrame(1, message(TEXT)),
    trailersFrame(1, { "grpc-status": "0", "x-trailer": "3" }),
  );
  assertEquals((await call.headers).get("x-answer"), "2");
  assertEquals(await outcome(call), [[1000], "OK", ""]);
  const { trailers, isLocal = false } = await call.status;
  assertEquals([trailers.get("x-trailer"), isLocal], ["3", false]);
});

Deno.test("a client gives all messages that came before an error, and knows it before", async () => {
  using server = new RawServer();
  const call = server.call(ECHO);
  const peer = await server.peer();
  await peer.send(
    headFrame(1),
    dataFrame(1, message(BYTES)),
    dataFrame(1, message(TEXT)),
    trailersFrame(1, { "grpc-status": "5", "grpc-message": "n%C3%A4her" }),
  );
  assertEquals((await call.status).code, "NOT_FOUND");
  assertEquals(await outcome(call), [[8, 1000], "NOT_FOUND", "näher"]);
});

Deno.test("a client gives what a server has sent before it hung up", async () => {
  using server = new RawServer();
  const call = server.call(ECHO);
  const peer = await server.peer();
  await peer.send(
    headFrame(1),
    dataFrame(1, message(TEXT)),
    trailersFrame(1),
    { type: GOAWAY, payload: uint32s(1, 0) },
  );
  peer.socket.close();
  assertEquals(await outcome(call), [[1000], "OK", ""]);
});

Deno.test("a client reads compressed answers", async () => {
  using server = new RawServer();
  const call = server.call(ECHO);
  const peer = await server.peer();
  await peer.send(
    headFrame(1, { "grpc-encoding": "gzip" }),
    dataFrame(1, message((await pack(TEXT))!, 1)),
    trailersFrame(1),
  );
  assertEquals(await outcome(call), [[1000], "OK", ""]);
});

for (const isRead of [false, true]) {
  const when = isRead ? "are read" : "wait";
  Deno.test(`compressed messages that are none end the responses, while they ${when}`, async () => {
    using server = new RawServer();
    const call = server.call(ECHO);
    const reading = isRead ? outcome(call) : undefined;
    const peer = await server.peer();
    await peer.send(
      headFrame(1, { "grpc-encoding": "gzip" }),
      dataFrame(1, joinBytes([message(BYTES), message(TEXT, 1), message(BYTES)])),
      trailersFrame(1),
    );
    if (!isRead) assertEquals((await call.status).code, "INTERNAL");
    const [sizes, code, text] = await (reading ?? outcome(call));
    assertEquals([sizes, code], [[8], "INTERNAL"]);
    assert(text.includes("said to be compressed by gzip"), text);
  });
}

/** What a server answers on stream 1, and how the call ends. */
const answers: [what: string, code: string, told: RegExp, frames: Http2Frame[]][] = [
  ["trailers only", "NOT_FOUND", /^gone$/, [
    trailersFrame(1, {
      ":status": "200",
      "content-type": "application/grpc",
      "grpc-status": "5",
      "grpc-message": "gone",
    }),
  ]],
  ["HTTP's 404", "UNIMPLEMENTED", /speaks HTTP, not gRPC/, [
    trailersFrame(1, { ":status": "404", "content-type": "text/html" }),
  ]],
  ["a web page", "UNKNOWN", /speaks HTTP, not gRPC \(status 200, text\/html\)/, [
    headFrame(1, { "content-type": "text/html" }),
    dataFrame(1, TEXT, END_STREAM),
  ]],
  ["1xx before its headers", "OK", /^$/, [
    { ...headFrame(1, { ":status": "103" }) },
    headFrame(1),
    trailersFrame(1),
  ]],
  ["no status", "UNKNOWN", /ended the response without a status/, [
    headFrame(1),
    dataFrame(1, new Uint8Array(0), END_STREAM),
  ]],
  ["trailers without a status", "UNKNOWN", /without a status/, [
    headFrame(1),
    trailersFrame(1, { "x-a": "1" }),
  ]],
  ["data before headers", "INTERNAL", /DATA before HEADERS/, [
    dataFrame(1, message(BYTES)),
  ]],
  ["half a message, and OK", "INTERNAL", /inside a message/, [
    headFrame(1),
    dataFrame(1, message(BYTES).subarray(0, 7)),
    trailersFrame(1),
  ]],
  ["a message with an unknown flag", "INTERNAL", /flag is 7/, [
    headFrame(1),
    dataFrame(1, message(BYTES, 7)),
  ]],
  ["too large a message", "RESOURCE_EXHAUSTED", /exceeds 100000 bytes/, [
    headFrame(1),
    dataFrame(1, new Uint8Array([0, ...uint32s(100_001)])),
  ]],
  ["too large headers", "RESOURCE_EXHAUSTED", /headers of the answer are too large/, [
    headFrame(
      1,
      Object.fromEntries(
        Array.from({ length: 100 }, (_, at) => [`x-${at}`, "y".repeat(120)]),
      ),
    ),
  ]],
  ["a pseudo-header in its trailers", "INTERNAL", /broken a rule of HTTP\/2/, [
    headFrame(1),
    trailersFrame(1, { ":status": "200" }),
  ]],
  ["headers in upper case", "INTERNAL", /broken a rule of HTTP\/2/, [
    headFrame(1, { "X-A": "1" }),
  ]],
  ["more bytes than content-length", "INTERNAL", /content-length/, [
    headFrame(1, { "content-length": "1" }),
    dataFrame(1, message(BYTES), END_STREAM),
  ]],
  ["a window update of 0", "INTERNAL", /WINDOW_UPDATE of 0/, [creditFrame(1, 0)]],
  ["RST_STREAM with CANCEL", "CANCELLED", /reset it \(CANCEL\)/, [resetFrame(1, 8)]],
  ["RST_STREAM with NO_ERROR", "INTERNAL", /reset it \(NO_ERROR\)/, [resetFrame(1, 0)]],
  ["RST_STREAM with ENHANCE_YOUR_CALM", "RESOURCE_EXHAUSTED", /CALM/, [
    resetFrame(1, 11),
  ]],
  ["RST_STREAM with INADEQUATE_SECURITY", "PERMISSION_DENIED", /SECURITY/, [
    resetFrame(1, 12),
  ]],
  ["RST_STREAM after its trailers", "OK", /^$/, [
    headFrame(1),
    trailersFrame(1),
    resetFrame(1, 2),
  ]],
  [
    "GOAWAY with an error, and hangs up",
    "UNAVAILABLE",
    /PROTOCOL_ERROR: you are wrong/,
    [
      {
        type: GOAWAY,
        payload: joinBytes([uint32s(1, 1), new TextEncoder().encode("you are wrong")]),
      },
    ],
  ],
  ["a push", "UNAVAILABLE", /PUSH_PROMISE/, [
    { type: PUSH_PROMISE, flags: END_HEADERS, stream: 1, payload: uint32s(2) },
  ]],
  ["a stream that does not exist", "UNAVAILABLE", /stream 7, which is idle/, [
    headFrame(7),
  ]],
  ["data for a stream that does not exist", "UNAVAILABLE", /stream 7, which is idle/, [
    dataFrame(7, BYTES),
  ]],
];
for (const [what, code, told, frames] of answers) {
  Deno.test(`a call that a server answers with ${what} is ${code}`, async () => {
    using server = new RawServer({ maxMessageBytes: 100_000, maxHeaderBytes: 10_000 });
    const call = server.call(ECHO, [1]);
    const peer = await server.peer();
    await peer.until(HEADERS);
    await peer.send(...frames);
    if (what.endsWith("hangs up")) peer.socket.close();
    const [sizes, found, text] = await outcome(call);
    assertEquals([sizes, found], [[], code], text);
    assert(told.test(text), text);
    assertEquals([...await call.headers].length, 0);
    // The client lives, and calls again.
    const again = server.call(ECHO, [1]);
    const stays = !["UNAVAILABLE"].includes(code);
    const next = stays ? peer : await server.peer();
    const { stream } = await next.until(HEADERS);
    await next.send(headFrame(stream), trailersFrame(stream));
    assertEquals((await again.status).code, "OK");
  });
}

for (const count of [0, 2]) {
  Deno.test(`a method that gives one message has INTERNAL for ${count}`, async () => {
    using server = new RawServer();
    const call = server.call(ONE, [1]);
    const peer = await server.peer();
    const messages = Array.from({ length: count }, () => dataFrame(1, message(BYTES)));
    await peer.send(headFrame(1), ...messages, trailersFrame(1));
    const { code, isLocal } = await call.status;
    assertEquals([code, isLocal], ["INTERNAL", true]);
  });
}

Deno.test("cancel() resets the stream, and closes the requests", async () => {
  using server = new RawServer();
  const closed = Promise.withResolvers<void>();
  async function* requests(): AsyncGenerator<OutgoingMessage> {
    try {
      while (true) yield { length: 1, parts: [new Uint8Array(1)] };
    } finally {
      closed.resolve();
    }
  }
  const call = server.call(ECHO, requests());
  const peer = await server.peer();
  await peer.send(headFrame(1), dataFrame(1, message(BYTES)));
  await call.headers;
  call.cancel();
  assertEquals(await peer.reset(1), ErrorCode.CANCEL);
  await closed.promise;
  const { code, isLocal } = await call.status;
  assertEquals([code, isLocal], ["CANCELLED", true]);
  // What was on its way is ignored.
  await peer.send(dataFrame(1, message(BYTES)), trailersFrame(1), {
    type: PING,
    payload: BYTES,
  });
  await peer.until(PING);
});

Deno.test("responses that are left early cancel the call", async () => {
  using server = new RawServer();
  const call = server.call(ECHO);
  const peer = await server.peer();
  await peer.send(
    headFrame(1),
    dataFrame(1, joinBytes([message(BYTES), message(BYTES)])),
  );
  for await (const _ of call.responses) break;
  assertEquals(await peer.reset(1), ErrorCode.CANCEL);
  assertEquals((await call.status).code, "CANCELLED");
});

Deno.test("a deadline ends a call, on the wire too, and one that waits for a connection", async () => {
  using server = new RawServer();
  const deadline = (left: number) => ({ deadline: new Date(Date.now() + left) });
  const waiting = server.call(ECHO, [], deadline(30));
  assertEquals((await waiting.status).code, "DEADLINE_EXCEEDED");
  const peer = await server.peer();
  // So long that its headers go out before, also on a busy machine.
  const call = server.call(ECHO, [], deadline(500));
  await peer.until(HEADERS);
  const { stream } = await peer.until(RST_STREAM);
  assertEquals([stream, (await call.status).code], [1, "DEADLINE_EXCEEDED"]);
});

Deno.test("a call is CANCELLED when its requests throw", async () => {
  using server = new RawServer();
  // deno-lint-ignore require-yield
  async function* requests(): AsyncGenerator<OutgoingMessage> {
    throw new Error("no more");
  }
  const call = server.call(ECHO, requests());
  const peer = await server.peer();
  assertEquals(await peer.reset(1), ErrorCode.CANCEL);
  const { code, message } = await call.status;
  assertEquals(code, "CANCELLED");
  assert(message.includes("no more"), message);
});

Deno.test("a client stops sending when the server has answered", async () => {
  using server = new RawServer();
  let isClosed = false;
  const call = server.call(ECHO, {
    [Symbol.asyncIterator]: () => ({
      next: () => new Promise(() => {}),
      return: () => {
        isClosed = true;
        return Promise.resolve({ value: undefined, done: true });
      },
    }),
  });
  const peer = await server.peer();
  await peer.send(headFrame(1), trailersFrame(1, { "grpc-status": "9" }));
  assertEquals(await peer.reset(1), ErrorCode.CANCEL);
  assertEquals([(await call.status).code, isClosed], ["FAILED_PRECONDITION", true]);
});

Deno.test("a client that does not read its responses stops the server by the window", async () => {
  using server = new RawServer();
  const call = server.call(ECHO);
  const peer = await server.peer();
  const part = message(new Uint8Array(999_995));
  await peer.send(headFrame(1));
  for (let count = 0; count < 16; count++) await peer.send(dataFrame(1, part));
  await peer.send({ type: PING, payload: BYTES });
  for (let frame; (frame = await peer.next())?.type !== PING;) {
    assert(frame?.type !== FRAMES.WINDOW_UPDATE || frame.stream === 0);
  }
  let count = 0;
  for await (const _ of call.responses) if (++count === 16) break;
  await peer.until(FRAMES.WINDOW_UPDATE, { stream: 1 });
});
