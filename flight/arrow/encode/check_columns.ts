/**
 * Checks that columns are what their schema declares. apache-arrow lets the two differ:
 * a table keeps its schema when one of its columns is replaced by one of another type.
 *
 * @module
 */
import { type Data, DataType, Field } from "apache-arrow";
import { checkNulls } from "./check_nulls.ts";
import type { DictionaryPart } from "./dictionary_tracker.ts";
import { typeInWords } from "./stream_schema.ts";

/** Checks the columns of one stream. It remembers which types agree. */
export class ColumnChecker {
  /** For each declared type, the types of data that it agrees with. */
  readonly #agreeing = new WeakMap<DataType, WeakSet<DataType>>();

  /**
   * Checks the columns of a batch of so many rows. A column that is absent, or shorter
   * than the batch, has nulls instead.
   *
   * @throws {TypeError} that names the column: with both types when they differ, and
   * when the column has nulls and is declared not nullable.
   */
  checkBatch(
    fields: readonly Field[],
    columns: readonly (Data | undefined)[],
    rows: number,
  ): void {
    if (columns.length > fields.length) {
      throw new TypeError(
        `Cannot encode a batch: it has ${columns.length} columns, and its schema has ${fields.length}`,
      );
    }
    for (const [index, field] of fields.entries()) {
      const column = columns[index];
      if (column !== undefined) this.#checkType(field.type, column, field.name);
      checkNulls(field, column, rows);
    }
  }

  /**
   * Checks the values of a dictionary that is going to be sent.
   *
   * @throws {TypeError} as for a batch.
   */
  checkDictionary({ type, data, path }: DictionaryPart): void {
    if (data === undefined) return;
    this.#checkType(type, data, path);
    checkNulls(new Field(path, type, true), data, data.length);
  }

  #checkType(declared: DataType, data: Data, path: string): void {
    if (declared !== data.type && !this.#agree(declared, data.type)) {
      throw new TypeError(
        `Cannot encode the column "${path}": its schema declares ${
          typeInWords(declared)
        }, and its data are ${typeInWords(data.type)}`,
      );
    }
    // A dictionary's values are checked when they are sent.
    if (DataType.isDictionary(declared)) return;
    for (const [index, { name, type }] of (declared.children ?? []).entries()) {
      const child = data.children[index];
      if (child !== undefined) this.#checkType(type, child, `${path}.${name}`);
    }
  }

  #agree(declared: DataType, found: DataType): boolean {
    let agreeing = this.#agreeing.get(declared);
    if (agreeing === undefined) {
      this.#agreeing.set(declared, agreeing = new WeakSet());
    }
    if (agreeing.has(found)) return true;
    const agree = outline(declared) === outline(found);
    if (agree) agreeing.add(found);
    return agree;
  }
}

/** A type in words, without the types of its children: their data are checked, too. */
function outline(type: DataType): string {
  const { typeId } = type;
  if (DataType.isDictionary(type) || !(type.children?.length > 0)) {
    return typeInWords(type);
  }
  if (DataType.isStruct(type) || DataType.isUnion(type)) {
    const names = JSON.stringify(type.children.map(({ name }) => name));
    const ids = DataType.isUnion(type) ? `${type.mode} ${type.typeIds}` : "";
    return `${typeId} ${names} ${ids}`;
  }
  return `${typeId} ${DataType.isFixedSizeList(type) ? type.listSize : ""}`;
}
