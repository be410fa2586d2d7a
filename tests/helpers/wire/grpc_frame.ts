/**
 * Messages as gRPC frames them.
 *
 * @module
 */

/** How many bytes come before a message. */
const PREFIX_BYTES = 5;

/** The message with its prefix: whether it is compressed, and its length. */
export function frame(message: Uint8Array, isCompressed = false): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES + message.length);
  bytes[0] = isCompressed ? 1 : 0;
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(message, PREFIX_BYTES);
  return bytes;
}
