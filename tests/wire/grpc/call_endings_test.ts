/** How calls of a server end: answers, errors, cancellation and deadlines. */
import { assertEquals, assertRejects } from "@std/assert";
import { joinBytes } from "../../../base/join_bytes.ts";
import { CallHeaders } from "../../../rpc/call_headers.ts";
import { StatusError } from "../../../rpc/status.ts";
import { FLAGS, FRAMES } from "../../helpers/wire/http2_bytes.ts";
import {
  callFrame,
  creditFrame,
  dataFrame,
  message,
  type RawPeer,
  resetFrame,
} from "../../helpers/wire/raw_peer.ts";
import { ECHO, IDLE, OK, ONE, WireServing } from "../../helpers/wire/wire_serving.ts";

const { HEADERS, RST_STREAM } = FRAMES;
const { END_STREAM, END_HEADERS } = FLAGS;
const BYTES = new Uint8Array([1, 2, 3]);
const NOTHING = new Uint8Array(0);

Deno.test("an answer before the request has ended is followed by RST_STREAM with NO_ERROR", async () => {
  await using serving = await WireServing.start({ handler: (call) => call.end(OK) });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  const reset = await client.next();
  assertEquals([reset?.type, reset?.payload], [RST_STREAM, new Uint8Array(4)]);
  // What was on its way is ignored.
  await client.send(
    dataFrame(1, message(BYTES), END_STREAM),
    callFrame(3, "/a.B/None", { flags: END_HEADERS | END_STREAM }),
  );
  const next = await client.next();
  assertEquals([next?.type, next?.stream], [HEADERS, 3]);
  client.socket.close();
});

Deno.test("headers that a handler sends go out before its first message", async () => {
  const going = Promise.withResolvers<void>();
  await using serving = await WireServing.start({
    handler: async (call) => {
      call.sendHeaders(new CallHeaders({ "x-early": "1" }));
      await going.promise;
      call.end({
        code: "NOT_FOUND",
        message: "näher",
        trailers: new CallHeaders({ "x-late": "2" }),
      });
    },
  });
  const client = await serving.client();
  await client.send(callFrame(1, ONE.path), dataFrame(1, message(BYTES), END_STREAM));
  const head = client.headers(await client.until(HEADERS));
  assertEquals([head.get("x-early"), head.has("grpc-status")], ["1", false]);
  going.resolve();
  const { headers } = await client.answer(1);
  assertEquals(
    ["grpc-status", "grpc-message", "x-late"].map((name) => headers.get(name)),
    ["5", "n%C3%A4her", "2"],
  );
  client.socket.close();
});

/** How a call ends before its answer, and why its signal says so. */
const endings: [
  what: string,
  code: string,
  end: (client: RawPeer) => Promise<void> | void,
][] = [
  ["its client resets it", "CANCELLED", (client) => client.send(resetFrame(1))],
  ["its connection is lost", "CANCELLED", (client) => client.socket.close()],
  ["its client closes its side", "CANCELLED", (client) => client.socket.closeWrite()],
  [
    "its client breaks a rule of the stream",
    "CANCELLED",
    (client) => client.send(creditFrame(1, 0)),
  ],
  [
    "its client breaks a rule of the connection",
    "CANCELLED",
    (client) => client.send(creditFrame(0, 0)),
  ],
  [
    "its message is broken",
    "INTERNAL",
    (client) => client.send(dataFrame(1, message(BYTES, 9))),
  ],
];
for (const [what, code, end] of endings) {
  Deno.test(`a call's signal, requests and sends have the reason when ${what}`, async () => {
    const begun = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<StatusError[]>();
    await using serving = await WireServing.start({
      handler: async (call) => {
        const aborted = new Promise((resolve) => call.signal.onabort = resolve);
        begun.resolve();
        const read = await Array.fromAsync(call.requests).catch((error) => error);
        await aborted;
        const sent = await call.send({ length: 0, parts: [] }).catch((error) => error);
        seen.resolve([call.signal.reason, read, sent]);
        call.end(OK);
      },
    });
    const client = await serving.client();
    await client.send(callFrame(1, ECHO.path));
    await begun.promise;
    await end(client);
    const errors = await seen.promise;
    assertEquals(errors.map((error) => (error as { code: string }).code), [
      code,
      code,
      code,
    ]);
    client.socket.close();
  });
}

