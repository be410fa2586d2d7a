/**
 * Batches of another copy or version of apache-arrow as columns of ours.
 *
 * @module
 */
import { Data, DataType, RecordBatch, Schema, Vector } from "apache-arrow";
import {
  type DataLike,
  isSchemaLike,
  type RecordBatchLike,
  type SchemaLike,
} from "./arrow_like.ts";
import { TypeRebuilder } from "./rebuild_type.ts";

/** A batch as it is encoded: of apache-arrow's types, all are of our copy. */
export interface BatchColumns {
  /** The batch's schema. */
  readonly schema: Schema;
  /** Its columns; those at the end may be absent, and have nulls only. */
  readonly columns: readonly (Data | undefined)[];
  /** How many rows it has. */
  readonly rows: number;
  /** The custom metadata of its message. */
  readonly metadata: ReadonlyMap<string, string>;
}

/** What a Data may have; which of it depends on its type and on the version. */
interface AnyData extends DataLike {
  readonly stride: number;
  readonly values?: ArrayBufferView & { readonly BYTES_PER_ELEMENT: number };
  readonly valueOffsets?: ArrayBufferView;
  readonly nullBitmap?: Uint8Array;
  readonly typeIds?: ArrayBufferView;
  readonly variadicBuffers?: readonly Uint8Array[];
  readonly dictionary?: VectorLike;
}

/** A Vector. */
interface VectorLike {
  readonly type: DataLike["type"];
  readonly data: readonly AnyData[];
}

/** A class of typed arrays. */
interface ArrayClass {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, byteOffset: number, length: number): ArrayBufferView;
}

/**
 * Takes batches as they are when they are of our copy of apache-arrow, and rebuilds
 * them otherwise, on the same memory. It rebuilds a schema or an array once, so that
 * a dictionary which several batches share stays one.
 */
export class BatchRebuilder {
  readonly #types = new TypeRebuilder();
  readonly #schemas = new WeakMap<SchemaLike, Schema>();
  readonly #arrays = new WeakMap<AnyData, Data>();
  readonly #vectors = new WeakMap<VectorLike, Vector>();

  /**
   * The schema of a stream of these batches, as one of ours. Older versions declare every
   * column of `tableFromArrays` not nullable, also those with nulls: a column that has
   * nulls becomes nullable when the schema is not of our copy.
   *
   * @throws {TypeError} when it is no schema, or ours has no type of a column.
   */
  schema(schema: SchemaLike, batches: readonly RecordBatchLike[] = []): Schema {
    const rebuilt = this.#schema(schema);
    if (rebuilt === schema) return rebuilt;
    const fields = rebuilt.fields.map((field, index) => {
      const hasNulls = batches.some(({ data }) => {
        const column = arraysOf(data)[index];
        return column === undefined || column.nullCount > 0;
      });
      return field.clone({ nullable: field.nullable || hasNulls });
    });
    return new Schema(fields, rebuilt.metadata, rebuilt.dictionaries);
  }

  /**
   * The batch's columns.
   *
   * @throws {TypeError} when our copy has no type of a column.
   */
  columns(batch: RecordBatchLike): BatchColumns {
    const schema = this.#schema(batch.schema);
    const arrays = arraysOf(batch.data);
    const { metadata } = batch as { metadata?: ReadonlyMap<string, string> };
    return {
      schema,
      columns: isOurs(RecordBatch, batch)
        ? arrays as readonly unknown[] as readonly Data[]
        : arrays.map((array, index) =>
          array && this.#array(array, schema.fields[index]?.name ?? "")
        ),
      rows: batch.data.length,
      metadata: metadata ?? new Map(),
    };
  }

  #schema(schema: SchemaLike): Schema {
    if (isOurs(Schema, schema)) return schema;
    if (!isSchemaLike(schema)) {
      throw new TypeError("Cannot encode a schema: it is not one of apache-arrow");
    }
    let known = this.#schemas.get(schema);
    if (known === undefined) {
      const fields = schema.fields.map((field) => this.#types.field(field));
      // The dictionaries are left out: Schema would refuse two that share an id.
      known = new Schema(fields, new Map(schema.metadata), new Map());
      this.#schemas.set(schema, known);
    }
    return known;
  }

