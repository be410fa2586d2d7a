/**
 * Runs both checks of a stream for the tests.
 *
 * @module
 */
import { assert, assertThrows } from "@std/assert";
import { checkValues } from "../../flight/arrow/verify/check_values.ts";
import { decompressBuffer } from "../../flight/arrow/format/compression.ts";
import { FlightError } from "../../flight/errors.ts";
import {
  StreamVerifier,
  type VerifiedDictionary,
  type VerifiedRecordBatch,
} from "../../flight/arrow/verify/stream_verifier.ts";
import type { StreamMessage } from "./arrow_stream.ts";

/** The buffers of a message, decompressed. */
export function buffersOf(
  verified: VerifiedRecordBatch | VerifiedDictionary,
  body: Uint8Array,
): Uint8Array[] {
  const batch = verified.kind === "dictionary" ? verified.batch : verified;
  return batch.buffers.map(({ offset, length }) => {
    const bytes = body.subarray(offset, offset + length);
    const { compression } = batch;
    return compression ? decompressBuffer(bytes, compression, "DATA_LOSS") : bytes;
  });
}

/** Verifies a stream with its values, and throws when it is refused. */
export function checkStream(messages: readonly StreamMessage[]): void {
  const verifier = new StreamVerifier();
  for (const { header, body } of messages) {
    const verified = verifier.verify(header, body);
    if (verified.kind === "schema") continue;
    checkValues(verifier, verified, buffersOf(verified, body));
  }
}

/** Fails unless a check refuses its message for a reason that has this text. */
export function refuses(run: () => unknown, reason: string): void {
  const error = assertThrows(run, FlightError, reason);
  assert(error.message.startsWith("Cannot accept the message: "), error.message);
}
