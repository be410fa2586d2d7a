/**
 * The JSON files of the Arrow integration suite: a schema and batches, with each
 * buffer as a list of values.
 *
 * @module
 */
import {
  type Data,
  type DataType,
  makeData,
  RecordBatch,
  Schema,
  Struct,
  Vector,
} from "apache-arrow";
import { type JsonColumn, readColumn } from "./json_columns.ts";

/** What such a file has. */
export interface IntegrationData {
  readonly schema: Schema;
  readonly batches: readonly RecordBatch[];
}

interface JsonBatch {
  readonly count: number;
  readonly columns: readonly JsonColumn[];
}

interface JsonFile {
  readonly schema: unknown;
  readonly batches: readonly JsonBatch[];
  readonly dictionaries?: readonly { readonly id: number; readonly data: JsonBatch }[];
}

/**
 * Reads a file of the integration suite. apache-arrow's own reader of this form gets
 * decimals wrong that do not have 128 bits, and columns of one name; it is used for
 * the schema alone.
 *
 * @throws {Error} when the file has a type that apache-arrow does not know.
 */
export async function readIntegrationJson(path: string): Promise<IntegrationData> {
  const text = await Deno.readTextFile(path);
  // The only numbers of 64 bits that the files do not have as texts.
  const exact = text.replace(/("nanoseconds":\s*)(-?\d+)/g, '$1"$2"');
  const file: JsonFile = JSON.parse(exact);
  const types = new Map<number, DataType>();
  const schema = Schema.fromJSON(file.schema, types);
  const dictionaries = new Map<number, Vector>();
  const dictionary = (id: number): Vector => {
    const found = dictionaries.get(id);
    if (found !== undefined) return found;
    const json = file.dictionaries?.find((other) => other.id === id);
    if (json === undefined) {
      throw new Error(`Cannot read the file: no dictionary ${id}`);
    }
    const data = readColumn(types.get(id)!, json.data.columns[0], dictionary);
    const values = new Vector([data]);
    dictionaries.set(id, values);
    return values;
  };
  const batches = file.batches.map(({ count, columns }) =>
    batchOf(
      schema,
      count,
      schema.fields.map(({ type }, index) =>
        readColumn(type, columns[index], dictionary)
      ),
    )
  );
  return { schema, batches };
}

/** A batch of these columns, some of which may have the same name. */
function batchOf(schema: Schema, length: number, children: Data[]): RecordBatch {
  // The constructor gives columns of one name the type of the last of them: so it
  // gets none.
  const empty = makeData({ type: new Struct([]), length, nullCount: 0 });
  return Object.assign(new RecordBatch(new Schema(), empty), {
    schema,
    data: makeData({ type: new Struct(schema.fields), length, nullCount: 0, children }),
  });
}
