/**
 * The status with which a call ends (gRPC's status codes).
 *
 * @module
 */

/** The names of gRPC's status codes, each at its number. */
const CODES: readonly (StatusCode | "OK")[] = [
  "OK",
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** What went wrong, as one of gRPC's status codes by name. */
export type StatusCode =
  | "CANCELLED"
  | "UNKNOWN"
  | "INVALID_ARGUMENT"
  | "DEADLINE_EXCEEDED"
  | "NOT_FOUND"
  | "ALREADY_EXISTS"
  | "PERMISSION_DENIED"
  | "RESOURCE_EXHAUSTED"
  | "FAILED_PRECONDITION"
  | "ABORTED"
  | "OUT_OF_RANGE"
  | "UNIMPLEMENTED"
  | "INTERNAL"
  | "UNAVAILABLE"
  | "DATA_LOSS"
  | "UNAUTHENTICATED";

/** The number of a code in gRPC's `grpc-status`. */
export function codeToNumber(code: StatusCode | "OK"): number {
  return CODES.indexOf(code);
}

/** The code with this number in gRPC's `grpc-status`; UNKNOWN for any other number. */
export function codeFromNumber(number: number): StatusCode | "OK" {
  return CODES[number] ?? "UNKNOWN";
}

/** What a transport reports of a call that failed before its peer said why. */
export class StatusError extends Error {
  /** What went wrong, as one of gRPC's status codes by name. */
  readonly code: StatusCode;

  /** An error with this code, and a message that says what to do about it. */
  constructor(code: StatusCode, message: string, options: { cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "StatusError";
    this.code = code;
  }
}
