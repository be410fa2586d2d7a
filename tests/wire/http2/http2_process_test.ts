/**
 * Peers that could end a process, or take all of its memory. Who is attacked has a
 * process of its own here, which a fault of Deno would take down with it.
 */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../client.ts";
import {
  callHeaders,
  FLAGS,
  FRAMES,
  http2Frame,
  KEPT_HEADER,
  keptHeader,
  say,
  TOO_MANY_HEADERS,
  uint32s,
} from "../../helpers/wire/http2_bytes.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { runDeno } from "../../helpers/processes/deno_process.ts";
import { TcpAnswerer, writeAll } from "../../helpers/wire/raw_tcp.ts";
import { Peer } from "../../soak/peer.ts";
import type { Usage } from "../../soak/server.ts";
import { utf8 } from "../../helpers/serving.ts";

const { DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, WINDOW_UPDATE } = FRAMES;
const { END_STREAM, ACK, END_HEADERS } = FLAGS;
const MIB = 1024 * 1024;
/** Memory that was freed is not used again at once each time. */
const ROUNDS = 10;
const GETS = 8;
const LARGE_BATCHES = 16;
/** What is framed and not read, and two messages of 4 MiB for each get, each twice. */
const MAX_UNREAD_BYTES = 2 * (16 + GETS * 2 * 4) * MIB;
/** About as much as a peer keeps of headers. */
const LARGE_HEADER = 3900;
const BOMBS = 500;
/** If all of the bombs were taken, they would have ten times as much. */
const MAX_BOMB_BYTES = 200 * MIB;

/** A server in a process of its own, and how much it has in use. */
class Process implements AsyncDisposable {
  readonly #peer = new Peer("server");
  location = "";
  port = 0;

