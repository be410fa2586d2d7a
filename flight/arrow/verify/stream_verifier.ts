/**
 * Verifies the messages of an Arrow stream before anything else reads them. It reads no
 * values, so that its cost does not grow with the body: check_values.ts checks them where
 * they are going to be used.
 *
 * @module
 */
import { FlightError, type FlightErrorCode } from "../../errors.ts";
import { about, type FieldLayout } from "../format/field_layout.ts";
import { Finding, refuseWith } from "../format/finding.ts";
import type { FlatTable } from "../format/flatbuffer.ts";
import { MessageHeader } from "../format/message_header.ts";
import {
  MetadataVersion,
  type VerifiedColumn,
  type VerifiedDictionary,
  type VerifiedMessage,
  type VerifiedRecordBatch,
  type VerifiedSchema,
} from "../format/verified_message.ts";
import { readBatch } from "./read_batch.ts";
import { readSchema } from "./read_schema.ts";

export type { FieldLayout, FieldNode } from "../format/field_layout.ts";
export type {
  BufferRegion,
  VerifiedColumn,
  VerifiedDictionary,
  VerifiedMessage,
  VerifiedRecordBatch,
  VerifiedSchema,
} from "../format/verified_message.ts";

const MIB = 2 ** 20;
const GIB = 2 ** 30;

/** What a {@linkcode StreamVerifier} accepts. */
export interface VerifyOptions {
  /**
   * The code of the error that a bad message gives.
   *
   * @default "INVALID_ARGUMENT"
   */
  code?: FlightErrorCode;
  /**
   * The most bytes of a message's header.
   *
   * @default 16 MiB
   */
  maxHeaderBytes?: number;
  /**
   * The most bytes that one message's buffers may have after decompression.
   *
   * @default 4 GiB
   */
  maxDecompressedBytes?: number;
  /**
   * The most levels that fields may be nested in each other.
   *
   * @default 64
   */
  maxDepth?: number;
}

/**
 * Verifies the messages of one stream, in order: that each is a sound flatbuffer,
 * agrees with the schema, and has its buffers inside its body. What it accepts can
 * be kept, sent on and read by any implementation of Arrow. Before values are read that
 * a stranger has sent, `checkValues` has to be called, too.
 *
 * @example Verify what another program sent
 * ```ts
 * import { StreamVerifier } from "./stream_verifier.ts";
 *
 * const verifier = new StreamVerifier({ code: "DATA_LOSS" });
 * try {
 *   verifier.verify(new Uint8Array([1, 2, 3]), new Uint8Array(0));
 * } catch (error) {
 *   console.log(error); // FlightError: Cannot accept the message: its header is ...
 * }
 * ```
 */
export class StreamVerifier {
  /** The code of the error that a bad message gives. */
  readonly code: FlightErrorCode;
  readonly #maxHeaderBytes: number;
  readonly #maxDecompressedBytes: number;
  readonly #maxDepth: number;
  /** How many values each dictionary has; one that did not come yet is absent. */
  readonly #dictionaryRows = new Map<bigint, number>();
  #schema: VerifiedSchema | undefined;

  /** A verifier for a new stream. */
  constructor(options: VerifyOptions = {}) {
    this.code = options.code ?? "INVALID_ARGUMENT";
    this.#maxHeaderBytes = options.maxHeaderBytes ?? 16 * MIB;
    this.#maxDecompressedBytes = options.maxDecompressedBytes ?? 4 * GIB;
    this.#maxDepth = options.maxDepth ?? 64;
  }

  /** The schema; undefined before it came. */
  get schema(): VerifiedSchema | undefined {
    return this.#schema;
  }

  /** How many values the dictionary has now; undefined when it did not come yet. */
  dictionaryRows(id: bigint): number | undefined {
    return this.#dictionaryRows.get(id);
  }

