/** Calls written by hand over HTTP/2, as gRPC's own libraries would not make them. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyServer } from "../../../mod.ts";
import {
  type RawAnswer,
  RawConnection,
  type RawHeaders,
  type RawRequest,
} from "../../helpers/wire/raw_call.ts";
import { http2Frame, PREFACE } from "../../helpers/wire/http2_bytes.ts";
import { serving } from "../../helpers/serving.ts";

const SETTINGS = 4;
/** How long a call waits for its answer on a busy machine, in milliseconds. */
const PATIENCE_MS = 20_000;
/** A descriptor of the table `t`, as gRPC frames it. */
const DESCRIPTOR = new Uint8Array([0, 0, 0, 0, 5, 8, 2, 18, 1, 0x74]);

function statusOf({ headers, trailers }: RawAnswer): string {
  const { "grpc-status": code, "grpc-message": message } = { ...headers, ...trailers };
  if (message === undefined) return `${code}`;
  return `${code} ${decodeURIComponent(String(message))}`;
}

/** Asks for the FlightInfo of the table `t`, and gives the status. */
async function getInfo(
  connection: RawConnection,
  more: RawHeaders = {},
  request: Partial<RawRequest> = {},
): Promise<string> {
  return statusOf(
    await connection.call({
      headers: {
        ":method": "POST",
        ":path": "/arrow.flight.protocol.FlightService/GetFlightInfo",
        "content-type": "application/grpc",
        "te": "trailers",
        ...more,
      },
      pieces: [DESCRIPTOR],
      end: "close",
      patience: PATIENCE_MS,
      ...request,
    }),
  );
}

Deno.test("a deadline further than a timer can wait has not passed", async () => {
  await using both = await serving();
  await both.client.putTable("t", tableFromArrays({ x: [1] }));
  const connection = new RawConnection(both.server.location);
  for (const timeout of ["3000000S", "99999999H", "99999999M", "1H", "100S"]) {
    assertEquals(await getInfo(connection, { "grpc-timeout": timeout }), "0");
  }
  await connection.close();
});

Deno.test("a client that does not know the server's limit yet is told of it", async () => {
  await using both = await serving({ maxCallHeaderBytes: 2000 });
  await both.client.putTable("t", tableFromArrays({ x: [1] }));
  const connection = new RawConnection(both.server.location);
  const status = await getInfo(connection, { "x-long": "a".repeat(3000) });
  assert(/^8 .* exceed 2000 bytes \(maxCallHeaderBytes\)$/.test(status), status);
  assertEquals(await getInfo(connection), "0");
  await connection.close();
});

Deno.test("what is no call of gRPC's gets an answer of HTTP's", async () => {
  await using both = await serving();
  const connection = new RawConnection(both.server.location);
  for (const type of ["application/json", "text/html", "application/grp"]) {
    const { headers, bytes } = await connection.call({
      headers: { ":method": "POST", ":path": "/", "content-type": type },
      pieces: [DESCRIPTOR],
      end: "close",
      patience: PATIENCE_MS,
    });
    assertEquals([headers[":status"], headers["content-type"]], [
      "415",
      "text/plain; charset=utf-8",
    ]);
    assert(bytes > 50);
  }
  await connection.close();
});

Deno.test("a call whose request does not come is ended after maxIdleTime", async () => {
  await using both = await serving({ maxIdleTime: 100 });
  const connection = new RawConnection(both.server.location);
  const started = performance.now();
  for (const pieces of [[], [DESCRIPTOR.subarray(0, 7)], [DESCRIPTOR]]) {
    const status = await getInfo(connection, {}, { pieces, end: "leave" });
    assert(/^8 .*nothing for 100 ms/.test(status), status);
  }
  const took = performance.now() - started;
  assert(took > 300 && took < PATIENCE_MS, `${took} ms`);
  await connection.close();
});

Deno.test("a connection is closed when its client says nothing, not even to a ping", async () => {
  await using both = await serving({ maxIdleTime: 100 });
  const port = Number(both.server.location.split(":").at(-1));
  const silent = [new Uint8Array(0), PREFACE, [
    PREFACE,
    http2Frame({ type: SETTINGS }),
  ]];
  const started = performance.now();
  await Promise.all(silent.map(async (words) => {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    for (const word of [words].flat()) if (word.length > 0) await conn.write(word);
    const buffer = new Uint8Array(1000);
    while (await conn.read(buffer) !== null);
    conn.close();
  }));
  const took = performance.now() - started;
  assert(took > 1000 && took < 15_000, `${took} ms`);
  // A client that answers stays.
  assertEquals(await both.client.listTables(), []);
  assertEquals(both.records.filter(({ error }) => error !== undefined), []);
});

Deno.test("one connection more than maxConnections is closed, until another one ends", async () => {
  await using both = await serving({ maxConnections: 3 });
  const port = Number(both.server.location.split(":").at(-1));
  const dial = () => Deno.connect({ hostname: "127.0.0.1", port });
  // A server that takes a connection speaks at once.
  const isClosed = async (conn: Deno.Conn) =>
    await conn.read(new Uint8Array(100)) === null;
  const conns = [await dial(), await dial(), await dial()];
  assert(await isClosed(conns[2]));
  assertEquals(await both.client.listTables(), []);
  for (const conn of conns) conn.close();
  let isFull = true;
  while (isFull) {
    // The server hears of a connection's end a little later.
    using again = await dial();
    isFull = await isClosed(again);
  }
});

