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

/** The buffers of a message, as they lie in its body. */
function buffersIn(
  verified: VerifiedRecordBatch | VerifiedDictionary,
  body: Uint8Array,
): Uint8Array[] {
  const { buffers } = verified.kind === "dictionary" ? verified.batch : verified;
  return buffers.map(({ offset, length }) => body.subarray(offset, offset + length));
}

/** The buffers of a message, decompressed. */
export async function buffersOf(
  verified: VerifiedRecordBatch | VerifiedDictionary,
  body: Uint8Array,
): Promise<Uint8Array[]> {
  const batch = verified.kind === "dictionary" ? verified.batch : verified;
  const { compression } = batch;
  return await Array.fromAsync(
    buffersIn(verified, body),
    async (bytes) =>
      compression ? await decompressBuffer(bytes, compression, "DATA_LOSS") : bytes,
  );
}

/** Verifies a stream with its values, and throws when it is refused. */
export async function checkStream(messages: readonly StreamMessage[]): Promise<void> {
  const verifier = new StreamVerifier();
  for (const { header, body } of messages) {
    const verified = verifier.verify(header, body);
    if (verified.kind === "schema") continue;
    checkValues(verifier, verified, await buffersOf(verified, body));
  }
}

/** The same for a stream that is not compressed. */
export function checkPlainStream(messages: readonly StreamMessage[]): void {
  const verifier = new StreamVerifier();
  for (const { header, body } of messages) {
    const verified = verifier.verify(header, body);
    if (verified.kind === "schema") continue;
    checkValues(verifier, verified, buffersIn(verified, body));
  }
}

/** Fails unless a check refuses its message for a reason that has this text. */
export function refuses(run: () => unknown, reason: string): void {
  const error = assertThrows(run, FlightError, reason);
  assert(error.message.startsWith("Cannot accept the message: "), error.message);
}