Deno.test("a deadline ends a call, and its client is told", async () => {
  const seen = Promise.withResolvers<unknown>();
  await using serving = await WireServing.start({
    handler: async (call) => {
      await Array.fromAsync(call.requests).catch(seen.resolve);
    },
  });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path, { headers: { "grpc-timeout": "20m" } }));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "4");
  assertEquals((await seen.promise as StatusError).code, "DEADLINE_EXCEEDED");
  client.socket.close();
});

Deno.test("a cancel at the deadline counts as that, and no other does", async () => {
  const cases = [["90m", "DEADLINE_EXCEEDED"], ["1H", "CANCELLED"]];
  for (const [timeout, code] of cases) {
    const begun = Promise.withResolvers<void>();
    const seen = Promise.withResolvers<unknown>();
    await using serving = await WireServing.start({
      handler: async (call) => {
        begun.resolve();
        await Array.fromAsync(call.requests).catch(seen.resolve);
      },
    });
    const client = await serving.client();
    const headers = { "grpc-timeout": timeout };
    await client.send(callFrame(1, ECHO.path, { headers }));
    await begun.promise;
    await client.send(resetFrame(1));
    assertEquals((await seen.promise as StatusError).code, code);
    client.socket.close();
  }
});

Deno.test("a deadline of a thousand years does not pass at once", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  await client.send(
    callFrame(1, ONE.path, { headers: { "grpc-timeout": "8766000H" } }),
    dataFrame(1, message(BYTES), END_STREAM),
  );
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  client.socket.close();
});

Deno.test("a call that was reset with the frames that began it is not begun", async () => {
  await using serving = await WireServing.start();
  const client = await serving.client();
  await client.send(
    callFrame(1, ECHO.path),
    resetFrame(1),
    callFrame(3, IDLE.path),
    dataFrame(3, NOTHING, END_STREAM),
  );
  assertEquals((await client.answer(3)).headers.get("grpc-status"), "0");
  assertEquals(serving.calls.map(({ method }) => method), [IDLE]);
  client.socket.close();
});

Deno.test("headers of more than a frame are sent with CONTINUATION", async () => {
  const long = "x".repeat(40_000);
  await using serving = await WireServing.start({
    handler: (call) =>
      call.end({ ...OK, trailers: new CallHeaders({ "x-long": long }) }),
  });
  const client = await serving.client();
  await client.send(callFrame(1, ONE.path, { flags: END_HEADERS }));
  const types = [];
  const blocks = [];
  for (let frame; (frame = await client.next()) !== undefined;) {
    types.push([frame.type, frame.flags]);
    blocks.push(frame.payload);
    if ((frame.flags & END_HEADERS) !== 0) break;
  }
  assertEquals(types.slice(0, 2), [[HEADERS, END_STREAM], [FRAMES.CONTINUATION, 0]]);
  const whole = client.headers({
    type: HEADERS,
    flags: 0,
    stream: 1,
    payload: joinBytes(blocks),
  });
  assertEquals(whole.get("x-long"), long);
  client.socket.close();
});

Deno.test("a handler that sends headers twice gets a TypeError", async () => {
  await using serving = await WireServing.start({
    handler: async (call) => {
      call.sendHeaders(new CallHeaders());
      await assertRejects(
        async () => await call.sendHeaders(new CallHeaders()),
        TypeError,
      );
      call.end(OK);
    },
  });
  const client = await serving.client();
  await client.send(callFrame(1, ONE.path), dataFrame(1, message(BYTES), END_STREAM));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "0");
  client.socket.close();
});

Deno.test("requests are not complete when a RST_STREAM came with the half-close", async () => {
  const seen = Promise.withResolvers<unknown>();
  await using serving = await WireServing.start({
    handler: (call) => Array.fromAsync(call.requests).then(seen.resolve, seen.reject),
  });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path), dataFrame(1, message(BYTES)));
  while (serving.running === 0) await new Promise((resolve) => setTimeout(resolve));
  // A client on node:http2 cancels so.
  await client.send(dataFrame(1, NOTHING, END_STREAM), resetFrame(1));
  await assertRejects(() => seen.promise, StatusError, "cancelled");
  client.socket.close();
});

Deno.test("a call that breaks a limit with its first bytes is handed to its handler", async () => {
  await using serving = await WireServing.start({ limits: { maxMessageBytes: 2 } });
  const client = await serving.client();
  await client.send(callFrame(1, ECHO.path), dataFrame(1, message(BYTES)));
  assertEquals((await client.answer(1)).headers.get("grpc-status"), "8");
  assertEquals(serving.calls[0].signal.reason.code, "RESOURCE_EXHAUSTED");
  client.socket.close();
});
