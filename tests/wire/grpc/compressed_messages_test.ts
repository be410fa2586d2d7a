/** Messages that clients have compressed by gRPC's own means. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { gzipSync } from "node:zlib";
import { FlightClient } from "../../../flight/mod.ts";
import { grpcJs } from "../../../grpc_js/mod.ts";
import { TinyClient } from "../../../mod.ts";
import { RawConnection } from "../../helpers/wire/raw_call.ts";
import { assertFlightError, serving, utf8 } from "../../helpers/serving.ts";

/** What grpc-js calls its algorithms. */
const ALGORITHMS = { deflate: 1, gzip: 2 } as const;
/** Half a megabyte that is next to nothing once it is compressed. */
const ZEROS = tableFromArrays({ x: new Float64Array(64 * 1024) });
/** The bytes of a descriptor of the table `t`. */
const DESCRIPTOR = new Uint8Array([8, 2, 18, 1, 0x74]);

function compressing(location: string, algorithm: keyof typeof ALGORITHMS) {
  const transport = grpcJs({
    "grpc.default_compression_algorithm": ALGORITHMS[algorithm],
  });
  return new TinyClient(new FlightClient(location, { transport }));
}

/** Calls a method with this message, which is said to be compressed. */
async function callPacked(
  location: string,
  encoding: string,
  message: Uint8Array,
  { patience = 20_000, method = "GetFlightInfo" } = {},
): Promise<string> {
  const connection = new RawConnection(location);
  const prefix = new Uint8Array([1, 0, 0, 0, 0]);
  new DataView(prefix.buffer).setUint32(1, message.length);
  const { headers, trailers } = await connection.call({
    headers: {
      ":method": "POST",
      ":path": `/arrow.flight.protocol.FlightService/${method}`,
      "content-type": "application/grpc",
      "grpc-encoding": encoding,
      "te": "trailers",
    },
    pieces: [prefix, message],
    end: "close",
    patience,
  });
  await connection.close();
  const { "grpc-status": code, "grpc-message": text } = { ...headers, ...trailers };
  return text === undefined ? `${code}` : `${code} ${decodeURIComponent(String(text))}`;
}

for (const algorithm of ["gzip", "deflate"] as const) {
  Deno.test(`TinyServer takes what a client has compressed by ${algorithm}`, async () => {
    await using both = await serving();
    await using client = compressing(both.server.location, algorithm);
    const table = tableFromArrays({ x: [1.5, 2.5], s: ["a", "b"] });
    await client.putTable("t", table);
    await client.putTable("zeros", ZEROS);
    assertEquals((await both.client.getTable("t")).toArray(), table.toArray());
    assertEquals((await client.getTable("zeros")).numRows, ZEROS.numRows);
    assertEquals(await client.listTables(), ["t", "zeros"]);
  });

  Deno.test(`a message that ${algorithm} unpacks to too much is refused with the number`, async () => {
    await using both = await serving({ maxMessageBytes: 100_000 });
    await using client = compressing(both.server.location, algorithm);
    const puts = Array.from({ length: 8 }, (_, index) =>
      assertFlightError(
        () => client.putTable(`t${index}`, ZEROS),
        "RESOURCE_EXHAUSTED",
      ));
    for (const { message } of await Promise.all(puts)) {
      assert(message.includes("more than 100000 bytes"), message);
    }
    await client.putTable("small", tableFromArrays({ x: [1] }));
    assertEquals(await both.client.listTables(), ["small"]);
  });
}

Deno.test("what is no gzip, or is cut off, or has another encoding, is told", async () => {
  await using both = await serving();
  await both.client.putTable("t", ZEROS);
  const { location } = both.server;
  const packed = gzipSync(DESCRIPTOR);
  assertEquals(await callPacked(location, "gzip", packed), "0");
  // gRPC's status codes name INTERNAL for it.
  const wrong =
    "13 Cannot read the message: it is said to be compressed by gzip, and is not";
  assertEquals(await callPacked(location, "gzip", utf8("nothing of gzip's")), wrong);
  assertEquals(await callPacked(location, "gzip", packed.subarray(0, -9)), wrong);
  const unknown = await callPacked(location, "snappy", DESCRIPTOR);
  assert(unknown.startsWith("12 ") && unknown.includes("snappy"), unknown);
});

Deno.test("a call that ends while its message is unpacked lets the next one in", async () => {
  await using both = await serving();
  await both.client.putTable("t", ZEROS);
  const { location } = both.server;
  const bomb = gzipSync(new Uint8Array(64 * 1024 * 1024));
  const bombs = Array.from(
    { length: 8 },
    () => callPacked(location, "gzip", bomb, { patience: 50, method: "DoPut" }),
  );
  assert((await Promise.all(bombs)).includes("undefined"));
  const started = performance.now();
  assertEquals(await callPacked(location, "gzip", gzipSync(DESCRIPTOR)), "0");
  assert(performance.now() - started < 5000);
});
