/**
 * What the encoder takes beside its source.
 *
 * @module
 */
import type { OptionKinds, OptionSet } from "../../../base/check_options.ts";
import { numberFrom, oneOf } from "../../../base/value_kinds.ts";
import type { Init } from "../../../proto/message_type.ts";
import type { FlightDescriptor } from "../../../proto/messages.ts";
import type { Compression } from "../compression/compression.ts";
import { isSchemaLike, type SchemaLike } from "./arrow_like.ts";

/** How `encode` makes messages. */
export interface EncodeOptions {
  /**
   * The stream's schema. It is needed when the source may have no batch.
   * @default the table's, or the first batch's
   */
  schema?: SchemaLike;
  /** What the flight is called; it goes with the first message. */
  descriptor?: Init<FlightDescriptor>;
  /**
   * What a message should stay below, in bytes before compression. Batches and
   * dictionaries are split by rows; a row that is larger goes alone. Flight
   * clients in Go, Rust and .NET take no more than 4 MiB by default.
   * @default 2 MiB
   */
  maxMessageBytes?: number;
  /** How buffers are compressed. @default not at all */
  compression?: Compression;
  /** What the start of every buffer is a multiple of. @default 8 */
  alignment?: 8 | 64;
}

/** The kinds of the options of `encode`. */
export const ENCODE_OPTION_KINDS: OptionKinds<EncodeOptions> = {
  schema: { wanted: "a Schema of apache-arrow", isType: isSchemaLike },
  descriptor: {
    wanted: 'a descriptor, such as commandDescriptor("quakes")',
    isType: (value) => typeof value === "object" && value !== null,
  },
  maxMessageBytes: numberFrom(1),
  compression: oneOf("lz4", "zstd"),
  alignment: oneOf(8, 64),
};

/** The options of `encode`. */
export const ENCODE_OPTIONS: OptionSet<EncodeOptions> = {
  of: "encode()",
  example: '{ compression: "lz4" }',
  kinds: ENCODE_OPTION_KINDS,
};
