/**
 * Takes rows out of apache-arrow's columns and puts them in the form of a message:
 * a node for each column, and its buffers. A buffer is a view of the column's memory
 * where no other bytes are needed.
 *
 * @module
 */
import { Data, DataType, type Union, util } from "apache-arrow";
import type { Assembly } from "../format/assembly.ts";
import { bits, slots, window } from "../format/byte_windows.ts";
import { assembleOffsets, type Offsets } from "./assemble_offsets.ts";
import { assembleViews } from "./assemble_views.ts";

/**
 * The rows from `start` on of these columns. A column that has fewer rows gets
 * nulls for the rest. Each column has to be of its type.
 */
export function assemble(
  types: readonly DataType[],
  columns: readonly (Data | undefined)[],
  start: number,
  rows: number,
): Assembly {
  const assembler = new Assembler();
  types.forEach((type, index) => assembler.add(type, columns[index], start, rows));
  const { nodes, buffers, variadicCounts } = assembler;
  return { rows, nodes, buffers, variadicCounts };
}

/**
 * Collects nodes and buffers. A slice of apache-arrow has views of its own of every
 * buffer but the bitmaps: so the `offset` of a Data is added for bitmaps only.
 */
class Assembler {
  readonly nodes: { length: number; nullCount: number }[] = [];
  readonly buffers: Uint8Array[] = [];
  readonly variadicCounts: number[] = [];

  add(
    type: DataType,
    column: Data | undefined,
    start: number,
    rows: number,
  ): void {
    const data = column ?? new Data(type, 0, 0);
    if (DataType.isUnion(type)) return this.#addUnion(type, data, start, rows);
    if (DataType.isNull(type)) {
      this.nodes.push({ length: rows, nullCount: rows });
      return;
    }
    this.#addValidity(data, start, rows);
    if (DataType.isBool(type)) {
      this.buffers.push(bits(data.values, data.offset + start, rows));
    } else if (DataType.isUtf8View(type) || DataType.isBinaryView(type)) {
      const { views, buffers } = assembleViews(data, start, rows);
      this.buffers.push(views);
      for (const buffer of buffers) this.buffers.push(buffer);
      this.variadicCounts.push(buffers.length);
    } else if (isBytes(type)) {
      const { begin, end } = this.#addOffsets(data, start, rows);
      this.buffers.push(window(data.values, begin, end - begin));
    } else if (
      DataType.isList(type) || DataType.isLargeList(type) ||
      DataType.isMap(type)
    ) {
      const { begin, end } = this.#addOffsets(data, start, rows);
      this.add(type.children[0].type, data.children[0], begin, end - begin);
    } else if (DataType.isFixedSizeList(type)) {
      const { listSize, children: [child] } = type;
      this.add(child.type, data.children[0], start * listSize, rows * listSize);
    } else if (DataType.isStruct(type)) {
      type.children.forEach((child, index) =>
        this.add(child.type, data.children[index], start, rows)
      );
    } else {
      const stored = DataType.isDictionary(type) ? type.indices : type;
      const width = stored.ArrayType.BYTES_PER_ELEMENT * data.stride;
      this.buffers.push(slots(data.values, width, start, rows));
    }
  }

  /** The node, and the bitmap if there are nulls. */
  #addValidity(data: Data, start: number, rows: number): void {
    const present = Math.max(0, Math.min(rows, data.length - start));
    const from = data.offset + start;
    const bitmap = data.nullBitmap?.length > 0 && data.nullCount > 0
      ? bits(data.nullBitmap, from, present)
      : undefined;
    const valid = bitmap === undefined
      ? present
      : util.popcnt_bit_range(bitmap, 0, present);
    this.nodes.push({ length: rows, nullCount: rows - valid });
    if (valid === rows) this.buffers.push(new Uint8Array(0));
    else if (present === rows && bitmap !== undefined) {
      this.buffers.push(bitmap);
    } else {
      const padded = new Uint8Array(Math.ceil(rows / 8));
      if (bitmap !== undefined) padded.set(bitmap);
      else padded.fill(255, 0, Math.ceil(present / 8));
      if (present % 8 > 0) padded[present >> 3] &= (1 << present % 8) - 1;
      this.buffers.push(padded);
    }
  }

  #addOffsets(data: Data, start: number, rows: number): Offsets {
    const found = assembleOffsets(data, start, rows);
    this.buffers.push(found.bytes);
    return found;
  }

  /** A row that the union does not have becomes a null of its first child. */
  #addUnion(type: Union, data: Data, start: number, rows: number): void {
    this.nodes.push({ length: rows, nullCount: 0 });
    const typeIds = new Uint8Array(slots(data.typeIds, 1, start, rows));
    const present = Math.max(0, Math.min(rows, data.length - start));
    const children = typeIds.map((id, row) =>
      row < present ? type.typeIdToChildIndex[id] ?? NO_CHILD : NO_CHILD
    );
    children.forEach((child, row) => {
      if (child === NO_CHILD) typeIds[row] = type.typeIds[0];
    });
    this.buffers.push(typeIds);
    const fields = type.children;
    if (DataType.isSparseUnion(type)) {
      fields.forEach((field, index) =>
        this.add(field.type, data.children[index], start, rows)
      );
      return;
    }
    const used = fields.map(() => ({ from: Infinity, to: 0 }));
    const places = new Int32Array(rows);
    if (data.valueOffsets !== undefined) {
      places.set(data.valueOffsets.subarray(start, start + rows));
    }
    children.forEach((child, row) => {
      if (child === NO_CHILD) {
        children[row] = 0;
        places[row] = data.children[0]?.length ?? 0;
      }
      const range = used[children[row]];
      range.from = Math.min(range.from, places[row]);
      range.to = Math.max(range.to, places[row] + 1);
    });
    const moved = places.map((place, row) => place - used[children[row]].from);
    this.buffers.push(new Uint8Array(moved.buffer));
    fields.forEach((field, index) => {
      const { from, to } = used[index];
      const count = Math.max(0, to - from);
      this.add(field.type, data.children[index], count > 0 ? from : 0, count);
    });
  }
}

/** What is in the place of a child's index for a row that the union does not have. */
const NO_CHILD = 255;

function isBytes(type: DataType): boolean {
  return DataType.isUtf8(type) || DataType.isLargeUtf8(type) ||
    DataType.isBinary(type) || DataType.isLargeBinary(type);
}
