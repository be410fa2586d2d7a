/**
 * Messages of a table that nobody has decoded, none larger than a client takes.
 *
 * @module
 */
import type { FlightDataInit } from "../../../proto/flight_data.ts";
import { cutBatch } from "./split_batch.ts";
import { FlightError } from "../../errors.ts";
import type { Share } from "../../../base/shared_limit.ts";
import { FlatTable } from "../format/flatbuffer.ts";
import { Finding } from "../format/finding.ts";
import { readBatch } from "../verify/read_batch.ts";
import { checkMetadata } from "../verify/read_schema.ts";
import type {
  VerifiedRecordBatch,
  VerifiedSchema,
} from "../format/verified_message.ts";
import { StreamVerifier } from "../verify/stream_verifier.ts";

/** One Arrow IPC message as it was sent. */
export interface ArrowMessage {
  /** The flatbuffer Message, without continuation marker and length. */
  readonly header: Uint8Array;
  /** The message's body; empty when it has none. */
  readonly body: Uint8Array;
}

const NO_BODY = new Uint8Array(0);
/** The number of a record batch in the union MessageHeader. */
const RECORD_BATCH = 3;

/**
 * The messages of one table, the schema first, for sending: a record batch whose
 * header and body have more than `maxBytes` bytes is split by rows, whatever its
 * types are. A function is asked for the number before each message. All else is passed on as it is, without a look into it.
 *
 * A batch goes out whole, too, when it cannot be split: when it is compressed, is
 * not sound, or has so many columns that its header alone takes half the bytes. A
 * row that is too large makes a message of its own. A piece's body is a list of
 * views on the batch's own, which must not change before it is sent.
 *
 * A batch that is being split takes memory for each of its fields, which `share` is
 * told of.
 *
 * FlightData takes some bytes beside header and body: a limit of the receiver's
 * should be larger than `maxBytes` by a few hundred.
 *
 * @throws {RangeError} when `maxBytes` is not positive.
 * @throws {FlightError} DATA_LOSS, when it is found in the middle of a batch that
 * its values lead astray.
 *
 * @example Send what was kept
 * ```ts
 * import { type ArrowMessage, splitMessages } from "./split_messages.ts";
 *
 * const kept: ArrowMessage[] = [];
 * for await (const { dataHeader } of splitMessages(kept, 2 << 20)) {
 *   console.log(dataHeader?.length);
 * }
 * ```
 */
export function splitMessages(
  messages: Iterable<ArrowMessage> | AsyncIterable<ArrowMessage>,
  maxBytes: number | (() => number),
  share?: Share,
): AsyncGenerator<FlightDataInit> {
  if (typeof maxBytes === "function") return split(messages, maxBytes, share);
  if (!(maxBytes > 0)) {
    throw new RangeError(`Cannot split messages into such of ${maxBytes} bytes`);
  }
  return split(messages, () => maxBytes, share);
}

async function* split(
  messages: Iterable<ArrowMessage> | AsyncIterable<ArrowMessage>,
  maxBytes: () => number,
  share: Share | undefined,
): AsyncGenerator<FlightDataInit> {
  let splitter: BatchSplitter | undefined;
  for await (const message of messages) {
    const { header, body } = message;
    splitter ??= new BatchSplitter(header, share);
    const most = maxBytes();
    if (header.length + body.length > most) yield* splitter.split(message, most);
    else yield { dataHeader: header, dataBody: body };
  }
}

/** Splits the batches of one table. */
class BatchSplitter {
  readonly #schemaHeader: Uint8Array;
  readonly #share: Share | undefined;
  #schema: VerifiedSchema | undefined;

  constructor(schemaHeader: Uint8Array, share: Share | undefined) {
    this.#schemaHeader = schemaHeader;
    this.#share = share;
  }

  *split({ header, body }: ArrowMessage, maxBytes: number): Generator<FlightDataInit> {
    let pieces = 0;
    try {
      const batch = this.#read(header, body);
      const messages = batch ? cutBatch(batch, header, body, maxBytes) : [];
      for (const message of messages) {
        pieces++;
        yield message;
      }
    } catch (error) {
      // Whether a message is sound is not decided here: it is sent as it came.
      const isUnsound = error instanceof Finding ||
        error instanceof FlightError && error.code !== "RESOURCE_EXHAUSTED";
      if (!isUnsound) throw error;
      if (pieces > 0) {
        throw new FlightError("DATA_LOSS", `Cannot split a batch: ${error.message}`, {
          cause: error,
        });
      }
    }
    if (pieces === 0) yield { dataHeader: header, dataBody: body };
  }

  /** What a message consists of, if it is a record batch. */
  #read(header: Uint8Array, body: Uint8Array): VerifiedRecordBatch | undefined {
    const message = FlatTable.root(header);
    const table = message.uint8(1) === RECORD_BATCH ? message.table(2) : undefined;
    if (table === undefined) return undefined;
    checkMetadata(message, 4);
    this.#schema ??= readSchema(this.#schemaHeader);
    this.#share?.hold(this.#schema.fieldCount);
    return readBatch(table, this.#schema.fields, body, Infinity);
  }
}

/** Schemas that were read, so that all who send a table have one of them. */
const schemas = new WeakMap<Uint8Array, VerifiedSchema>();

function readSchema(header: Uint8Array): VerifiedSchema {
  const known = schemas.get(header);
  if (known !== undefined) return known;
  const verified = new StreamVerifier().verify(header, NO_BODY);
  if (verified.kind !== "schema") {
    throw new Finding(`it is a ${verified.kind} where a schema has to be`);
  }
  schemas.set(header, verified);
  return verified;
}
