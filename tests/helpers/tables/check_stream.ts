/**
 * Runs both checks of a stream for the tests.
 *
 * @module
 */
import { assert, assertThrows } from "@std/assert";
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import { checkValues } from "../../../flight/arrow/verify/check_values.ts";
import {
  allRegions,
  type BatchColumn,
  bytesIn,
  withBytes,
} from "../../../flight/arrow/format/batch_columns.ts";
import { decompressBuffer } from "../../../flight/arrow/compression/compression.ts";
import { FlightError } from "../../../flight/errors.ts";
import {
  type BufferRegion,
  StreamVerifier,
  type VerifiedDictionary,
  type VerifiedRecordBatch,
} from "../../../flight/arrow/verify/stream_verifier.ts";

type WithColumns = VerifiedRecordBatch | VerifiedDictionary;

function batchOf(message: WithColumns): VerifiedRecordBatch {
  return message.kind === "dictionary" ? message.batch : message;
}

/** The columns of a message, decompressed. */
export async function columnsOf(
  message: WithColumns,
  body: Uint8Array,
): Promise<readonly BatchColumn[]> {
  const { columns, compression } = batchOf(message);
  const bytesOf = bytesIn(body);
  if (compression === undefined) return withBytes(columns, bytesOf);
  const decompressed = new Map<BufferRegion, Uint8Array>();
  for (const region of allRegions(columns)) {
    const bytes = await decompressBuffer(bytesOf(region), compression, "DATA_LOSS");
    decompressed.set(region, bytes);
  }
  return withBytes(columns, (region) => decompressed.get(region)!);
}

/** Verifies a stream with its values, and throws when it is refused. */
export async function checkStream(messages: readonly ArrowMessage[]): Promise<void> {
  const verifier = new StreamVerifier();
  for (const { header, body } of messages) {
    const verified = verifier.verify(header, body);
    if (verified.kind === "schema") continue;
    checkValues(verifier, verified, await columnsOf(verified, body));
  }
}

/** The same for a stream that is not compressed. */
export function checkPlainStream(messages: readonly ArrowMessage[]): void {
  const verifier = new StreamVerifier();
  for (const { header, body } of messages) {
    const verified = verifier.verify(header, body);
    if (verified.kind === "schema") continue;
    const { columns } = batchOf(verified);
    checkValues(verifier, verified, withBytes(columns, bytesIn(body)));
  }
}

/** Fails unless a check refuses its message for a reason that has this text. */
export function refuses(run: () => unknown, reason: string): void {
  const error = assertThrows(run, FlightError, reason);
  assert(error.message.startsWith("Cannot accept the message: "), error.message);
}