const answeredEarly: [string, RawHeaders, Uint8Array[]][] = [
  ["whose deadline has passed", { "grpc-timeout": "20m" }, []],
  ["whose deadline has passed after its message", { "grpc-timeout": "20m" }, [
    DESCRIPTOR,
  ]],
  ["of two messages", {}, [DESCRIPTOR, DESCRIPTOR]],
  ["with too large a message", {}, [new Uint8Array([0, 255, 255, 255, 255])]],
  ["with a deadline that is none", { "grpc-timeout": "soon" }, []],
  ["with an unknown encoding", { "grpc-encoding": "snappy" }, [
    new Uint8Array([1, 0, 0, 0, 1, 0]),
  ]],
];
for (const [what, headers, pieces] of answeredEarly) {
  Deno.test(`a call ${what} that its client leaves open does no harm later`, async () => {
    await using both = await serving({ maxIdleTime: 100 });
    await both.client.putTable("t", tableFromArrays({ x: [1] }));
    const connection = new RawConnection(both.server.location);
    const status = await getInfo(connection, headers, { pieces, end: "leave" });
    assert(/^(3|4|8|12|13) /.test(status), status);
    assertEquals(await getInfo(connection), "0");
    await connection.close();
  });
}

Deno.test("a call whose deadline has passed before its request ended does not begin", async () => {
  class Watched extends TinyServer {
    get running(): number {
      return this.callHost.running.size;
    }
  }
  await using server = await new Watched({ port: 0 }).listen();
  const connection = new RawConnection(server.location);
  for (const method of ["ListActions", "GetFlightInfo", "DoGet", "DoAction"]) {
    const stream = await connection.open({
      ":path": `/arrow.flight.protocol.FlightService/${method}`,
      "content-type": "application/grpc",
      "grpc-timeout": "10m",
    });
    await stream.write(DESCRIPTOR);
    assertEquals((await stream.headers)["grpc-status"], "4");
    await stream.end();
  }
  // What was sent after the last answer has arrived before this call.
  assertEquals(await getInfo(connection, { ":method": "GET" }), "undefined");
  assertEquals(server.running, 0);
  await connection.close();
});

Deno.test("a request that comes slowly, but comes, is not idle", async () => {
  await using both = await serving({ maxIdleTime: 1000 });
  await both.client.putTable("t", tableFromArrays({ x: [1] }));
  const connection = new RawConnection(both.server.location);
  const stream = await connection.open({
    ":path": "/arrow.flight.protocol.FlightService/GetFlightInfo",
    "content-type": "application/grpc",
  });
  for (const byte of DESCRIPTOR) {
    await stream.write(new Uint8Array([byte]));
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  await stream.end();
  assertEquals(statusOf(await stream.closed), "0");
  await connection.close();
});

Deno.test("requests that nobody reads count for as long as they are kept", async () => {
  await using both = await serving({ maxArrivingBytes: 100_000 });
  await both.client.putTable("t", tableFromArrays({ x: [1] }));
  const connection = new RawConnection(both.server.location);
  const whole = new Uint8Array(60_000);
  new DataView(whole.buffer).setUint32(1, whole.length - 5);
  const enough = Promise.withResolvers<void>();
  const left = { pieces: [whole], end: "leave", until: enough.promise } as const;
  // Whichever of both comes last is too much.
  const requests = [1, 2].map(() => getInfo(connection, {}, left));
  const refused = await Promise.race(requests);
  assert(/^8 .*\(maxArrivingBytes\); .*try again later/.test(refused), refused);
  enough.resolve();
  assertEquals((await Promise.all(requests)).includes("undefined"), true);
  assertEquals(await getInfo(connection), "0");
  await connection.close();
});

Deno.test("parts of messages count for all calls together, and what ends gives room", async () => {
  await using both = await serving({ maxArrivingBytes: 100_000 });
  await both.client.putTable("t", tableFromArrays({ x: [1] }));
  const connection = new RawConnection(both.server.location);
  // A message of a million bytes, of which some have come.
  const part = (bytes: number, until: Promise<void>) => {
    const pieces = [new Uint8Array([0, 0, 15, 66, 64]), new Uint8Array(bytes)];
    return getInfo(connection, {}, { pieces, end: "leave", until });
  };
  // Whichever of three comes last is too much.
  const enough = Promise.withResolvers<void>();
  const parts = Array.from({ length: 3 }, () => part(40_000, enough.promise));
  const beyond = await Promise.race(parts);
  assert(/^8 .*exceed 100000 bytes.*\(maxArrivingBytes\)/.test(beyond), beyond);
  assertEquals(await getInfo(connection), "0");
  enough.resolve();
  const others = (await Promise.all(parts)).filter((status) => status !== beyond);
  assertEquals(others, Array(2).fill("undefined"));
  const seen = Promise.withResolvers<void>();
  const again = Array.from({ length: 2 }, () => part(40_000, seen.promise));
  // What has come before this call was refused by now, if it was.
  assertEquals(await getInfo(connection), "0");
  seen.resolve();
  assertEquals(await Promise.all(again), Array(2).fill("undefined"));
  await connection.close();
});
