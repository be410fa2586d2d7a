/**
 * What a server's method knows of the call that it answers.
 *
 * @module
 */
import type { CallHeaders } from "../../rpc/call_headers.ts";
import type { PeerCertificate } from "../../rpc/transport.ts";

/** The call that a server's method answers. */
export interface CallContext {
  /** The method's name, such as `DoGet`. */
  readonly method: string;
  /** The client's address, such as `127.0.0.1:41234`. */
  readonly peer: string;
  /** The client's certificate, as TLS has verified it; undefined without one. */
  readonly certificate: PeerCertificate | undefined;
  /** The host and port by which the client reached the server, when it said so. */
  readonly authority: string | undefined;
  /** The headers that the client sent. */
  readonly headers: CallHeaders;
  /** When the client stops waiting; undefined when it waits on. */
  readonly deadline: Date | undefined;
  /** Aborted when the client cancels, disappears or waits no longer. */
  readonly signal: AbortSignal;
  /**
   * The headers to answer with. They are sent with the first message, or when the
   * method starts to wait for the client's next message, and are fixed from then on.
   */
  readonly responseHeaders: CallHeaders;
  /** The trailers to answer with, which are sent with the status at the end. */
  readonly trailers: CallHeaders;
  /** What the call is about (say, a table's name), for the server's log. */
  subject: string | undefined;
  /** How many rows went in or out, when the method knows, for the server's log. */
  rows: number | undefined;
  /** Who the client is, when a middleware has found out. */
  identity: string | undefined;
}

/**
 * Middleware: a function that wraps every call of a server. `next` answers the call, and
 * resolves when it has ended well, or rejects with the FlightError that the client gets.
 * To reject a call, throw a FlightError before `next`. Headers that are set before
 * `next` go out with the answer; trailers may be set until the end.
 *
 * @example A server that measures its calls
 * ```ts
 * import { FlightServer, type ServerMiddleware } from "@tinyflight/flight/flight";
 *
 * const measure: ServerMiddleware = async (call, next) => {
 *   const started = performance.now();
 *   await next();
 *   call.trailers.set("x-milliseconds", String(performance.now() - started));
 * };
 * new FlightServer({ middleware: [measure] });
 * ```
 */
export type ServerMiddleware = (
  call: CallContext,
  next: () => Promise<void>,
) => Promise<void>;
