/** Tables over HTTP in the formats of files, by the query `as`. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import {
  Decimal,
  makeData,
  Table,
  tableFromArrays,
  tableFromIPC,
  Vector,
} from "apache-arrow";
import type { ShownTable } from "../../http/page/told.ts";
import { httpServing, jsonOf, putBytes } from "../helpers/http_serving.ts";
import { readStream } from "../helpers/tables/arrow_stream.ts";
import { utf8 } from "../helpers/serving.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3], y: ["a", "b", null] });

/** The table as a file, by the server itself. */
async function arrowFile(url: string): Promise<Uint8Array> {
  const response = await fetch(`${url}?as=arrow`);
  const type = response.headers.get("content-type");
  assertEquals(type, "application/vnd.apache.arrow.file");
  return new Uint8Array(await response.arrayBuffer());
}

Deno.test("GET with `as` gives a file of that format, PUT with `as` takes one", async () => {
  await using both = await httpServing();
  const url = both.urlOf("points");
  await both.client.putTable("points", POINTS);
  const bytes = await arrowFile(url);
  assertEquals(new TextDecoder().decode(bytes.subarray(0, 6)), "ARROW1");
  assertEquals(tableFromIPC(bytes).toArray(), POINTS.toArray());
  const put = await putBytes(`${both.urlOf("copy")}?as=arrow`, bytes);
  const { rows } = await jsonOf(put, 201) as { rows: number };
  assertEquals(rows, 3);
  assertEquals((await both.client.getTable("copy")).toArray(), POINTS.toArray());
  const head = await fetch(`${url}?as=arrow`, { method: "HEAD" });
  assertEquals(
    head.headers.get("content-type"),
    "application/vnd.apache.arrow.file",
  );
  assertEquals(head.headers.get("content-length"), null);
});

Deno.test("`as=arrows` is the same as nothing: a table's messages as they were put", async () => {
  await using both = await httpServing();
  const url = both.urlOf("deltas");
  const stream = readStream("deltas");
  await jsonOf(await putBytes(`${url}?as=arrows`, stream), 201);
  const [plain, named] = await Promise.all([fetch(url), fetch(`${url}?as=arrows`)]);
  const head = await fetch(`${url}?as=arrows`, { method: "HEAD" });
  for (const { headers } of [named, head]) {
    for (const name of ["content-type", "content-length", "etag"]) {
      assertEquals([name, headers.get(name)], [name, plain.headers.get(name)]);
    }
  }
  assertEquals(
    plain.headers.get("content-type"),
    "application/vnd.apache.arrow.stream",
  );
  assertEquals(await named.bytes(), await plain.bytes());
  assertEquals(named.headers.get("content-length"), `${stream.length}`);
});

Deno.test("CSV goes in with the types of its columns, and comes out the same", async () => {
  await using both = await httpServing();
  const url = `${both.urlOf("cities")}?as=csv`;
  const csv = 'id,city,people\n9007199254740993,"Suva, Fiji",93970\n2,,18526\n';
  const { rows } = await jsonOf(await putBytes(url, utf8(csv)), 201) as {
    rows: number;
  };
  assertEquals(rows, 2);
  const cities = await both.client.getTable("cities");
  assertEquals(cities.schema.fields.map(({ type }) => `${type}`), [
    "Int64",
    "Utf8",
    "Int64",
  ]);
  assertEquals(cities.getChild("id")!.get(0), 9007199254740993n);
  const response = await fetch(url);
  assertEquals(response.headers.get("content-type"), "text/csv; charset=utf-8");
  assertEquals(await response.text(), csv);
});

Deno.test("JSON goes in and out, by the line and as an array", async () => {
  await using both = await httpServing();
  for (
    const [as, text, type] of [
      ["ndjson", '{"x":1,"y":["a",null]}\n{"x":2,"y":[]}\n', "application/x-ndjson"],
      ["json", '[{"x":1,"y":["a",null]},{"x":2,"y":[]}]', "application/json"],
    ]
  ) {
    const url = `${both.urlOf("a")}?as=${as}`;
    await (await putBytes(url, utf8(text))).body?.cancel();
    const response = await fetch(url);
    assertEquals(response.headers.get("content-type"), type);
    assertEquals((await response.text()).replace(/\s/g, ""), text.replace(/\s/g, ""));
    assertEquals((await both.client.getTable("a")).numRows, 2);
  }
});

Deno.test("Parquet goes in and out", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  const response = await fetch(`${both.urlOf("points")}?as=parquet`);
  const type = response.headers.get("content-type");
  assertEquals(type, "application/vnd.apache.parquet");
  const bytes = await response.bytes();
  const url = `${both.urlOf("copy")}?as=parquet`;
  await jsonOf(await putBytes(url, bytes), 201);
  const copy = await both.client.getTable("copy");
  assertEquals(copy.toArray().map(String), POINTS.toArray().map(String));
  const error = await jsonOf(await putBytes(url, bytes.slice(0, 100)), 400);
  assertMatch(JSON.stringify(error), /Parquet/);
});

