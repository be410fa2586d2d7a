/**
 * Middleware of a client.
 *
 * @module
 */
import type { CallHeaders } from "../../rpc/call_headers.ts";

/** A call that a client makes, as its middleware sees it. */
export interface ClientCall {
  /** The method's name, such as `DoGet`. */
  readonly method: string;
  /** Aborted when the caller wants no answer any more; undefined without a signal. */
  readonly signal: AbortSignal | undefined;
  /** The headers to send, which may be changed before `next`. */
  readonly headers: CallHeaders;
  /**
   * The headers that came back; empty until they have. Of a name that came
   * several times, each value stands alone; over grpc-js texts are joined with ", ".
   */
  readonly responseHeaders: CallHeaders;
  /** The trailers that came back, in the same form; empty until the call's end. */
  readonly trailers: CallHeaders;
  /**
   * Called with the headers when they come back, before any message, and once more
   * with the trailers, at the end. Servers differ in where they put what they say.
   * What it throws fails the call.
   */
  onReceived(listener: (headers: CallHeaders) => void): void;
}

/**
 * Middleware: a function that wraps every call of a client. `next` makes the call, and
 * resolves when it has ended well, or rejects with the FlightError that it ended with.
 * To reject a call, throw before `next`. It may take its time before `next`, say to
 * fetch a token.
 *
 * @example A client that adds a header, and says how its calls end
 * ```ts
 * import { type ClientMiddleware, FlightClient } from "@tinyflight/flight/flight";
 *
 * const trace: ClientMiddleware = async (call, next) => {
 *   call.headers.set("x-trace", crypto.randomUUID());
 *   await next();
 *   console.log(`${call.method} went well`);
 * };
 * await using client = new FlightClient("grpc://localhost", { middleware: [trace] });
 * ```
 */
export type ClientMiddleware = (
  call: ClientCall,
  next: () => Promise<void>,
) => Promise<void>;
