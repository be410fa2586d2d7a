/**
 * Tables in JSON and NDJSON.
 *
 * @module
 */
import {
  type DataType,
  type Field,
  type RecordBatch,
  Schema,
  Struct,
} from "apache-arrow";
import type { OpenSource } from "../source/file_source.ts";
import type { TableReader } from "../table_reader.ts";
import { batchOf } from "../values/column_data.ts";
import { checkName, indicesOf } from "../values/column_names.ts";
import { parseType } from "../values/column_types.ts";
import { IGNORED, StructBuilder } from "./build_json.ts";
import { GuessNode } from "./guess_json.ts";
import { readJsonRows } from "./json_rows.ts";

/** How {@linkcode JsonReader} reads. */
export interface JsonReaderOptions {
  /** The columns to read. @default all */
  readonly columns?: readonly string[];
  /** The types of columns by their names. @default found from all of their values */
  readonly types?: Readonly<Record<string, string>>;
}

/** Reads a JSON file: once for the types of its columns, and once for its rows. */
export class JsonReader implements TableReader {
  readonly schema: Schema;
  readonly #source: OpenSource;

  private constructor(source: OpenSource, fields: Field[]) {
    this.#source = source;
    this.schema = new Schema(fields);
  }

  /** Finds the columns and their types. */
  static async open(
    source: OpenSource,
    { columns, types = {} }: JsonReaderOptions,
  ): Promise<JsonReader> {
    const file = source.name;
    const given = new Map(
      Object.entries(types).map(([name, type]) => [name, parseType(type)]),
    );
    const guess = new GuessNode("", (name, path) => {
      const type = given.get(name);
      return type === undefined ? new GuessNode(path) : knownNode(type);
    });
    // The file is read twice.
    await source.bytes();
    for await (const _ of readJsonRows(source.chunks(), guess, { file }));
    const fields = guess.fields();
    const names = fields.map(({ name }) => name);
    for (const name of given.keys()) checkName(name, names, file);
    const indices = indicesOf(columns, names, file);
    return new JsonReader(source, indices.map((index) => fields[index]));
  }

  async *batches(): AsyncGenerator<RecordBatch> {
    const rows = new StructBuilder(new Struct(this.schema.fields), "");
    const file = this.#source.name;
    for await (const _ of readJsonRows(this.#source.chunks(), rows, { file })) {
      yield batchOf(this.schema, rows.takeCount(), rows.columns());
    }
  }
}

/** Takes the values of a column whose type is known. */
function knownNode(type: DataType) {
  return { ...IGNORED, type: () => type };
}
