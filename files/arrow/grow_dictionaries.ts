/**
 * Makes dictionaries that change between batches into ones that only grow, as Arrow's file
 * format needs them.
 *
 * @module
 */
import {
  Data,
  DataType,
  type Dictionary,
  type RecordBatch,
  Vector,
} from "apache-arrow";
import { decode } from "../../flight/arrow/decode/decode.ts";
import { decodeSchema } from "../../flight/arrow/decode/decode_schema.ts";
import { encode } from "../../flight/arrow/encode/encode.ts";
import { encapsulate } from "../../flight/arrow/format/ipc_stream.ts";
import { FlightError } from "../../flight/errors.ts";
import type { FlightDataInit } from "../../proto/flight_data.ts";
import type { ArrowSchema } from "../../flight/arrow/format/arrow_schema.ts";
import { FileError } from "../file_error.ts";
import { batchOf } from "../values/column_data.ts";
import { encodeHex } from "../../base/binary_text.ts";
import { isBytes, isText } from "../values/text_bytes.ts";

/** What a message of such a table stays below. */
const MAX_MESSAGE_BYTES = 64 << 20;

/**
 * The same table, the schema first, with one dictionary for each column, to which values
 * are added. Tables without dictionaries, or with types that apache-arrow does not know,
 * stay as they are, and so do dictionaries inside of lists and structs, and those of other
 * values than texts, bytes and numbers.
 *
 * @throws {FileError} when a column comes to have more values than its indices can count.
 */
export async function* growDictionaries(
  messages: AsyncIterable<FlightDataInit>,
): AsyncGenerator<FlightDataInit> {
  const iterator = messages[Symbol.asyncIterator]();
  try {
    const first = await iterator.next();
    if (first.done) return;
    const rejoined = rejoin(first.value, iterator);
    const schema = readableSchema(first.value);
    if (schema === undefined || !schema.fields.some(({ type }) => isGrowing(type))) {
      yield* rejoined;
      return;
    }
    const batches = grow(schema, decode(rejoined).batches());
    yield* encode(batches, { schema, maxMessageBytes: MAX_MESSAGE_BYTES });
  } finally {
    await iterator.return?.();
  }
}

async function* rejoin<T>(first: T, rest: AsyncIterator<T>): AsyncGenerator<T> {
  yield first;
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    yield next.value;
  }
}

/** The schema in a message; undefined when apache-arrow cannot hold it. */
function readableSchema({ dataHeader }: FlightDataInit): ArrowSchema | undefined {
  try {
    return decodeSchema(encapsulate(dataHeader ?? new Uint8Array(0)));
  } catch (error) {
    if (error instanceof FlightError && error.code === "UNIMPLEMENTED") {
      return undefined;
    }
    throw error;
  }
}

async function* grow(
  schema: ArrowSchema,
  batches: AsyncIterable<RecordBatch>,
): AsyncGenerator<RecordBatch> {
  const growing = schema.fields.map(({ name, type }) =>
    isGrowing(type) ? new GrowingDictionary(name, type) : undefined
  );
  for await (const batch of batches) {
    const columns = batch.data.children.map((column, index) =>
      growing[index]?.change(column) ?? column
    );
    yield batchOf(schema, batch.numRows, columns);
  }
}

function isGrowing(type: DataType): type is Dictionary {
  if (!DataType.isDictionary(type)) return false;
  const values: DataType = type.dictionary;
  return isText(values) || isBytes(values) || DataType.isInt(values) ||
    DataType.isFloat(values);
}

/** All values that the dictionaries of one column have had. */
class GrowingDictionary {
  readonly #name: string;
  readonly #type: Dictionary;
  readonly #most: number;
  /** The index of each value. */
  readonly #known = new Map<string, number>();
  #chunks: Data[] = [];
  #vector: Vector | undefined;
  /** The dictionary that came last, and the index of each of its values. */
  #last: Vector | undefined;
  #indices = new Float64Array(0);

  constructor(name: string, type: Dictionary) {
    this.#name = name;
    this.#type = type;
    const { bitWidth, isSigned } = type.indices;
    this.#most = 2 ** (isSigned ? bitWidth - 1 : bitWidth);
  }

  /** The column with indices into all values. */
  change(column: Data): Data {
    const dictionary = column.dictionary;
    if (dictionary === undefined) return column;
    if (dictionary !== this.#last) this.#add(dictionary);
    const { values, length, nullCount, nullBitmap } = column;
    const isLong = values instanceof BigInt64Array || values instanceof BigUint64Array;
    const changed = values.slice();
    for (let row = 0; row < length; row++) {
      // The index of a null may be anything.
      const index = this.#indices[Number(values[row])] ?? 0;
      changed[row] = isLong ? BigInt(index) : index;
    }
    const buffers = [undefined, changed, nullBitmap] as never;
    return new Data(this.#type, 0, length, nullCount, buffers, [], this.#vector);
  }

  #add(dictionary: Vector): void {
    this.#last = dictionary;
    this.#indices = new Float64Array(dictionary.length);
    let start = 0;
    for (let index = 0; index < dictionary.length; index++) {
      const key = keyOf(dictionary.get(index));
      const known = this.#known.get(key);
      this.#indices[index] = known ?? this.#known.size;
      if (known === undefined) this.#known.set(key, this.#known.size);
      else {
        this.#append(dictionary, start, index);
        start = index + 1;
      }
    }
    this.#append(dictionary, start, dictionary.length);
    if (this.#known.size > this.#most) {
      throw new FileError(
        `its batches have more than ${this.#most} values, which the dictionary of an ` +
          "Arrow file has to have together; write a stream instead (the format arrows)",
        { verb: "write", columnName: this.#name },
      );
    }
    // The vector keeps its array, which may not grow any more.
    this.#vector = new Vector([...this.#chunks]);
  }

  #append(dictionary: Vector, start: number, end: number): void {
    if (end > start) this.#chunks.push(...dictionary.slice(start, end).data);
  }
}

/** The same text for the same value, and for no other. */
function keyOf(value: unknown): string {
  if (value instanceof Uint8Array) return `bytes ${encodeHex(value)}`;
  return Object.is(value, -0) ? "number -0" : `${typeof value} ${value}`;
}
