/**
 * The one error type for what crosses the wire.
 *
 * @module
 */
import { type StatusCode, StatusError } from "../rpc/status.ts";

/** What went wrong, as one of gRPC's status codes by name. */
export type FlightErrorCode = StatusCode;

/** What a {@linkcode FlightError} may say beside its code and message. */
export interface FlightErrorOptions {
  /** What caused it. It stays in this process. */
  cause?: unknown;
  /**
   * Bytes for the other side, whose meaning the application defines; Arrow's other
   * libraries call them extra info. More than 4 KiB are not sent. A client in Python
   * gets them with the codes for which it has a Flight error of its own: CANCELLED,
   * UNKNOWN, DEADLINE_EXCEEDED, PERMISSION_DENIED, ABORTED, INTERNAL, UNAVAILABLE,
   * DATA_LOSS and UNAUTHENTICATED.
   */
  extraInfo?: Uint8Array;
}

/**
 * An error that came from the other side, or that is meant for it. A server's
 * method throws it to answer with a status; a client's method rejects with it.
 *
 * @example A service that refuses
 * ```ts
 * import { FlightError, FlightServer } from "@tinyflight/flight/flight";
 *
 * class Closed extends FlightServer {
 *   override getFlightInfo(): never {
 *     throw new FlightError("UNAVAILABLE", "Cannot look up a flight: we are closed");
 *   }
 * }
 * new Closed();
 * ```
 */
export class FlightError extends Error {
  /** What went wrong, as one of gRPC's status codes by name. */
  readonly code: FlightErrorCode;
  /** Bytes whose meaning the application defines; undefined when there are none. */
  readonly extraInfo: Uint8Array | undefined;

  /** An error with this code, and a message that says what to do about it. */
  constructor(
    code: FlightErrorCode,
    message: string,
    options: FlightErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "FlightError";
    this.code = code;
    this.extraInfo = options.extraInfo;
  }

  /**
   * The FlightError for anything that was thrown. One that is a FlightError
   * already stays as it is; an aborted operation is CANCELLED, one that ran out
   * of time DEADLINE_EXCEEDED. All else is INTERNAL, with a message that tells a
   * stranger nothing: what was thrown is its `cause`.
   */
  static from(thrown: unknown): FlightError {
    if (thrown instanceof FlightError) return thrown;
    if (thrown instanceof StatusError) {
      return new FlightError(thrown.code, thrown.message, { cause: thrown.cause });
    }
    const name = thrown instanceof Error ? thrown.name : "";
    if (name === "AbortError") {
      return new FlightError("CANCELLED", "The call was cancelled", { cause: thrown });
    }
    if (name === "TimeoutError") {
      return new FlightError("DEADLINE_EXCEEDED", "The call took too long", {
        cause: thrown,
      });
    }
    return new UnexpectedError(thrown);
  }
}

/** A FlightError for what nobody foresaw, which is its cause. */
export class UnexpectedError extends FlightError {
  /** An error that tells a stranger nothing of its cause. */
  constructor(cause: unknown) {
    const message = "Cannot answer the call: the server met an unexpected error";
    super("INTERNAL", message, { cause });
  }
}

/** The error of a call whose signal was aborted. */
export function abortError({ reason }: AbortSignal): FlightError {
  return reason instanceof FlightError
    ? reason
    : new FlightError("CANCELLED", "The call was cancelled", { cause: reason });
}