Deno.test("a wrong CSV is told with its place, and what CSV cannot hold with its column", async () => {
  await using both = await httpServing();
  const put = await putBytes(`${both.urlOf("a")}?as=csv`, utf8("x,y\n1,2\n3,4,5\n"));
  assertMatch(JSON.stringify(await jsonOf(put, 400)), /line 3, column 3: the row has/);
  assertEquals(await both.client.listTables(), []);
  await jsonOf(await putBytes(both.urlOf("structs"), readStream("structs")), 201);
  const get = await fetch(`${both.urlOf("structs")}?as=csv`);
  assertMatch(JSON.stringify(await jsonOf(get, 400)), /struct.*CSV cannot hold/);
});

Deno.test("a file that falls silent in its middle is given up", async () => {
  await using both = await httpServing({ maxIdleTime: 40 });
  const port = Number(new URL(both.http.location).port);
  using connection = await Deno.connect({ port });
  const head = "PUT /tables/a?as=csv HTTP/1.1\r\nhost: localhost\r\n";
  await connection.write(utf8(`${head}content-length: 9000\r\n\r\nx,y\n1,`));
  const bytes = new Uint8Array(1000);
  const length = await connection.read(bytes) ?? 0;
  const answer = new TextDecoder().decode(bytes.subarray(0, length));
  assertMatch(answer, /^HTTP\/1.1 413 .*maxIdleTime/s);
  assertEquals(await both.client.listTables(), []);
});

Deno.test("decimals of any scale are short, on the page and in CSV", async () => {
  await using both = await httpServing();
  for (const scale of [2 ** 31 - 1, -(2 ** 31), 77]) {
    const type = new Decimal(scale, 20, 128);
    const value = makeData({ type, data: Uint32Array.of(12, 0, 0, 0), length: 1 });
    await both.client.putTable("a", new Table({ x: new Vector([value]) }));
    const csv = await (await fetch(`${both.urlOf("a")}?as=csv`)).text();
    assertEquals(csv, `x\n12e${-scale}\n`);
    const shown = await fetch(`${both.http.location}/page/tables/a`);
    const { part } = await jsonOf(shown, 200) as ShownTable;
    assertEquals(part.rows, [[`12e${-scale}`]]);
  }
});

Deno.test("a file that is broken off while it is sent is no whole file to its client", async () => {
  await using both = await httpServing();
  const long = tableFromArrays({
    x: Float64Array.from({ length: 3e6 }, (_, at) => at),
  });
  await both.client.putTable("long", long);
  const response = await fetch(`${both.urlOf("long")}?as=csv`);
  const reader = response.body!.getReader();
  await reader.read();
  await both.server.shutdown({ timeout: 0 });
  await assertRejects(async () => {
    while (!(await reader.read()).done);
  });
});

Deno.test("a format that is not known is 400, and a wrong file leaves the table", async () => {
  await using both = await httpServing();
  await both.client.putTable("points", POINTS);
  const url = both.urlOf("points");
  for (const as of ["xml", "", "__proto__"]) {
    for (const method of ["GET", "PUT", "HEAD"]) {
      const body = method === "PUT" ? new Uint8Array(8) : undefined;
      const response = await fetch(`${url}?as=${as}`, { method, body });
      await response.body?.cancel();
      assertEquals([as, method, response.status], [as, method, 400]);
    }
  }
  const cut = (await arrowFile(url)).slice(0, -20);
  const error = await jsonOf(await putBytes(`${url}?as=arrow`, cut), 400);
  assertMatch(JSON.stringify(error), /"INVALID_ARGUMENT","message":"Cannot read the/);
  assertEquals((await both.client.getTable("points")).numRows, 3);
});

Deno.test("a file that breaks off, or is too large, leaves the table that was there", async () => {
  await using both = await httpServing({ maxArrivingBytes: 100_000 });
  await both.client.putTable("points", POINTS);
  const url = `${both.urlOf("points")}?as=arrow`;
  const large = new Uint8Array(200_000);
  large.set(new TextEncoder().encode("ARROW1"));
  const error = await jsonOf(await putBytes(url, large), 413);
  assertMatch(JSON.stringify(error), /maxArrivingBytes/);
  const port = Number(new URL(url).port);
  // Without its end, each of these would be a file.
  for (
    const rest of [
      "content-length: 9000\r\n\r\nx,y\n1,2\n",
      "transfer-encoding: chunked\r\n\r\n8\r\nx,y\n1,2\n\r\n",
    ]
  ) {
    both.records.length = 0;
    {
      using connection = await Deno.connect({ port });
      const head = "PUT /tables/points?as=csv HTTP/1.1\r\nhost: localhost\r\n";
      await connection.write(utf8(head + rest));
    }
    while (!both.records.some(({ method }) => method === "DoPut")) {
      await both.client.listTables();
    }
    const put = both.records.find(({ method }) => method === "DoPut");
    assertEquals(put?.error?.code, "CANCELLED");
  }
  assertEquals((await both.client.getTable("points")).numRows, 3);
});
