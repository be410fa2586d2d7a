/**
 * The speed of encoding, verifying and decoding, beside apache-arrow's own stream
 * writer and reader (which verifies nothing). With a ratio above 1 ours is faster.
 *
 *     deno run -A bench/codec.ts
 *
 * @module
 */
import {
  type RecordBatch,
  RecordBatchStreamWriter,
  Table,
  tableFromIPC,
  Utf8,
  Utf8View,
  type Vector,
  vectorFromArray,
} from "apache-arrow";
import { decode } from "../flight/arrow/decode/decode.ts";
import { encode } from "../flight/arrow/encode/encode.ts";
import { StreamVerifier } from "../flight/arrow/verify/stream_verifier.ts";
import { bodyParts, type FlightDataInit } from "../proto/flight_data.ts";

const ROUNDS = 7;
/** How long one measurement should take, in milliseconds. */
const MIN_TIME = 25;

const words = ["Fiji", "Kermadec Islands", "Tonga", "a place whose name is long", ""];

function textColumn(type: Utf8 | Utf8View, rows: number): Vector {
  return vectorFromArray(
    Array.from({ length: rows }, (_, row) => words[row % 5]),
    type,
  );
}

/** A table of these columns in batches of so many rows. */
function inBatches(columns: Record<string, Vector>, batchRows: number): Table {
  const whole = new Table(columns);
  const batches: RecordBatch[] = [];
  for (let start = 0; start < whole.numRows; start += batchRows) {
    batches.push(...whole.slice(start, start + batchRows).batches);
  }
  return new Table(whole.schema, batches);
}

function floats(columns: number, rows: number): Record<string, Vector> {
  const names = Array.from({ length: columns }, (_, index) => `c${index}`);
  return Object.fromEntries(names.map((name) => [
    name,
    vectorFromArray(Float64Array.from({ length: rows }, (_, row) => row / 7)),
  ]));
}

const nullable = Array.from(
  { length: 500_000 },
  (_, row) => row % 9 === 0 ? null : row,
);
const lists = Array.from({ length: 100_000 }, (_, row) => [row, row + 1, row + 2]);

const TABLES: Record<string, Table> = {
  "8 float64, 1M rows, batches of 32k": inBatches(floats(8, 1_000_000), 32_768),
  "8 float64, 1M rows, one batch": new Table(floats(8, 1_000_000)),
  "float64 with nulls, 500k rows": inBatches({ n: vectorFromArray(nullable) }, 65_536),
  "utf8, 500k rows": inBatches({ s: textColumn(new Utf8(), 500_000) }, 65_536),
  "utf8 view, 500k rows": new Table({ s: textColumn(new Utf8View(), 500_000) }),
  "dictionary, 500k rows": inBatches({
    s: vectorFromArray(Array.from({ length: 500_000 }, (_, row) => words[row % 5])),
  }, 65_536),
  "bool, 4M rows": new Table({
    b: vectorFromArray(Array.from({ length: 4_000_000 }, (_, row) => row % 3 === 0)),
  }),
  "struct of 2, 200k rows": new Table({
    p: vectorFromArray(Array.from({ length: 200_000 }, (_, x) => ({ x, y: -x }))),
  }),
  "lists of 3, 100k rows": inBatches({ l: vectorFromArray(lists) }, 16_384),
  "8 float64, 100 rows": new Table(floats(8, 100)),
  "500 float64, 100 rows": new Table(floats(500, 100)),
  "5000 float64, 100 rows": new Table(floats(5000, 100)),
};

/** The milliseconds of one run, measured over as many runs as that takes. */
async function time(run: () => unknown): Promise<number> {
  const start = performance.now();
  let runs = 0;
  let elapsed = 0;
  do {
    await run();
    runs++;
    elapsed = performance.now() - start;
  } while (elapsed < MIN_TIME);
  return elapsed / runs;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** The medians of both, measured in turn. */
async function compare(
  ours: () => unknown,
  theirs: () => unknown,
): Promise<[number, number]> {
  const times: [number[], number[]] = [[], []];
  await time(ours);
  await time(theirs);
  for (let round = 0; round < ROUNDS; round++) {
    times[0].push(await time(ours));
    times[1].push(await time(theirs));
  }
  return [median(times[0]), median(times[1])];
}

async function drain(messages: AsyncIterable<FlightDataInit>): Promise<number> {
  let length = 0;
  for await (const message of messages) {
    for (const part of bodyParts(message)) length += part.length;
  }
  return length;
}

async function theirEncode(table: Table): Promise<number> {
  let length = 0;
  for await (const chunk of RecordBatchStreamWriter.writeAll(table)) {
    length += chunk.length;
  }
  return length;
}

/** The messages with joined bodies, as a peer sends them. */
async function received(table: Table): Promise<FlightDataInit[]> {
  return await Array.fromAsync(encode(table), async (message) => {
    const parts = [...bodyParts(message)] as BlobPart[];
    return { ...message, dataBody: await new Blob(parts).bytes() };
  });
}

function verify(messages: readonly FlightDataInit[]): void {
  const verifier = new StreamVerifier();
  for (const { dataHeader, dataBody } of messages) {
    verifier.verify(dataHeader!, dataBody as Uint8Array);
  }
}

async function* asyncly<T>(items: Iterable<T>): AsyncGenerator<T> {
  yield* items;
}

function report(what: string, bytes: number, [ours, theirs]: [number, number]): void {
  const speed = (milliseconds: number) =>
    (bytes / milliseconds / 1e6).toFixed(2).padStart(7);
  console.log(
    `  ${what.padEnd(16)} ${speed(ours)} GB/s, apache-arrow ${speed(theirs)} GB/s, ` +
      `ratio ${(theirs / ours).toFixed(2)}`,
  );
}

for (const [name, table] of Object.entries(TABLES)) {
  const bytes = await drain(encode(table));
  console.log(`${name}: ${(bytes / 1e6).toFixed(2)} MB`);
  const encoded = await compare(() => drain(encode(table)), () => theirEncode(table));
  report("encode", bytes, encoded);
  const messages = await received(table);
  const chunks = await Array.fromAsync(RecordBatchStreamWriter.writeAll(table));
  const stream = await new Blob(chunks as BlobPart[]).bytes();
  const verified = await compare(() => verify(messages), () => tableFromIPC(stream));
  report("verify", bytes, verified);
  for (const trusted of [false, true]) {
    const decoded = await compare(
      () => decode(asyncly(messages), { trusted }).table(),
      () => tableFromIPC(stream),
    );
    report(trusted ? "decode, trusted" : "decode", bytes, decoded);
  }
}
