/**
 * Errors and headers as grpc-js has them, and as this library has them.
 *
 * @module
 */
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { CallHeaders } from "./call_headers.ts";
import { codeFromNumber, codeToNumber, FlightError } from "./errors.ts";

/**
 * The most characters that an error's text may have on the wire, percent-encoded.
 * All headers of a response share 8 KiB, and C++ clients carry the text thrice.
 */
const MAX_ENCODED_TEXT = 2048;

/** The status that tells a peer of this error. */
export function statusOf(error: FlightError, trailers: CallHeaders): StatusObject {
  return {
    code: codeToNumber(error.code),
    details: capText(error.message),
    metadata: toMetadata(trailers),
  };
}

/** The error that a peer's status tells of. */
export function errorOf(status: { code: number; details: string }): FlightError {
  return new FlightError(codeFromNumber(status.code), status.details);
}

/** Headers as grpc-js sends them. */
export function toMetadata(headers: CallHeaders): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    metadata.add(name, typeof value === "string" ? value : Buffer.from(value));
  }
  return metadata;
}

/** Headers as grpc-js received them. */
export function fromMetadata(metadata: Metadata): CallHeaders {
  return CallHeaders.received(
    Object.keys(metadata.getMap()).flatMap((name) =>
      metadata.get(name).map((value): [string, string | Uint8Array] => [
        name,
        typeof value === "string" ? value : new Uint8Array(value),
      ])
    ),
  );
}

/** The text, cut where it would not fit into the headers of a response. */
function capText(text: string): string {
  // A lone surrogate cannot be percent-encoded, and would throw inside grpc-js.
  const whole = text.toWellFormed();
  if (encodeURI(whole).length <= MAX_ENCODED_TEXT) return whole;
  let length = 0;
  let kept = "";
  for (const character of whole) {
    length += encodeURI(character).length;
    if (length > MAX_ENCODED_TEXT - 9) break;
    kept += character;
  }
  return `${kept}…`;
}