  /**
   * Verifies the next message: its header, a flatbuffer without prefix, and its body.
   * Zero bytes may follow after the flatbuffer. A message that is refused changes nothing.
   *
   * @throws {FlightError} with the code of the options, when the message is bad;
   * RESOURCE_EXHAUSTED, when its header is larger than is allowed.
   */
  verify(header: Uint8Array, body: Uint8Array): VerifiedMessage {
    return refuseWith(this.code, () => this.#verify(header, body));
  }

  #verify(header: Uint8Array, body: Uint8Array): VerifiedMessage {
    if (header.length > this.#maxHeaderBytes) {
      throw new FlightError(
        "RESOURCE_EXHAUSTED",
        `Cannot accept the message: its header has ${header.length} bytes, more than ${this.#maxHeaderBytes} (maxHeaderBytes)`,
      );
    }
    const message = new MessageHeader(header);
    const version = readVersion(message.version);
    checkBody(message.bodyLength, body);
    message.readMetadata();
    const { kind, table } = message;
    if (kind === undefined || table === undefined) {
      throw new Finding(`its header is of the unknown kind ${message.kindNumber}`);
    }
    if (kind === "schema") return this.#verifySchema(table, version, body);
    const schema = this.#schema;
    if (schema === undefined) {
      throw new Finding(`it is a ${kind}, and the first of a stream is its schema`);
    }
    if (version !== schema.version) {
      throw new Finding("its metadata has another version than the stream's schema");
    }
    if (kind === "batch") return this.#verifyBatch(table, schema.fields, body);
    if (kind === "dictionary") return this.#verifyDictionary(table, schema, body);
    throw new Finding(
      `it is a ${kind}, which a stream of record batches cannot have`,
    );
  }

  #verifySchema(
    table: FlatTable,
    version: MetadataVersion,
    body: Uint8Array,
  ): VerifiedSchema {
    if (this.#schema !== undefined) {
      throw new Finding("it is the stream's second schema");
    }
    if (body.length > 0) {
      throw new Finding(`its schema has ${body.length} bytes of body`);
    }
    const schema = readSchema(table, version, this.#maxDepth);
    this.#schema = schema;
    return schema;
  }

  #verifyBatch(
    table: FlatTable,
    fields: readonly FieldLayout[],
    body: Uint8Array,
  ): VerifiedRecordBatch {
    const batch = readBatch(table, fields, body, this.#maxDecompressedBytes);
    this.#checkDictionaries(batch);
    return batch;
  }

  #verifyDictionary(
    table: FlatTable,
    schema: VerifiedSchema,
    body: Uint8Array,
  ): VerifiedDictionary {
    const id = table.bigint64(0);
    const isDelta = table.bool(2);
    const dictionary = schema.dictionaries.get(id);
    if (dictionary === undefined) {
      throw new Finding(`its dictionary ${id} is not one of the schema's`);
    }
    const before = this.#dictionaryRows.get(id);
    if (isDelta && before === undefined) {
      throw new Finding(
        `it adds to the dictionary ${id}, of which nothing came before`,
      );
    }
    const data = table.table(1);
    if (data === undefined) throw new Finding(`its dictionary ${id} has no data`);
    const batch = this.#verifyBatch(data, [dictionary.values], body);
    const rows = (isDelta && before || 0) + batch.rows;
    if (!Number.isSafeInteger(rows)) {
      throw new Finding(`its dictionary ${id} comes to have ${rows} values`);
    }
    this.#dictionaryRows.set(id, rows);
    return { kind: "dictionary", id, isDelta, batch };
  }

  /**
   * Checks that dictionaries came before the columns that refer to them. A column of
   * nulls alone refers to no value: the format allows its dictionary to come later.
   */
  #checkDictionaries({ columns }: VerifiedRecordBatch): void {
    if (this.#dictionaryRows.size === this.#schema?.dictionaries.size) return;
    const visit = ({ field, node, children }: VerifiedColumn): void => {
      const id = field.dictionary?.id;
      if (
        id !== undefined && node.nullCount < node.length &&
        !this.#dictionaryRows.has(id)
      ) {
        throw about(field, `needs the dictionary ${id}, which did not come yet`);
      }
      children.forEach(visit);
    };
    columns.forEach(visit);
  }
}

function readVersion(number: number): MetadataVersion {
  if (number === MetadataVersion.V4 || number === MetadataVersion.V5) return number;
  throw new Finding(
    `its metadata has version V${number + 1}, and only V4 and V5 can be read`,
  );
}

function checkBody(declared: number, body: Uint8Array): void {
  if (declared !== body.length) {
    throw new Finding(
      `its header declares a body of ${declared} bytes, but it has ${body.length}`,
    );
  }
  if (declared % 8 !== 0) {
    throw new Finding(`its body has ${declared} bytes, which is no multiple of 8`);
  }
}
