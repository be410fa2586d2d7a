/** The programs of nghttp2: many calls at once, and a request that is not gRPC's. */
import { assertEquals } from "@std/assert";
import { wireServer } from "../../../wire/server.ts";
import { METHODS } from "../grpc/messages.ts";
import { TEST_METHODS, TestService } from "../grpc/test_service.ts";
import { prepareNghttp2 } from "./nghttp2_programs.ts";

const HOST = "127.0.0.1";
const REQUESTS = 100_000;
const CONNECTIONS = 10;
const STREAMS = 100;
/** How long a program may run, in milliseconds. */
const MAX_DURATION = 180_000;
/** An empty message with its prefix. */
const BODY = new Uint8Array(5);

await prepareNghttp2();

async function run(program: string, ...args: string[]): Promise<string> {
  const { stdout, stderr } = await new Deno.Command(program, {
    args,
    stdin: "null",
    signal: AbortSignal.timeout(MAX_DURATION),
  }).output();
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

/** Makes many calls of EmptyCall; gives the lines of the result. */
async function runH2load(port: number): Promise<string[]> {
  const body = await Deno.makeTempFile();
  try {
    await Deno.writeFile(body, BODY);
    const output = await run(
      "h2load",
      ...["-n", `${REQUESTS}`, "-c", `${CONNECTIONS}`, "-m", `${STREAMS}`, "-d", body],
      ...["-H", "content-type: application/grpc", "-H", "te: trailers"],
      `http://${HOST}:${port}${METHODS.emptyCall.path}`,
    );
    return output.split("\n");
  } finally {
    await Deno.remove(body);
  }
}

Deno.test(`h2load makes ${REQUESTS} calls, ${STREAMS} at a time on each connection, without a fault`, async () => {
  let calls = 0;
  let lost = 0;
  const service = new TestService();
  const listening = await wireServer().listen(TEST_METHODS, (call) => {
    calls++;
    call.signal.addEventListener("abort", () => lost++);
    service.answer(call);
  }, { address: { hostname: HOST, port: 0 }, limits: {} });
  try {
    const lines = await runH2load(listening.port);
    const find = (start: string) => lines.find((line) => line.startsWith(start));
    assertEquals(
      [find("requests: "), find("status codes: ")],
      [
        `requests: ${REQUESTS} total, ${REQUESTS} started, ${REQUESTS} done, ${REQUESTS} succeeded, 0 failed, 0 errored, 0 timeout`,
        `status codes: ${REQUESTS} 2xx, 0 3xx, 0 4xx, 0 5xx`,
      ],
    );
    await service.ended();
    assertEquals([calls, lost], [REQUESTS, 0]);
  } finally {
    await listening.close();
  }
});

Deno.test("a person who GETs from our server reads what it is", async () => {
  const service = new TestService();
  const listening = await wireServer().listen(TEST_METHODS, service.answer, {
    address: { hostname: HOST, port: 0 },
    limits: {},
  });
  try {
    assertEquals(
      await run("nghttp", `http://${HOST}:${listening.port}/`),
      "This is a gRPC server: it answers POST requests of the type application/grpc.\n",
    );
  } finally {
    await listening.close();
  }
});
