/**
 * Verifies the messages of a table before they reach a store.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";
import { framedBytes, ipcStreamBytes } from "../flight/arrow/format/ipc_stream.ts";
import type { Share } from "../base/shared_limit.ts";
import {
  StreamVerifier,
  type VerifyOptions,
} from "../flight/arrow/verify/stream_verifier.ts";
import type { TableMessage } from "../stores/store.ts";
import { TABLE_LIMITS } from "./limits.ts";

/** What {@linkcode verifiedMessages} accepts. */
export interface VerifiedMessagesOptions extends VerifyOptions {
  /** The most bytes of a table, as an Arrow IPC stream. @default as many as it has */
  readonly maxTableBytes?: number;
}

/**
 * The messages of one table, each verified before it is passed on: a schema, then
 * dictionaries and batches. `fields` counts the fields of the schema.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when a message is not sound or there is
 * no schema; RESOURCE_EXHAUSTED, when the table is too large.
 */
export async function* verifiedMessages(
  messages: AsyncIterable<ArrowMessage>,
  { maxTableBytes = Infinity, ...options }: VerifiedMessagesOptions = {},
  fields?: Share,
): AsyncGenerator<TableMessage> {
  const verifier = new StreamVerifier(options);
  let rows = 0;
  let bytes = ipcStreamBytes([]);
  for await (const { header, body } of messages) {
    bytes += framedBytes({ header, body });
    if (bytes > maxTableBytes) {
      throw new FlightError(
        "RESOURCE_EXHAUSTED",
        TABLE_LIMITS.maxTableBytes.refusal(maxTableBytes),
      );
    }
    const verified = verifier.verify(header, body);
    if (verified.kind === "schema") fields?.hold(verified.fieldCount);
    const added = verified.kind === "batch" ? verified.rows : 0;
    rows += added;
    if (!Number.isSafeInteger(rows)) {
      throw new FlightError(
        "INVALID_ARGUMENT",
        `Cannot keep the table: it has more than ${Number.MAX_SAFE_INTEGER} rows`,
      );
    }
    const layout = verified.kind === "schema" ? verified : undefined;
    yield { header, body, rows: added, layout };
  }
  if (verifier.schema === undefined) {
    throw new FlightError(
      "INVALID_ARGUMENT",
      "Cannot keep the table: its stream ended before a schema came",
    );
  }
}
