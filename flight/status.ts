/**
 * Errors and headers as grpc-js has them, and as this library has them.
 *
 * @module
 */
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { CallHeaders } from "./call_headers.ts";
import {
  codeFromNumber,
  codeToNumber,
  FlightError,
  type FlightErrorCode,
} from "./errors.ts";

/**
 * The most characters that an error's text may have on the wire, percent-encoded.
 * All headers of a response share 8 KiB, and C++ clients carry the text thrice.
 */
const MAX_ENCODED_TEXT = 2048;

/**
 * The number of Arrow's own status code that goes with each gRPC code, where it is
 * not IOError (5). With it, C++ and Python raise the error that the gRPC code
 * alone would give, and look at the extra info.
 */
const ARROW_STATUS: { readonly [code in FlightErrorCode]?: number } = {
  NOT_FOUND: 2,
  INVALID_ARGUMENT: 4,
  RESOURCE_EXHAUSTED: 4,
  FAILED_PRECONDITION: 4,
  OUT_OF_RANGE: 4,
  UNKNOWN: 9,
  UNIMPLEMENTED: 10,
  ALREADY_EXISTS: 45,
};
const ARROW_IO_ERROR = 5;

/** The status that tells a peer of this error. */
export function statusOf(error: FlightError, trailers: CallHeaders): StatusObject {
  const { code, extraInfo } = error;
  const details = capText(error.message);
  const metadata = toMetadata(trailers);
  if (extraInfo !== undefined) {
    metadata.set("x-arrow-status", String(ARROW_STATUS[code] ?? ARROW_IO_ERROR));
    metadata.set("x-arrow-status-message-bin", Buffer.from(details));
    metadata.set("grpc-status-details-bin", Buffer.from(extraInfo));
  }
  return { code: codeToNumber(code), details, metadata };
}

/** The error that a peer's status tells of. */
export function errorOf({ code, details, metadata }: StatusObject): FlightError {
  const [extraInfo] = metadata.get("grpc-status-details-bin");
  return new FlightError(codeFromNumber(code), details, {
    extraInfo: extraInfo instanceof Uint8Array ? new Uint8Array(extraInfo) : undefined,
  });
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
  const headers = new CallHeaders();
  for (const name of Object.keys(metadata.getMap())) {
    headers.receive(
      metadata.get(name).map((value): [string, string | Uint8Array] => [
        name,
        typeof value === "string" ? value : new Uint8Array(value),
      ]),
    );
  }
  return headers;
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
