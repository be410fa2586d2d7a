/**
 * Errors and headers as grpc-js has them, and as this library has them.
 *
 * @module
 */
import { Metadata, type StatusObject } from "@grpc/grpc-js";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { codeFromNumber, codeToNumber } from "../../rpc/status.ts";
import { FlightError, type FlightErrorCode } from "../errors.ts";

/**
 * The most characters that an error's text may have on the wire, percent-encoded.
 * All headers of a response share 8 KiB.
 */
const MAX_ENCODED_TEXT = 2048;
/** The most bytes of extra info that fit beside it, in base64. */
const MAX_EXTRA_INFO = 4096;

/**
 * The codes with which C++ and Python get the extra info: they look at it only
 * beside Arrow's own status code, and have one error class of their own for each of
 * these codes. With another code they would take the error for an INTERNAL one.
 */
const ARROW_STATUS: { readonly [code in FlightErrorCode]?: number } = {
  CANCELLED: 5,
  UNKNOWN: 9,
  DEADLINE_EXCEEDED: 5,
  PERMISSION_DENIED: 5,
  ABORTED: 5,
  INTERNAL: 5,
  UNAVAILABLE: 5,
  DATA_LOSS: 5,
  UNAUTHENTICATED: 5,
};

/** The status that tells a peer of this error. */
export function statusOf(error: FlightError, trailers: CallHeaders): StatusObject {
  const { code, extraInfo } = error;
  const details = capText(error.message);
  const metadata = toMetadata(trailers);
  if (extraInfo !== undefined && extraInfo.length <= MAX_EXTRA_INFO) {
    const arrowStatus = ARROW_STATUS[code];
    if (arrowStatus !== undefined) metadata.set("x-arrow-status", `${arrowStatus}`);
    metadata.set("grpc-status-details-bin", Buffer.from(extraInfo));
  }
  return { code: codeToNumber(code), details, metadata };
}

/** The error that a peer's status tells of. */
export function errorOf({ code, details, metadata }: StatusObject): FlightError {
  const [extraInfo] = metadata.get("grpc-status-details-bin");
  const name = codeFromNumber(code);
  return new FlightError(name === "OK" ? "UNKNOWN" : name, details, {
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
