/**
 * The nodes and buffers of columns of any type.
 *
 * @module
 */
import type { FieldLayout } from "../../../flight/arrow/format/field_layout.ts";
import { wildNumber } from "../mutate_bytes.ts";
import type { Random } from "../../helpers/random.ts";

const MAX_ITEMS = 12;
/** As many as are ever read. */
const MAX_ROWS = 2 ** 31 - 1;
/** Beyond that a child's length is not filled with values. */
const MAX_LENGTH = 500;
/** Nor is a buffer made larger, whatever the width of a value. */
const MAX_BYTES = 8192;
const MAX_TEXT_LENGTH = 20;
const VIEW_BYTES = 16;
const INLINE_BYTES = 12;

/** Whether a column has no bytes, however many rows it has. */
export function isWithoutBytes(field: FieldLayout): boolean {
  return field.children.every(isWithoutBytes) &&
    field.type.buffers.every(({ bits, extra }) => bits === 0 && extra === 0);
}

/** Writes columns in the order of their fields. */
export class WildColumns {
  /** Length and number of nulls of each column. */
  readonly nodes: [number | bigint, number | bigint][] = [];
  /** The columns' buffers. */
  readonly buffers: Uint8Array[] = [];
  /** How many buffers of texts each column of views has. */
  readonly variadics: number[] = [];
  readonly #random: Random;
  readonly #dictionaryRows: ReadonlyMap<bigint, number>;

  /** No columns yet; indices are to be below `dictionaryRows` of their dictionary. */
  constructor(random: Random, dictionaryRows: ReadonlyMap<bigint, number>) {
    this.#random = random;
    this.#dictionaryRows = dictionaryRows;
  }

  /** Adds a column of so many rows, and those under it. */
  column(field: FieldLayout, length: number): void {
    const random = this.#random;
    const { type, children, dictionary } = field;
    if (isWithoutBytes(field)) return this.#withoutBytes(field, length);
    const hasBitmap = field.buffers[0]?.role === "validity";
    const { bitmap, nullCount } = hasBitmap ? this.#bitmap(length) : NO_NULLS;
    this.nodes.push([this.#maybeWild(length), this.#maybeWild(nullCount)]);
    if (hasBitmap) this.buffers.push(bitmap);
    const counts = Array.from({ length }, () => random.below(4));
    const starts = counts.map((_, index) => sum(counts.slice(0, index)));
    switch (type.kind) {
      case "fixed": {
        const [{ bits }] = type.buffers;
        const rows = dictionary && (this.#dictionaryRows.get(dictionary.id) ?? 0);
        const bytes = Math.ceil(bits * length / 8);
        if (rows !== undefined) {
          this.#numbers(bits, counts.map((one) => one % (rows || 1)));
        } else this.buffers.push(random.bytes(Math.min(bytes, MAX_BYTES)));
        break;
      }
      case "binary":
        this.#numbers(type.buffers[0].bits, [...starts, sum(counts)]);
        this.buffers.push(text(random, sum(counts)));
        break;
      case "view":
        this.#views(length);
        break;
      case "list":
        this.#numbers(type.buffers[0].bits, [...starts, sum(counts)]);
        this.column(children[0], sum(counts));
        break;
      case "list view": {
        const { bits } = type.buffers[0];
        this.#numbers(bits, counts.map((count) => random.below(MAX_ITEMS - count)));
        this.#numbers(bits, counts);
        this.column(children[0], MAX_ITEMS);
        break;
      }
      case "sparse union":
      case "dense union":
        this.#union(field, counts);
        break;
      case "run-end encoded": {
        const runs = Math.max(1, Math.ceil(length / 3));
        const ends = Array.from({ length: runs }, (_, run) => 3 * run + 3);
        this.nodes.push([this.#maybeWild(runs), 0]);
        if (children[0].buffers.length > 1) this.buffers.push(new Uint8Array(0));
        this.#numbers(children[0].type.buffers[0].bits, ends);
        this.column(children[1], runs);
        break;
      }
      default: {
        const items = Math.min(MAX_LENGTH, length * type.childRows);
        for (const child of children) this.column(child, items);
      }
    }
  }

  #withoutBytes({ type, buffers, children }: FieldLayout, length: number): void {
    this.nodes.push([length, 0]);
    this.buffers.push(...buffers.map(() => new Uint8Array(0)));
    const items = Math.min(length * type.childRows, MAX_ROWS);
    for (const child of children) this.#withoutBytes(child, items);
  }

  #union({ type, children }: FieldLayout, counts: readonly number[]): void {
    const random = this.#random;
    const chosen = counts.map((count) => count % Math.max(1, children.length));
    this.#numbers(8, chosen.map((child) => type.typeIds?.[child] ?? child));
    if (type.kind === "dense union") {
      this.#numbers(32, counts.map(() => random.below(MAX_ITEMS)));
    }
    const length = type.kind === "dense union" ? MAX_ITEMS : counts.length;
    for (const child of children) this.column(child, length);
  }

  #views(length: number): void {
    const random = this.#random;
    const buffers = Array.from(
      { length: random.below(3) },
      () => text(random, 2 * MAX_TEXT_LENGTH),
    );
    const views = new Uint8Array(length * VIEW_BYTES);
    const view = new DataView(views.buffer);
    for (let row = 0; row < length; row++) {
      const at = row * VIEW_BYTES;
      const most = buffers.length === 0 ? INLINE_BYTES : MAX_TEXT_LENGTH;
      const size = random.below(most + 1);
      view.setInt32(at, Number(BigInt.asIntN(32, BigInt(this.#maybeWild(size)))), true);
      if (size <= INLINE_BYTES) continue;
      view.setInt32(at + 8, random.below(buffers.length), true);
      view.setInt32(at + 12, random.below(MAX_TEXT_LENGTH), true);
    }
    this.buffers.push(views, ...buffers);
    this.variadics.push(buffers.length);
  }

  #bitmap(length: number): { bitmap: Uint8Array; nullCount: number } {
    if (this.#random.oneIn(2) || length === 0) return NO_NULLS;
    const bitmap = this.#random.bytes(Math.ceil(length / 8));
    const rows = Array.from({ length }, (_, row) => bitmap[row >> 3] >> row % 8 & 1);
    return { bitmap, nullCount: length - sum(rows) };
  }

  #numbers(bits: number, numbers: readonly number[]): void {
    const bytes = new Uint8Array(numbers.length * bits / 8);
    numbers.forEach((number, index) => {
      const value = BigInt(this.#maybeWild(number));
      for (let byte = 0; byte < bits / 8; byte++) {
        bytes[index * bits / 8 + byte] = Number(value >> BigInt(8 * byte) & 255n);
      }
    });
    this.buffers.push(bytes);
  }

  #maybeWild(number: number): number | bigint {
    return this.#random.oneIn(200) ? wildNumber(this.#random) : number;
  }
}

const NO_NULLS = { bitmap: new Uint8Array(0), nullCount: 0 };

function text(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => random.between(97, 122));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
