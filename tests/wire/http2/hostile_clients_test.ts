/** Clients that use HTTP/2 to harm the server. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../mod.ts";
import {
  callHeaders,
  FLAGS,
  FRAMES,
  http2Frame,
  literalHeaders,
  PREFACE,
} from "../../helpers/wire/http2_bytes.ts";
import { serving } from "../../helpers/serving.ts";

const { DATA, HEADERS, RST_STREAM, SETTINGS, PING, WINDOW_UPDATE, CONTINUATION } =
  FRAMES;
const { END_STREAM, END_HEADERS } = FLAGS;
const SMALL = tableFromArrays({ x: [1, 2, 3] });
/** What the server may have more of memory after an attack. */
const MORE_BYTES = 200e6;
/** A get that nobody reads holds a message, of which there can be so many at most. */
const UNREAD_BYTES = 2 * 100 * 4 * 1024 * 1024;

function headers(
  method: string,
  stream: number,
  flags: number = END_HEADERS,
): Uint8Array {
  return http2Frame({ type: HEADERS, flags, stream, payload: callHeaders(method) });
}

/** A list of what `make` gives for each number up to `count`. */
function times(count: number, make: (index: number) => Uint8Array[]): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => make(index)).flat();
}

/** Bytes of a message to DoGet: a ticket for the table `large`. */
const TICKET = new Uint8Array([
  0,
  0,
  0,
  0,
  7,
  10,
  5,
  ...new TextEncoder().encode("large"),
]);

const attacks: [string, Uint8Array[]][] = [
  [
    "resets its calls at once",
    times(20_000, (index) => [
      headers("DoGet", 2 * index + 1),
      http2Frame({
        type: RST_STREAM,
        stream: 2 * index + 1,
        payload: new Uint8Array([0, 0, 0, 8]),
      }),
    ]),
  ],
  ["leaves calls open", times(5000, (index) => [headers("DoPut", 2 * index + 1)])],
  [
    "asks for a large table again and again, and reads nothing",
    times(300, (index) => [
      headers("DoGet", 2 * index + 1),
      http2Frame({
        type: DATA,
        flags: END_STREAM,
        stream: 2 * index + 1,
        payload: TICKET,
      }),
    ]),
  ],
  [
    "has headers without end",
    [
      headers("DoGet", 1, 0),
      ...times(5000, () => [
        http2Frame({
          type: CONTINUATION,
          stream: 1,
          payload: literalHeaders({ x: "y".repeat(100) }),
        }),
      ]),
    ],
  ],
  [
    "sends frames of headers that are empty",
    [
      headers("DoGet", 1, 0),
      ...times(20_000, () => [http2Frame({ type: CONTINUATION, stream: 1 })]),
    ],
  ],
  [
    "pings",
    times(100_000, () => [http2Frame({ type: PING, payload: new Uint8Array(8) })]),
  ],
  ["changes its settings", times(50_000, () => [http2Frame({ type: SETTINGS })])],
  [
    "sends frames of data that are empty",
    [
      headers("DoPut", 1),
      ...times(50_000, () => [http2Frame({ type: DATA, stream: 1 })]),
    ],
  ],
  [
    "opens its window beyond all measure",
    times(100, () => [
      http2Frame({
        type: WINDOW_UPDATE,
        payload: new Uint8Array([127, 255, 255, 255]),
      }),
    ]),
  ],
  ["says nothing that is HTTP/2", [new Uint8Array(1_000_000).fill(65)]],
];

/** Sends all of it, and reads nothing, until the server closes the connection. */
async function attack(port: number, frames: readonly Uint8Array[]): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const all = [PREFACE, http2Frame({ type: SETTINGS }), ...frames];
  let bytes = await new Blob(all as BlobPart[]).bytes();
  try {
    while (bytes.length > 0) {
      bytes = bytes.subarray(await conn.write(bytes.subarray(0, 65_536)));
    }
  } catch (error) {
    const isClosed = error instanceof Deno.errors.ConnectionReset ||
      error instanceof Deno.errors.BrokenPipe;
    if (!isClosed) throw error;
  }
  return conn;
}

for (const [what, frames] of attacks) {
  Deno.test(`a client that ${what} does no harm to others`, async () => {
    await using both = await serving({
      hostname: "127.0.0.1",
      maxConcurrentCalls: 400,
    });
    await both.client.putTable("small", SMALL);
    await both.client.putTable("large", tableFromArrays({ x: new Float64Array(1e6) }));
    const port = Number(both.server.location.split(":").at(-1));
    const before = Deno.memoryUsage().rss;
    let isOver = false;
    const attacking = attack(port, frames).finally(() => isOver = true);
    let slowest = 0;
    do {
      const started = performance.now();
      assertEquals((await both.client.getTable("small")).numRows, 3);
      slowest = Math.max(slowest, performance.now() - started);
    } while (!isOver);
    using _ = await attacking;
    assert(slowest < 3000, `a small get has taken ${slowest} ms`);
    await using newcomer = await TinyClient.connect(both.server.location);
    assertEquals((await newcomer.getTable("small")).numRows, 3);
    const more = Deno.memoryUsage().rss - before;
    const most = what.includes("large table") ? UNREAD_BYTES : MORE_BYTES;
    assert(more < most, `${more} bytes of memory more`);
  });
}
