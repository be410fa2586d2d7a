/**
 * Errors as the statuses of calls.
 *
 * @module
 */
import { CallHeaders } from "../../rpc/call_headers.ts";
import type { Status } from "../../rpc/transport.ts";
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

/** The name of the header in which the extra info is. */
const DETAILS = "grpc-status-details-bin";

/** The status that tells a peer of this error, or that all went well. */
export function statusOf(
  error: FlightError | undefined,
  trailers: CallHeaders,
): Status {
  if (error === undefined) return { code: "OK", message: "", trailers };
  const { code, message, extraInfo } = error;
  const status = { code, message: capText(message) };
  if (extraInfo === undefined || extraInfo.length > MAX_EXTRA_INFO) {
    return { ...status, trailers };
  }
  const withDetails = new CallHeaders(trailers);
  const arrowStatus = ARROW_STATUS[code];
  if (arrowStatus !== undefined) withDetails.set("x-arrow-status", `${arrowStatus}`);
  withDetails.receive([[DETAILS, extraInfo]]);
  return { ...status, trailers: withDetails };
}

/** The error that a peer's status tells of. */
export function errorOf({ code, message, trailers }: Status): FlightError {
  return new FlightError(code === "OK" ? "UNKNOWN" : code, message, {
    extraInfo: trailers.getBytes(DETAILS),
  });
}

/** The text, cut where it would not fit into the headers of a response. */
function capText(text: string): string {
  // A lone surrogate cannot be percent-encoded, and is not text.
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
