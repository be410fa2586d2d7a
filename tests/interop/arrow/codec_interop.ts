import { fileURLToPath } from "node:url";
import { assertEquals } from "@std/assert";
import { Int32, Table } from "apache-arrow";
import type { FlightDataInit } from "../../../proto/flight_data.ts";
import { bodyParts } from "../../../proto/flight_data.ts";
import { decode } from "../../../flight/arrow/decode/decode.ts";
import { encode } from "../../../flight/arrow/encode/encode.ts";
import type { EncodeOptions } from "../../../flight/arrow/encode/encode_options.ts";
import type { EncodeSource } from "../../../flight/arrow/encode/encode_source.ts";
import { joinStream, splitStream } from "../../helpers/tables/arrow_stream.ts";
import {
  dictionary,
  everyColumn,
  everyTable,
  tableOf,
} from "../../helpers/tables/arrow_tables.ts";
import { plainTable } from "./plain_values.ts";
import { runPython } from "../python/python.ts";

const SCRIPT = fileURLToPath(new URL("./codec_pyarrow.py", import.meta.url));

/** The types of which pyarrow reads the values, but makes no Python objects. */
const UNPRINTABLE = ["interval year-month", "interval day-time"];

/** What pyarrow finds in a stream. */
interface Found {
  metadata: Record<string, string>;
  nullable: boolean[];
  rows: number[];
  values: [string, unknown[]][];
}

async function streamOf(
  source: EncodeSource,
  options: EncodeOptions,
): Promise<Uint8Array> {
  const messages = [];
  for await (const message of encode(source, options)) {
    const body = await new Blob([...bodyParts(message)] as BlobPart[]).bytes();
    messages.push({ header: message.dataHeader!, body });
  }
  return joinStream(messages);
}

function* messagesOf(stream: Uint8Array): Generator<FlightDataInit> {
  for (const { header, body } of splitStream(stream)) {
    yield { dataHeader: header, dataBody: body };
  }
}

async function* asyncly<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

/** Streams to be read by pyarrow, each with the table that it has to find. */
function streams(): Map<string, [Table, EncodeSource, EncodeOptions]> {
  const cases = new Map<string, [Table, EncodeSource, EncodeOptions]>();
  const add = (
    name: string,
    table: Table,
    options: EncodeOptions,
    source?: EncodeSource,
  ) => cases.set(name, [table, source ?? table, options]);
  const columns = everyColumn();
  for (const name of UNPRINTABLE) columns.delete(name);
  const table = tableOf(columns);
  add("plain", table, {});
  add("aligned", table, { alignment: 64 });
  add("lz4", table, { compression: "lz4" });
  add("zstd", table, { compression: "zstd" });
  add("in pieces", table, { maxMessageBytes: 6000 });
  add("row by row", table, { maxMessageBytes: 1 });
  for (const [begin, end] of [[0, 0], [1, 2], [3, 20], [8, 29], [13, 28]]) {
    add(`rows ${begin} to ${end}`, table.slice(begin, end), {});
  }
  const slices = [[0, 3], [3, 3], [3, 11], [11, 29]].map(([from, to]) =>
    table.slice(from, to)
  );
  add("slices", table, {}, slices.flatMap((slice) => slice.batches));
  add("no batches", new Table(table.schema), {});
  // Each table has an id of its own for its dictionary, unless it is given one.
  const words = (list: readonly string[], id?: number) =>
    tableOf(new Map([["d", dictionary(new Int32(), list, id)]])).batches;
  const lists = [["a", "b"], ["c"], ["a", "b"]];
  add(
    "replaced",
    new Table(lists.flatMap((list) => words(list, 7))),
    {},
    lists.flatMap((list) => words(list)),
  );
  return cases;
}

Deno.test("pyarrow reads what encode() writes", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const cases = streams();
    for (const [name, [, source, options]] of cases) {
      const stream = await streamOf(source, options);
      await Deno.writeFile(`${directory}/${name}.arrows`, stream);
    }
    const found: Record<string, Found> = JSON.parse(
      await runPython(SCRIPT, "read", directory),
    );
    for (const [name, [table]] of cases) {
      const { values, metadata, nullable } = found[name];
      for (const [index, expected] of plainTable(table).entries()) {
        assertEquals([name, ...values[index]], [name, ...expected]);
      }
      assertEquals(metadata, Object.fromEntries(table.schema.metadata));
      assertEquals(nullable, table.schema.fields.map((field) => field.nullable));
    }
    assertEquals(found["plain"].rows, [29]);
    assertEquals(found["slices"].rows, [3, 0, 8, 18]);
    assertEquals(found["row by row"].rows, Array(29).fill(1));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("decode() reads what pyarrow writes", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const expected: Record<string, [string, unknown[]][]> = JSON.parse(
      await runPython(SCRIPT, "write", directory),
    );
    for (const [name, columns] of Object.entries(expected)) {
      const stream = await Deno.readFile(`${directory}/${name}.arrows`);
      const table = await decode(asyncly(messagesOf(stream))).table();
      for (const [index, found] of plainTable(table).entries()) {
        assertEquals([name, ...found], [name, ...columns[index]]);
      }
      const again = await decode(encode(table)).table();
      assertEquals(plainTable(again), plainTable(table), name);
    }
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("pyarrow reads the intervals that it cannot print", async () => {
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeFile(`${directory}/all.arrows`, await streamOf(everyTable(), {}));
    const found = JSON.parse(await runPython(SCRIPT, "types", directory));
    assertEquals(found["all"].filter((type: string) => type.includes("interval")), [
      "month_interval",
      "day_time_interval",
      "month_day_nano_interval",
    ]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
