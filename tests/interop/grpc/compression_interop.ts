/** Messages that gRPC itself compresses, beside grpcio. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { CallHeaders } from "../../../rpc/call_headers.ts";
import type {
  IncomingCall,
  OutgoingMessage,
  RpcMethod,
} from "../../../rpc/transport.ts";
import { wireClient } from "../../../wire/client.ts";
import { wireServer } from "../../../wire/server.ts";
import { runPython } from "../python/python.ts";
import { PythonProcess } from "../python/python_process.ts";

const SCRIPT = fileURLToPath(new URL("compression.py", import.meta.url));
const HOST = "127.0.0.1";
const UNARY: RpcMethod = {
  path: "/tinyflight.test.Echo/Unary",
  requestStream: false,
  responseStream: false,
};
const STREAM: RpcMethod = {
  path: "/tinyflight.test.Echo/Stream",
  requestStream: true,
  responseStream: true,
};
const TIMEOUT = 30_000;
/** One that is not compressed, as it would get larger, and one of many pieces. */
const SIZES = [1, 300_000];

async function echo(call: IncomingCall): Promise<void> {
  const trailers = new CallHeaders();
  try {
    for await (const message of call.requests) {
      await call.send({ length: message.length, parts: [message] });
    }
    call.end({ code: "OK", message: "", trailers });
  } catch (error) {
    call.end({ code: "INTERNAL", message: "the echo has failed", trailers });
    if (!call.signal.aborted || error !== call.signal.reason) throw error;
  }
}

async function* send(...messages: Uint8Array[]): AsyncGenerator<OutgoingMessage> {
  for (const message of messages) yield { length: message.length, parts: [message] };
}

for (const encoding of ["gzip", "deflate"]) {
  Deno.test(`our server reads what grpcio compresses by ${encoding}`, async () => {
    const ended: Promise<void>[] = [];
    const answer = (call: IncomingCall) => void ended.push(echo(call));
    const listening = await wireServer().listen([UNARY, STREAM], answer, {
      address: { hostname: HOST, port: 0 },
      limits: { maxMessageBytes: 400_000, maxRequestBytes: 400_000 },
    });
    const call = (size: number) =>
      runPython(SCRIPT, "call", encoding, `${listening.port}`, `${size}`);
    try {
      for (const size of SIZES) {
        assertEquals((await call(size)).trim(), `${size} ${size} 0 ${size}`);
      }
      assertEquals((await call(400_001)).trim(), "RESOURCE_EXHAUSTED");
      await Promise.all(ended);
    } finally {
      await listening.close();
    }
  });

  Deno.test(`our client reads what grpcio compresses by ${encoding}`, async () => {
    await using server = new PythonProcess(SCRIPT, "serve", encoding);
    const port = Number(await server.line());
    const channel = wireClient().connect({ hostname: HOST, port }, {});
    try {
      for (const size of SIZES) {
        const message = new Uint8Array(size).map((_, index) => index % 251);
        for (
          const [method, ...messages] of [
            [UNARY, message],
            [STREAM, message, new Uint8Array(), message],
          ] as const
        ) {
          const call = channel.call(method, send(...messages), {
            headers: new CallHeaders(),
            deadline: new Date(Date.now() + TIMEOUT),
          });
          assertEquals(await Array.fromAsync(call.responses), [...messages]);
          assertEquals((await call.status).code, "OK");
        }
      }
    } finally {
      channel.close();
    }
  });
}
