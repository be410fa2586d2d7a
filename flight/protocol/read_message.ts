/**
 * Messages that a peer sent, which need not be what they should.
 *
 * @module
 */
import { FlightError, type FlightErrorCode } from "../errors.ts";

/** What reads messages from bytes: a codec of proto/service.ts, or a message's type. */
type Reader<T> =
  | { decode(bytes: Uint8Array): T }
  | { deserialize(bytes: Uint8Array): T };

/**
 * The message in these bytes.
 *
 * @throws {FlightError} with this code, when they are not such a message.
 */
export function readMessage<T>(
  reader: Reader<T>,
  bytes: Uint8Array,
  code: FlightErrorCode = "INTERNAL",
): T {
  try {
    return "decode" in reader ? reader.decode(bytes) : reader.deserialize(bytes);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new FlightError(code, error.message, { cause: error });
  }
}
