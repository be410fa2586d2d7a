/**
 * What the encoder takes, and what is said of what it does not take.
 *
 * @module
 */
import { showValue } from "../../../base/show_value.ts";
import {
  isRecordBatchLike,
  isTableLike,
  type RecordBatchLike,
  type TableLike,
} from "./arrow_like.ts";

/** A batch, or a batch with app_metadata, or app_metadata alone. */
export type EncodeItem =
  | RecordBatchLike
  | { readonly batch?: RecordBatchLike; readonly appMetadata?: Uint8Array };

/**
 * What `encode` takes: a table, a batch, or items as they come. Tables and batches may be
 * of any copy of apache-arrow, from version 14 on.
 */
export type EncodeSource =
  | TableLike
  | RecordBatchLike
  | Iterable<EncodeItem>
  | AsyncIterable<EncodeItem>;

/** The two parts of an item, each undefined when there is none. */
export interface ItemParts {
  /** The batch. */
  readonly batch: RecordBatchLike | undefined;
  /** The app_metadata. */
  readonly appMetadata: Uint8Array | undefined;
}

/**
 * The items of a source. Those of an array are checked at once, all others as they come.
 *
 * @throws {TypeError} when it is no source, with how to make one of it.
 */
export function itemsOf(
  source: EncodeSource,
): Iterable<EncodeItem> | AsyncIterable<EncodeItem> {
  if (isTableLike(source)) return source.batches;
  if (isRecordBatchLike(source)) return [source];
  const hint = hintFor(source);
  if (hint !== undefined || !isIterable(source)) {
    throw new TypeError(
      `Cannot encode ${
        showValue(source)
      }: it is no table, batch or iterable of batches${
        hint === undefined ? "" : `; ${hint}`
      }`,
    );
  }
  if (Array.isArray(source)) source.forEach(partsOf);
  return source;
}

/**
 * What is in an item.
 *
 * @throws {TypeError} when it is no item.
 */
export function partsOf(item: EncodeItem): ItemParts {
  if (isRecordBatchLike(item)) return { batch: item, appMetadata: undefined };
  if (!isObject(item) || !("batch" in item || "appMetadata" in item)) {
    throw notAnItem(item, "it has neither `batch` nor `appMetadata`", item);
  }
  const { batch, appMetadata } = item;
  if (batch !== undefined && !isRecordBatchLike(batch)) {
    throw notAnItem(item, "its `batch` is no RecordBatch", batch);
  }
  if (appMetadata !== undefined && !(appMetadata instanceof Uint8Array)) {
    throw notAnItem(item, "its `appMetadata` is no Uint8Array", undefined);
  }
  return { batch, appMetadata };
}

/** The error of an item, with a hint at what to do with what was passed for a batch. */
function notAnItem(item: unknown, reason: string, passed: unknown): TypeError {
  const hint = isTableLike(passed)
    ? "the table's `batches` are items"
    : hintFor(passed);
  return new TypeError(
    `Cannot encode the item ${showValue(item)}: ${reason}${
      hint === undefined ? "" : `; ${hint}`
    }`,
  );
}

/** How a table is made of values that are none, and often taken for one. */
function hintFor(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  if (typeof value.then === "function") return "await it first";
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return "tableFromIPC(bytes) of apache-arrow reads a table from bytes";
  }
  if (typeof value.arrayBuffer === "function") {
    return "await tableFromIPC(response) of apache-arrow reads a table from it";
  }
  if (isObject(value.type) && "typeId" in value.type) {
    return "new Table({ name: vector }) of apache-arrow makes a table of columns";
  }
  if (Array.isArray(value) && isRow(value[0])) {
    return "tableFromJSON(rows) of apache-arrow makes a table of rows";
  }
  return isRow(value)
    ? "tableFromArrays({ name: values }) of apache-arrow makes a table of columns"
    : undefined;
}

/** Whether it is an object as it is written in JavaScript, with properties of its own. */
function isRow(value: unknown): boolean {
  return isObject(value) && Object.getPrototypeOf(value) === Object.prototype &&
    !isIterable(value) && !("batch" in value || "appMetadata" in value);
}

function isIterable(value: unknown): boolean {
  return isObject(value) &&
    (Symbol.asyncIterator in value || Symbol.iterator in value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
