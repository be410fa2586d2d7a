/**
 * Messages of a stored table, split so that none is larger than a client accepts.
 *
 * @module
 */
import type { Share } from "../../../base/shared_limit.ts";
import type { FlightDataInit } from "../../../proto/flight_data.ts";
import { FlightError } from "../../errors.ts";
import type { ArrowMessage } from "../format/arrow_message.ts";
import { Finding } from "../format/finding.ts";
import { MessageHeader } from "../format/message_header.ts";
import { VerifiedSchema } from "../format/verified_message.ts";
import { readBatch } from "../verify/read_batch.ts";
import { StreamVerifier } from "../verify/stream_verifier.ts";
import { type BatchMessage, splitBatch } from "./split_batch.ts";

/** A message of a stored table. */
export interface StoredMessage extends ArrowMessage {
  /** What a put has read of a schema, when the store has kept it. */
  readonly layout?: object;
}

/** How {@linkcode splitMessages} splits. */
export interface SplitMessagesOptions {
  /** Counts the fields of schemas that are in use. @default they are not counted */
  share?: Share;
}

const NO_BODY = new Uint8Array(0);

/**
 * The messages of one table, the schema first, for sending: a record batch whose header
 * and body have more than `maxBytes` bytes is split by rows, whatever its types are. A
 * function is asked for the number before each message. All other messages are passed on
 * as they are, and their bytes are not read.
 *
 * A batch is not split when it is compressed, is not sound, or has so many columns that
 * its header alone takes half the bytes. A row that is too large makes a message of its
 * own. The body of a piece is a list of views on the batch's body, which must not change
 * before it is sent.
 *
 * FlightData takes some bytes beside header and body: a limit of the receiver's should be
 * larger than `maxBytes` by a few hundred.
 *
 * @throws {RangeError} when `maxBytes` is not positive.
 * @throws {FlightError} DATA_LOSS, when an offset or a size is found to lead out of its
 * column after a part of the batch was sent.
 *
 * @example Send what was kept
 * ```ts
 * import type { ArrowMessage } from "../format/arrow_message.ts";
 * import { splitMessages } from "./split_messages.ts";
 *
 * const kept: ArrowMessage[] = [];
 * for await (const { dataHeader } of splitMessages(kept, 2 << 20)) {
 *   console.log(dataHeader?.length);
 * }
 * ```
 */
export function splitMessages(
  messages: Iterable<StoredMessage> | AsyncIterable<StoredMessage>,
  maxBytes: number | (() => number),
  options: SplitMessagesOptions = {},
): AsyncGenerator<FlightDataInit> {
  const limit = typeof maxBytes === "function" ? maxBytes : () => maxBytes;
  if (typeof maxBytes === "number" && !(maxBytes > 0)) {
    throw new RangeError(
      `Cannot split messages: maxBytes is ${maxBytes}, and has to be above 0`,
    );
  }
  return splitLarge(messages, limit, options);
}

async function* splitLarge(
  messages: Iterable<StoredMessage> | AsyncIterable<StoredMessage>,
  maxBytes: () => number,
  { share }: SplitMessagesOptions,
): AsyncGenerator<FlightDataInit> {
  let splitter: BatchSplitter | undefined;
  for await (const message of messages) {
    const { header, body } = message;
    splitter ??= new BatchSplitter(message, share);
    const most = maxBytes();
    if (header.length + body.length > most) yield* splitter.split(message, most);
    else yield { dataHeader: header, dataBody: body };
  }
}

/** Splits the batches of one table. */
class BatchSplitter {
  readonly #schemaMessage: StoredMessage;
  readonly #share: Share | undefined;
  #schema: VerifiedSchema | undefined;

  constructor(schemaMessage: StoredMessage, share: Share | undefined) {
    this.#schemaMessage = schemaMessage;
    this.#share = share;
  }

  *split(message: ArrowMessage, maxBytes: number): Generator<FlightDataInit> {
    let pieces = 0;
    try {
      const batch = this.#read(message);
      for (const piece of batch ? splitBatch(batch, maxBytes) : []) {
        pieces++;
        yield piece;
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
    if (pieces === 0) yield { dataHeader: message.header, dataBody: message.body };
  }

  /** What a message consists of; undefined when it is no record batch. */
  #read(message: ArrowMessage): BatchMessage | undefined {
    const header = new MessageHeader(message.header);
    const table = header.kind === "batch" ? header.table : undefined;
    if (table === undefined) return undefined;
    this.#schema ??= keptSchema(this.#schemaMessage);
    this.#share?.hold(this.#schema.fieldCount);
    const batch = readBatch(table, this.#schema.fields, message.body, Infinity);
    return { message, header, batch };
  }
}

/** The schema of a table: as it was kept, or else read from its bytes. */
function keptSchema({ header, layout }: StoredMessage): VerifiedSchema {
  if (layout instanceof VerifiedSchema) return layout;
  const verified = new StreamVerifier().verify(header, NO_BODY);
  if (verified.kind === "schema") return verified;
  throw new Finding(`it is a ${verified.kind} where a schema has to be`);
}
