/** Where files come from: paths, pipes, streams and Blobs, compressed or not. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { FileError, formatOf, readFile, tableNameOf } from "../../files/mod.ts";
import { fileBytes, pieces, readTable } from "../helpers/tables/table_files.ts";

const ENCODER = new TextEncoder();
const CSV = ENCODER.encode("depth,mag\n562,4.8\n650,4.2\n");
const EXPECTED = {
  columns: ["depth: Int64", "mag: Float64"],
  rows: [["562n", "4.8"], ["650n", "4.2"]],
};

/** A stream that tells whether it was ended from here. */
function watched(chunks: readonly Uint8Array[]) {
  const state = { isCancelled: false };
  const left = [...chunks];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = left.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel() {
      state.isCancelled = true;
    },
  }, { highWaterMark: 0 });
  return { stream, state };
}

Deno.test("formatOf() and tableNameOf() read a file's name", () => {
  const cases: [string, string | undefined, string | undefined][] = [
    ["a/quakes.csv", "csv", "quakes"],
    ["C:\\data\\quakes.TSV", "csv", "quakes"],
    ["quakes.v2.ndjson.gz", "ndjson", "quakes.v2"],
    ["quakes.jsonl", "ndjson", "quakes"],
    ["quakes.feather", "arrow", "quakes"],
    ["quakes.arrows", "arrows", "quakes"],
    ["quakes.pq", "parquet", "quakes"],
    ["quakes.txt", undefined, "quakes.txt"],
    ["quakes.csv/", undefined, undefined],
    [".csv", "csv", undefined],
    ["toString", undefined, "toString"],
  ];
  for (const [name, format, table] of cases) {
    assertEquals([formatOf(name), tableNameOf(name)], [format, table], name);
  }
});

Deno.test("readFile() reads a path, a URL, a Blob, a File and a stream", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/quakes.csv`;
    await Deno.writeFile(path, CSV);
    const sources = [
      path,
      new URL(`file://${path}`),
      new File([CSV], "quakes.csv"),
      new Blob([CSV]),
      watched([CSV.slice(0, 5), CSV.slice(5)]).stream,
    ];
    for (const source of sources) {
      const name = source instanceof ReadableStream || source instanceof Blob
        ? "quakes.csv"
        : undefined;
      await using file = await readFile(source, { name });
      assertEquals(file.tableName, "quakes");
      assertEquals((await Array.fromAsync(file)).length, 1);
    }
    await assertRejects(() => readFile(folder), FileError, "it is a folder");
    await assertRejects(() => readFile(`${path}x`), FileError, "there is no such file");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readFile() and writeFile() compress with gzip where the name says it", async () => {
  const table = tableFromArrays({ x: Int32Array.of(1, 2, 3) });
  for (const name of ["x.csv.gz", "x.ndjson.gz", "x.arrow.gz", "x.parquet.gz"]) {
    const bytes = await fileBytes(table, { name });
    assertEquals([...bytes.slice(0, 2)], [0x1f, 0x8b], name);
    const read = await readTable(pieces(bytes, 10), { name });
    assertEquals(read.rows.length, 3, name);
  }
  const two = new Uint8Array([
    ...await fileBytes(table, { name: "x.csv.gz" }),
    ...await fileBytes(table, { name: "x.csv.gz", header: false }),
  ]);
  assertEquals((await readTable(two, { name: "x.csv.gz" })).rows.length, 6);
  await assertRejects(
    () => readTable(two.slice(0, 30), { name: "x.csv.gz" }),
    FileError,
    'Cannot read "x.csv.gz": it is not a whole file of gzip',
  );
});

Deno.test("readFile() keeps a long stream in a temporary file, which is gone afterwards", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const row = ENCODER.encode(`${"x".repeat(1023)}\n`);
    const chunk = new Uint8Array(1 << 20);
    for (let at = 0; at < chunk.length; at += row.length) chunk.set(row, at);
    const chunks = [
      ENCODER.encode("text\n"),
      ...Array.from({ length: 40 }, () => chunk),
    ];
    await using file = await readFile(watched(chunks).stream, {
      format: "csv",
      temporaryFolder: folder,
    });
    assertEquals([...Deno.readDirSync(folder)].length, 1);
    let rows = 0;
    for await (const batch of file) rows += batch.numRows;
    assertEquals(rows, 40 * 1024);
    assertEquals([...Deno.readDirSync(folder)], []);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readFile() ends its source when it is closed early, refused or aborted", async () => {
  const table = tableFromArrays({ x: Int32Array.of(1, 2, 3) });
  const stream = await fileBytes(table, { format: "arrows" });
  const closed = watched([stream.slice(0, -8), stream.slice(-8)]);
  const file = await readFile(closed.stream, { format: "arrows" });
  await file.close();
  assert(closed.state.isCancelled);

  const refused = watched([ENCODER.encode("no stream of Arrow"), CSV]);
  await assertRejects(() => readFile(refused.stream, { format: "arrows" }), FileError);
  assert(refused.state.isCancelled);

  const unknown = watched([CSV]);
  await assertRejects(() => readFile(unknown.stream), FileError);
  assert(unknown.state.isCancelled);

  const controller = new AbortController();
  const aborted = watched(Array.from({ length: 20 }, () => CSV));
  async function* slow() {
    for await (const chunk of aborted.stream) {
      yield chunk;
      controller.abort(new Error("no longer wanted"));
    }
  }
  await assertRejects(
    () => readFile(slow(), { format: "csv", signal: controller.signal }),
    Error,
    "no longer wanted",
  );
  assert(aborted.state.isCancelled);
});

Deno.test("readFile() reads the rows of a file once", async () => {
  await using file = await readFile(CSV, { format: "csv" });
  assertEquals((await Array.fromAsync(file)).length, 1);
  await assertRejects(
    () => Array.fromAsync(file),
    TypeError,
    "Cannot read a file's rows twice",
  );
  assertEquals(await readTable(pieces(CSV, 3), { format: "csv" }), EXPECTED);
});

Deno.test("readFile() reads a pipe that has a path", {
  ignore: Deno.build.os === "windows",
}, async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = `${folder}/pipe`;
    await new Deno.Command("mkfifo", { args: [path] }).output();
    const [read] = await Promise.all([
      readFile(path, { format: "csv" }).then((file) => Array.fromAsync(file)),
      Deno.writeFile(path, CSV),
    ]);
    assertEquals(read[0].numRows, 2);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