  static async start(): Promise<Process> {
    const process = new Process();
    process.location = (await process.#peer.readLine())!;
    process.port = Number(process.location.split(":").at(-1));
    return process;
  }

  /** What it has in use; an Error when it is no more. */
  async usage(): Promise<Usage> {
    await this.#peer.writeLine("usage").catch(() => {});
    const line = await this.#peer.readLine();
    assert(line !== undefined, "the server's process has ended");
    return JSON.parse(line);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#peer.ended();
  }
}

/** A call of a method with a message, which is a ticket or a descriptor. */
function call(method: string, stream: number, name = "x"): Uint8Array[] {
  const message = [10, name.length, ...utf8(name)];
  const headers = callHeaders(method);
  const data = Uint8Array.from([0, 0, 0, 0, message.length, ...message]);
  return [
    http2Frame({ type: HEADERS, flags: END_HEADERS, stream, payload: headers }),
    http2Frame({ type: DATA, flags: END_STREAM, stream, payload: data }),
  ];
}

/** Reads until a frame of this type has begun. */
async function hear(conn: Deno.Conn, type: number): Promise<void> {
  let bytes: Uint8Array = new Uint8Array(0);
  for (let at = 0; bytes[at + 3] !== type;) {
    if (bytes.length - at >= 9) {
      at += 9 + (new DataView(bytes.buffer).getUint32(at) >>> 8);
      continue;
    }
    const buffer = new Uint8Array(4096);
    const length = await conn.read(buffer);
    assert(length !== null, "the server has hung up");
    bytes = joinBytes([bytes, buffer.subarray(0, length)]);
  }
}

/** Says no more, and reads until the other side has ended, too. */
async function endBoth(conn: Deno.Conn): Promise<void> {
  await conn.closeWrite().catch(() => {});
  await readToEnd(conn);
}

/** Reads until the other side ends or breaks off. */
async function readToEnd(conn: Deno.Conn): Promise<void> {
  try {
    const buffer = new Uint8Array(4096);
    while (await conn.read(buffer) !== null);
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  } finally {
    conn.close();
  }
}

const faults: readonly (readonly [string, Uint8Array])[] = [
  [
    "answers a ping that was not sent",
    http2Frame({ type: PING, flags: ACK, payload: new Uint8Array(8) }),
  ],
  ["leaves with an error", http2Frame({ type: GOAWAY, payload: uint32s(0, 2) })],
  [
    "opens its window by nothing",
    http2Frame({ type: WINDOW_UPDATE, payload: uint32s(0) }),
  ],
  [
    "resets a call that there is not",
    http2Frame({ type: RST_STREAM, stream: 9, payload: uint32s(8) }),
  ],
];
for (const [what, fault] of faults) {
  Deno.test(`a server lives when a client ${what}, and calls`, async () => {
    await using process = await Process.start();
    for (let round = 0; round < ROUNDS; round++) {
      for (
        const method of ["DoGet", "DoPut", "GetFlightInfo", "ListFlights", "Other"]
      ) {
        const [before, after] = [call(method, 1), call(method, 3)];
        await endBoth(await say(process.port, [fault, ...before]));
        await endBoth(await say(process.port, [...before, fault, ...after]));
      }
    }
    await using client = await TinyClient.connect(process.location);
    assertEquals(await client.listTables(), []);
    assertEquals((await process.usage()).calls, 0);
  });
}

Deno.test("a server lives when a client resets a call with its refused trailers", async () => {
  await using process = await Process.start();
  for (let round = 0; round < ROUNDS; round++) {
    const [begin] = call("DoPut", 1);
    const ping = http2Frame({ type: PING, payload: new Uint8Array(8) });
    using conn = await say(process.port, [begin, ping]);
    // The call has begun when the ping is answered.
    await hear(conn, PING);
    const flags = END_HEADERS | END_STREAM;
    const refused = { type: HEADERS, flags, stream: 1, payload: TOO_MANY_HEADERS };
    const reset = { type: RST_STREAM, stream: 1, payload: uint32s(8) };
    await writeAll(conn, joinBytes([http2Frame(refused), http2Frame(reset), ping]));
    await hear(conn, PING);
  }
  assertEquals((await process.usage()).calls, 0);
});

Deno.test("a client lives when a server leaves with an error", async () => {
  const flight = new URL("../../../flight/mod.ts", import.meta.url);
  const settings = http2Frame({ type: SETTINGS });
  const leave = http2Frame({ type: GOAWAY, payload: uint32s(0, 2) });
  for (let round = 0; round < ROUNDS; round++) {
    await using server = new TcpAnswerer([settings, leave]);
    const program = `
      import { FlightClient } from "${flight}";
      await using client = new FlightClient("grpc://127.0.0.1:${server.port}");
      await client.getSchema({}, { timeout: 2000 }).catch(({ name }) => console.log(name));
    `;
    const { code, stdout, stderr } = await runDeno("eval", "--no-check", program);
    assertEquals([code, stdout, stderr], [0, "FlightError\n", ""]);
  }
});

Deno.test("a client with wide windows that reads nothing has little kept for it", async () => {
  await using process = await Process.start();
  await using client = await TinyClient.connect(process.location);
  const [batch] = tableFromArrays({ x: new Float64Array(4 * MIB / 8) }).batches;
  await client.putTable("large", Array(LARGE_BATCHES).fill(batch));
  const start = await process.usage();
  const wide = 2 ** 31 - 1;
  using _ = await say(process.port, [
    http2Frame({ type: SETTINGS, payload: Uint8Array.from([0, 4, ...uint32s(wide)]) }),
    http2Frame({ type: WINDOW_UPDATE, payload: uint32s(wide - 65_535) }),
    ...Array.from({ length: GETS }, (_, index) => call("DoGet", 2 * index + 1, "large"))
      .flat(),
  ]);
  let [before, after] = [start, start];
  do {
    [before, after] = [after, await process.usage()];
  } while (
    after.calls < GETS || Math.abs(after.bytes - before.bytes) > MIB
  );
  assertEquals(after.calls, GETS);
  const more = after.bytes - start.bytes;
  assert(more < MAX_UNREAD_BYTES, `${more} bytes are kept`);
});

/** Headers that Deno takes, and those of which it has enough before they end. */
for (const repeated of [120, 10_000]) {
  Deno.test(`headers that repeat a large one ${repeated} times end the connection`, async () => {
    await using process = await Process.start();
    const before = await process.usage();
    const [first] = call("ListFlights", 1);
    const kept = keptHeader("x", "x".repeat(LARGE_HEADER));
    const bomb = new Uint8Array(repeated).fill(KEPT_HEADER);
    const headers = (stream: number, payload: Uint8Array) =>
      http2Frame({ type: HEADERS, flags: END_HEADERS | END_STREAM, stream, payload });
    for (let round = 0; round < ROUNDS; round++) {
      const frames = [
        first,
        headers(3, kept),
        ...Array.from({ length: BOMBS }, (_, index) => headers(2 * index + 5, bomb)),
      ];
      await say(process.port, frames).then(readToEnd, (error) => {
        // The server may hang up before it has heard all of it.
        const isHangUp = error instanceof Deno.errors.ConnectionReset ||
          error instanceof Deno.errors.BrokenPipe;
        if (!isHangUp) throw error;
      });
    }
    const { calls, resident } = await process.usage();
    assertEquals(calls, 0);
    const more = resident - before.resident;
    assert(more < MAX_BOMB_BYTES, `${more} bytes are kept`);
  });
}