  #array(array: AnyData, path: string): Data {
    if (isOurs(Data, array)) return array;
    let known = this.#arrays.get(array);
    if (known === undefined) {
      known = this.#rebuild(array, path);
      this.#arrays.set(array, known);
    }
    return known;
  }

  #rebuild(array: AnyData, path: string): Data {
    const type = this.#types.type(array.type, path);
    const { values, valueOffsets, nullBitmap, typeIds, variadicBuffers } = array;
    const children = array.children as readonly AnyData[];
    const stored = DataType.isDictionary(type) ? type.indices : type;
    const rebuilt = new Data(
      type,
      array.offset,
      array.length,
      DataType.isUnion(type) ? 0 : array.nullCount,
      [
        valueOffsets && viewAs(type.OffsetArrayType, valueOffsets),
        values && viewAs(stored.ArrayType, values),
        nullBitmap && viewAs(Uint8Array, nullBitmap),
        typeIds && viewAs(Int8Array, typeIds),
      ] as never,
      children.map((child, index) =>
        this.#array(child, `${path}.${type.children[index].name}`)
      ),
      array.dictionary && this.#vector(array.dictionary, path),
      variadicBuffers?.map((buffer) => viewAs(Uint8Array, buffer) as Uint8Array),
    );
    checkWidth(rebuilt, array, path);
    return rebuilt;
  }

  #vector(vector: VectorLike, path: string): Vector {
    if (isOurs(Vector, vector)) return vector;
    let known = this.#vectors.get(vector);
    if (known === undefined) {
      const { type, data } = vector;
      const arrays = data.map((array) => this.#array(array, path));
      known = new Vector(
        arrays.length > 0 ? arrays : [new Data(this.#types.type(type, path), 0, 0)],
      );
      this.#vectors.set(vector, known);
    }
    return known;
  }
}

/**
 * Whether the value was made by this class of our copy. From version 21.2 on
 * `instanceof` says so of other copies, too.
 */
function isOurs<T>(
  constructor: abstract new (...args: never[]) => T,
  value: unknown,
): value is T {
  return Function.prototype[Symbol.hasInstance].call(constructor, value);
}

/**
 * Checks that a version which takes values of a type for narrower than they are has not
 * sliced them: that would have taken other bytes than those of the slice's rows.
 */
function checkWidth(rebuilt: Data, { values, stride }: AnyData, path: string): void {
  if (values === undefined) return;
  const theirs = stride * values.BYTES_PER_ELEMENT;
  const ours = rebuilt.stride * rebuilt.values.BYTES_PER_ELEMENT;
  if (theirs === ours || values.byteLength >= rebuilt.length * ours) return;
  throw new TypeError(
    `Cannot encode the column "${path}": the apache-arrow that made it cannot slice ${rebuilt.type}`,
  );
}

/** A batch's columns. For an empty table apache-arrow may put vectors in their place. */
function arraysOf({ children }: DataLike): readonly (AnyData | undefined)[] {
  return (children as readonly (AnyData | VectorLike | undefined)[]).map((child) =>
    isVector(child) ? child.data[0] : child
  );
}

function isVector(value: AnyData | VectorLike | undefined): value is VectorLike {
  return value !== undefined && "data" in value;
}

/** The same bytes as an array of this class; a copy when they are not aligned for it. */
function viewAs(ArrayType: ArrayClass, view: ArrayBufferView): ArrayBufferView {
  const { buffer, byteOffset, byteLength } = view;
  const width = ArrayType.BYTES_PER_ELEMENT;
  const length = Math.floor(byteLength / width);
  if (byteOffset % width === 0) return new ArrayType(buffer, byteOffset, length);
  return new ArrayType(
    buffer.slice(byteOffset, byteOffset + byteLength),
    0,
    length,
  );
}
