/**
 * Reads the table "RecordBatch" of a message: its columns, as the schema has them. Each
 * buffer has to be inside of the body.
 *
 * @module
 */
import {
  about,
  checkBufferSize,
  type FieldLayout,
  type FieldNode,
} from "../format/field_layout.ts";
import {
  CODECS,
  type Compression,
  LENGTH_PREFIX_BYTES,
  NOT_COMPRESSED,
} from "../compression/compression.ts";
import { Finding } from "../format/finding.ts";
import { type FlatTable, FlatVector, readInt64 } from "../format/flatbuffer.ts";
import type {
  BufferRegion,
  VerifiedColumn,
  VerifiedRecordBatch,
} from "../format/verified_message.ts";
import { countParts } from "./read_schema.ts";

const BY_BUFFER = 0;
const NODE_BYTES = 16;
const REGION_BYTES = 16;
const NOTHING = new FlatVector(new DataView(new ArrayBuffer(0)), 0, 0);
/** What most columns have, each time the same array. */
const NO_REGIONS: readonly BufferRegion[] = [];
const NO_COLUMNS: readonly VerifiedColumn[] = [];

/** The batch of `fields` in a table "RecordBatch" that came with this body. */
export function readBatch(
  table: FlatTable,
  fields: readonly FieldLayout[],
  body: Uint8Array,
  maxDecompressedBytes: number,
): VerifiedRecordBatch {
  return new BatchReader(table, body, maxDecompressedBytes).read(fields);
}

/** Goes through a batch's nodes and buffers in the order of its fields. */
class BatchReader {
  readonly #rows: number;
  readonly #nodeVector: FlatVector;
  readonly #regionVector: FlatVector;
  readonly #compression: Compression | undefined;
  readonly #variadicCounts: readonly number[];
  readonly #body: DataView;
  readonly #maxDecompressed: number;
  /** How many nodes, buffers and counts of variadic buffers were read. */
  #node = 0;
  #region = 0;
  #variadic = 0;
  /** How many bytes the buffers have in all, as they were sent. */
  #used = 0;
  /** How many bytes the compressed buffers have in all, decompressed. */
  #decompressed = 0;

  constructor(table: FlatTable, body: Uint8Array, maxDecompressedBytes: number) {
    this.#rows = count(table.int64(0), "its number of rows");
    this.#nodeVector = table.vector(1, NODE_BYTES) ?? NOTHING;
    this.#regionVector = table.vector(2, REGION_BYTES) ?? NOTHING;
    this.#compression = readCompression(table.table(3));
    this.#variadicCounts = readCounts(table.vector(4, 8) ?? NOTHING);
    this.#body = new DataView(body.buffer, body.byteOffset, body.byteLength);
    this.#maxDecompressed = maxDecompressedBytes;
  }

  read(fields: readonly FieldLayout[]): VerifiedRecordBatch {
    this.#checkCounts(fields);
    const columns = fields.map((field) => {
      const column = this.#column(field);
      if (column.node.length !== this.#rows) {
        throw about(
          field,
          `has ${column.node.length} rows in a batch of ${this.#rows}`,
        );
      }
      return column;
    });
    return { kind: "batch", rows: this.#rows, columns, compression: this.#compression };
  }

  /** After this the vectors are known to be as long as the fields want them. */
  #checkCounts(fields: readonly FieldLayout[]): void {
    const expected = countParts(fields);
    const variadicBuffers = this.#variadicCounts.reduce((sum, count) => sum + count, 0);
    checkCount("field nodes", this.#nodeVector.length, expected.nodes);
    checkCount(
      "counts of variadic buffers",
      this.#variadicCounts.length,
      expected.variadics,
    );
    checkCount(
      "buffers",
      this.#regionVector.length,
      expected.buffers + variadicBuffers,
    );
  }

  #column(field: FieldLayout): VerifiedColumn {
    const node = this.#readNode(field);
    const buffers = field.buffers.map((layout) => {
      const region = this.#readRegion(field, layout.role);
      checkBufferSize(field, layout, node, this.#size(field, layout.role, region));
      return region;
    });
    const variadicBuffers = field.type.kind === "view"
      ? this.#readVariadicBuffers(field)
      : NO_REGIONS;
    const children = field.children.length === 0
      ? NO_COLUMNS
      : field.children.map((child) => this.#column(child));
    const needed = node.length * field.type.childRows;
    for (const child of children) {
      if (child.node.length < needed) {
        throw about(
          child.field,
          `has ${child.node.length} rows, but its parent needs ${needed}`,
        );
      }
    }
    if (field.type.kind === "run-end encoded") checkRuns(field, node, children);
    return { field, node, buffers, variadicBuffers, children };
  }

  #readNode(field: FieldLayout): FieldNode {
    const at = NODE_BYTES * this.#node++;
    const length = this.#nodeVector.int64(at);
    const nullCount = this.#nodeVector.int64(at + 8);
    if (!isCount(length)) throw about(field, `has the length ${length}`);
    if (field.type.kind === "null") {
      // Without a bitmap to count, some writers say 0, and apache-arrow even -1.
      if (nullCount < -1 || nullCount > 0 && nullCount !== length) {
        throw about(
          field,
          `is of nulls only, but counts ${nullCount} in ${length} rows`,
        );
      }
      return { length, nullCount: length };
    }
    if (nullCount < 0 || nullCount > length) {
      throw about(field, `has ${nullCount} nulls in ${length} rows`);
    }
    return { length, nullCount };
  }

  #readVariadicBuffers(field: FieldLayout): readonly BufferRegion[] {
    const count = this.#variadicCounts[this.#variadic++];
    const regions: BufferRegion[] = [];
    for (let index = 0; index < count; index++) {
      const region = this.#readRegion(field, "bytes");
      this.#size(field, "bytes", region);
      regions.push(region);
    }
    return regions;
  }

