/**
 * Bytes as texts.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** How bytes are written in texts. */
export type BinaryText = "hex" | "base64";

/** The bytes as digits of base 16, in small letters. */
export function encodeHex(bytes: Uint8Array): string {
  return bufferOf(bytes).toString("hex");
}

/** The bytes in base64 (RFC 4648), with padding. */
export function encodeBase64(bytes: Uint8Array): string {
  return bufferOf(bytes).toString("base64");
}

/** The bytes in a text; undefined when it is not as these are written. */
export function decodeBinary(text: string, form: BinaryText): Uint8Array | undefined {
  const bytes = Buffer.from(text, form);
  const isSame = bytes.toString(form) === (form === "hex" ? text.toLowerCase() : text);
  return isSame ? new Uint8Array(bytes) : undefined;
}

function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
