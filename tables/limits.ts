/**
 * What a server of tables accepts, beside the limits of flight/server/limits.ts.
 *
 * @module
 */
import { numberFrom, wholeNumber } from "../base/value_kinds.ts";
import type { Limit } from "../flight/server/limits.ts";
import { MAX_NAME_BYTES } from "./table_name.ts";

/** The limits of tables. */
export interface TableLimits {
  /**
   * The most bytes of one table, as an Arrow IPC stream. A put of more is answered
   * with RESOURCE_EXHAUSTED, as with the other limits. @default no limit but the store's
   */
  maxTableBytes?: number;
  /** The most bytes of one message's header, a flatbuffer. @default 16 MiB */
  maxHeaderBytes?: number;
  /** The most bytes of a table's name, in UTF-8; at most 16 KiB. @default 16 KiB */
  maxNameBytes?: number;
  /**
   * The most bytes of all tables that one caller has put since the server began to
   * listen, as Arrow IPC streams, and of those that are coming in. A caller is an
   * identity, or an IP address where there is none. @default no limit
   */
  maxCallerBytes?: number;
}

/** The limits of tables, by the names of their options, as docs/operations.md lists them. */
export const TABLE_LIMITS = {
  maxTableBytes: {
    default: undefined,
    kind: numberFrom(1),
    unit: "bytes",
    bounds: "one table",
    keptBy: "tables",
    refusal: (most: number) =>
      `Cannot keep the table: it has more than ${most} bytes (maxTableBytes)`,
  },
  maxHeaderBytes: {
    default: 16 * 1024 ** 2,
    kind: numberFrom(1),
    unit: "bytes",
    bounds: "one message's header, a flatbuffer",
    keptBy: "tables",
    refusal: undefined,
  },
  maxNameBytes: {
    default: MAX_NAME_BYTES,
    kind: wholeNumber(1, MAX_NAME_BYTES),
    unit: "bytes",
    bounds: "a table's name",
    keptBy: "tables",
    refusal: (most: number, found: number) =>
      `Cannot keep the table: its name has ${found} bytes, more than ${most} (maxNameBytes)`,
  },
  maxCallerBytes: {
    default: undefined,
    kind: numberFrom(1),
    unit: "bytes",
    bounds: "all tables that one caller has put",
    keptBy: "tables",
    refusal: (most: number) =>
      `Cannot keep the table: your tables would exceed ${most} bytes (maxCallerBytes); drop one first`,
  },
} as const satisfies { readonly [name in keyof Required<TableLimits>]: Limit };