  /** Checks where the next buffer lies. */
  #readRegion(field: FieldLayout, role: string): BufferRegion {
    const at = REGION_BYTES * this.#region++;
    const offset = this.#regionVector.int64(at);
    const length = this.#regionVector.int64(at + 8);
    const size = this.#body.byteLength;
    if (!isCount(offset) || !isCount(length) || offset + length > size) {
      throw about(
        field,
        `has ${length} bytes of ${role} at ${offset}, outside of the body's ${size}`,
      );
    }
    if (offset % 8 !== 0) {
      throw about(field, `has its ${role} at ${offset}, which is no multiple of 8`);
    }
    this.#used += length;
    if (this.#used > size) {
      throw new Finding(`its buffers have more bytes in all than the body's ${size}`);
    }
    return { offset, length };
  }

  /** How many bytes a buffer has, decompressed. */
  #size(
    field: FieldLayout,
    role: string,
    { offset, length }: BufferRegion,
  ): number {
    if (this.#compression === undefined || length === 0) return length;
    if (length < LENGTH_PREFIX_BYTES) {
      throw about(
        field,
        `has compressed ${role} of ${length} bytes, less than a prefix`,
      );
    }
    const declared = readInt64(this.#body, offset);
    const bytes = declared === NOT_COMPRESSED ? length - LENGTH_PREFIX_BYTES : declared;
    if (!isCount(bytes)) {
      throw about(field, `has compressed ${role} that declare a length of ${declared}`);
    }
    this.#decompressed += bytes;
    if (this.#decompressed > this.#maxDecompressed) {
      throw new Finding(
        `its buffers take more than ${this.#maxDecompressed} bytes when decompressed`,
      );
    }
    return bytes;
  }
}

function readCompression(table: FlatTable | undefined): Compression | undefined {
  if (table === undefined) return undefined;
  const codec = CODECS[table.uint8(0)];
  if (codec === undefined) {
    throw new Finding(`it is compressed by the unknown codec ${table.uint8(0)}`);
  }
  if (table.uint8(1) !== BY_BUFFER) {
    throw new Finding(`it is compressed by the unknown method ${table.uint8(1)}`);
  }
  return codec;
}

function readCounts(vector: FlatVector): readonly number[] {
  const counts: number[] = [];
  for (let index = 0; index < vector.length; index++) {
    counts.push(count(vector.int64(8 * index), "a count of variadic buffers"));
  }
  return counts;
}

function checkRuns(
  field: FieldLayout,
  node: FieldNode,
  children: readonly VerifiedColumn[],
): void {
  const [runEnds, values] = children.map((child) => child.node);
  if (runEnds.nullCount > 0) throw about(field, "has run ends that are null");
  if (node.length > 0 && runEnds.length === 0) {
    throw about(field, `has ${node.length} rows, but no run ends`);
  }
  if (values.length < runEnds.length) {
    throw about(field, `has ${runEnds.length} run ends, but ${values.length} values`);
  }
}

function checkCount(what: string, found: number, expected: number): void {
  if (found !== expected) {
    throw new Finding(`it has ${found} ${what}, but its fields need ${expected}`);
  }
}

/** Whether a number from the wire can count: not negative, and exact. */
function isCount(number: number): boolean {
  return number >= 0 && number <= Number.MAX_SAFE_INTEGER;
}

function count(number: number, what: string): number {
  if (!isCount(number)) throw new Finding(`${what} is ${number}`);
  return number;
}
