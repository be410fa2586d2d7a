/**
 * The error codes of HTTP/2 (RFC 9113, 7), and what they mean to a call.
 *
 * @module
 */
import type { StatusCode } from "../../rpc/status.ts";

/** Why a stream is reset, or a connection ends, by the names of RFC 9113. */
export const ErrorCode = {
  /** Nothing went wrong. */
  NO_ERROR: 0x0,
  /** The peer broke a rule that has no code of its own. */
  PROTOCOL_ERROR: 0x1,
  /** Something went wrong that is not the peer's fault. */
  INTERNAL_ERROR: 0x2,
  /** The peer sent more than a window allows, or made a window too large. */
  FLOW_CONTROL_ERROR: 0x3,
  /** The peer has not acknowledged the settings in time. */
  SETTINGS_TIMEOUT: 0x4,
  /** A frame came for a stream that has ended. */
  STREAM_CLOSED: 0x5,
  /** A frame has a size that its kind does not allow. */
  FRAME_SIZE_ERROR: 0x6,
  /** The call was not begun, and may be made again. */
  REFUSED_STREAM: 0x7,
  /** The call is not wanted any more. */
  CANCEL: 0x8,
  /** A header block cannot be decoded. */
  COMPRESSION_ERROR: 0x9,
  /** The connection that was asked for by CONNECT was lost. */
  CONNECT_ERROR: 0xa,
  /** The peer makes too much work. */
  ENHANCE_YOUR_CALM: 0xb,
  /** The encryption is too weak. */
  INADEQUATE_SECURITY: 0xc,
  /** The peer wants HTTP/1.1. */
  HTTP_1_1_REQUIRED: 0xd,
} as const;

/** A number of {@linkcode ErrorCode}. */
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

const NAMES: ReadonlyMap<number, string> = new Map(
  Object.entries(ErrorCode).map(([name, code]) => [code, name]),
);

/**
 * The status of a call whose stream the server has reset ("Errors" in gRPC's protocol
 * over HTTP/2). What is not in that table says nothing certain.
 */
const STATUS_CODES: { readonly [code: number]: StatusCode | undefined } = {
  [ErrorCode.NO_ERROR]: "INTERNAL",
  [ErrorCode.PROTOCOL_ERROR]: "INTERNAL",
  [ErrorCode.INTERNAL_ERROR]: "INTERNAL",
  [ErrorCode.FLOW_CONTROL_ERROR]: "INTERNAL",
  [ErrorCode.SETTINGS_TIMEOUT]: "INTERNAL",
  [ErrorCode.FRAME_SIZE_ERROR]: "INTERNAL",
  [ErrorCode.REFUSED_STREAM]: "UNAVAILABLE",
  [ErrorCode.CANCEL]: "CANCELLED",
  [ErrorCode.COMPRESSION_ERROR]: "INTERNAL",
  [ErrorCode.CONNECT_ERROR]: "INTERNAL",
  [ErrorCode.ENHANCE_YOUR_CALM]: "RESOURCE_EXHAUSTED",
  [ErrorCode.INADEQUATE_SECURITY]: "PERMISSION_DENIED",
};

/** The name of a code for messages, such as `REFUSED_STREAM`, or `0x2a` for others. */
export function errorCodeName(code: number): string {
  return NAMES.get(code) ?? `0x${code.toString(16)}`;
}

/** The status of a call whose stream the server has reset with this code. */
export function statusOfReset(code: number): StatusCode {
  return STATUS_CODES[code] ?? "UNKNOWN";
}
