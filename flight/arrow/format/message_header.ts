/**
 * Reads the header of a message: the table "Message" of the format's Message.fbs.
 *
 * @module
 */
import { FlatTable } from "./flatbuffer.ts";

/** What a message is, by its number in the union MessageHeader. */
const KINDS = [
  undefined,
  "schema",
  "dictionary",
  "batch",
  "tensor",
  "sparse tensor",
] as const;

/** What a message is. */
export type MessageKind = NonNullable<typeof KINDS[number]>;

/** A key and its value, as bytes: they need not be UTF-8. */
export type MetadataPair = readonly [key: Uint8Array, value: Uint8Array];

const NO_BYTES = new Uint8Array(0);
const NO_METADATA: readonly MetadataPair[] = [];

/**
 * The header of a message. Each part is read, and found sound, when it is asked for.
 *
 * @throws {Finding} from every member, and from the constructor, when what it reads is not
 * sound.
 */
export class MessageHeader {
  readonly #message: FlatTable;

  /** The header in these bytes; others may follow after its end. */
  constructor(bytes: Uint8Array) {
    this.#message = FlatTable.root(bytes);
  }

  /** The number of the metadata's version. */
  get version(): number {
    return this.#message.int16(0);
  }

  /** The number of what the message is. */
  get kindNumber(): number {
    return this.#message.uint8(1);
  }

  /** What the message is; undefined when its number is unknown. */
  get kind(): MessageKind | undefined {
    return KINDS[this.kindNumber];
  }

  /** The table of what the message is; undefined when it is not there. */
  get table(): FlatTable | undefined {
    return this.#message.table(2);
  }

  /** How many bytes the body has. */
  get bodyLength(): number {
    return this.#message.int64(3);
  }

  /** Reads the message's custom metadata. */
  readMetadata(): readonly MetadataPair[] {
    return readMetadata(this.#message, 4);
  }
}

/** The custom metadata in this slot of a message, a schema or a field. */
export function readMetadata(table: FlatTable, slot: number): readonly MetadataPair[] {
  if (!table.has(slot)) return NO_METADATA;
  return Array.from(
    table.tables(slot),
    (pair) => [pair.bytes(0) ?? NO_BYTES, pair.bytes(1) ?? NO_BYTES],
  );
}
