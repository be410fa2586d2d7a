/**
 * A server's calls while they run, whether over gRPC or over HTTP.
 *
 * @module
 */
import { compose } from "../../base/compose.ts";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type { PeerCertificate } from "../../rpc/transport.ts";
import { FlightError } from "../errors.ts";
import type { CallContext, ServerMiddleware } from "./call_context.ts";
import type { CallRecord } from "./call_record.ts";
import type { CallTotals } from "./call_totals.ts";
import { SERVER_LIMITS } from "./limits.ts";

/** What a call over gRPC and one over HTTP have in common. */
export abstract class RunningCall implements CallContext {
  readonly method: string;
  readonly peer: string;
  readonly certificate: PeerCertificate | undefined;
  abstract readonly authority: string | undefined;
  abstract readonly headers: CallHeaders;
  abstract readonly deadline: Date | undefined;
  readonly responseHeaders: CallHeaders = new CallHeaders();
  readonly trailers: CallHeaders = new CallHeaders();
  subject: string | undefined = undefined;
  rows: number | undefined = undefined;
  identity: string | undefined = undefined;
  /** The bytes of messages that have come, and of those that were sent. */
  received: number = 0;
  sent: number = 0;
  readonly #abort = new AbortController();

  /** A call of this method from this address. */
  constructor(method: string, peer: string, certificate?: PeerCertificate) {
    this.method = method;
    this.peer = peer;
    this.certificate = certificate;
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Ends the call with this error, whatever its method is doing. */
  cancel(reason: FlightError): void {
    this.#abort.abort(reason);
  }
}

/** What a server has for all its calls. */
export interface CallHost {
  /** The calls that run now. */
  readonly running: Set<RunningCall>;
  /** Sums over the calls that have ended. */
  readonly totals: CallTotals;
  /** How many calls may run at the same time. */
  readonly maxConcurrentCalls: number;
  /** The functions that wrap every call, the outermost first. */
  readonly middleware: readonly ServerMiddleware[];
  /** Those of them that wrap also the calls that need no identity. */
  readonly publicMiddleware: readonly ServerMiddleware[];
  /** Told of each call that has ended, just before its client is. */
  onEnd(record: CallRecord): void;
}

/**
 * Answers a call through the middleware, and gives the error that the client gets,
 * after the host was told that the call has ended. One call too many is
 * RESOURCE_EXHAUSTED, and meets no middleware.
 */
export async function runCall(
  call: RunningCall,
  host: CallHost,
  answer: () => Promise<void>,
): Promise<FlightError | undefined> {
  const started = performance.now();
  const time = new Date();
  const isTooMany = host.running.size >= host.maxConcurrentCalls;
  if (!isTooMany) host.running.add(call);
  const next = compose<CallContext>(host.middleware, call, async () => {
    try {
      await answer();
    } catch (error) {
      throw errorFor(call, error);
    }
  });
  let error: FlightError | undefined;
  try {
    if (isTooMany) throw tooManyCalls(host.maxConcurrentCalls);
    await next();
  } catch (thrown) {
    error = errorFor(call, thrown);
  }
  const { method, subject, identity, peer, rows, received, sent } = call;
  const duration = performance.now() - started;
  const record = {
    time,
    method,
    subject,
    identity,
    peer,
    rows,
    received,
    sent,
    duration,
    error,
  };
  host.running.delete(call);
  host.totals.add(record);
  try {
    host.onEnd(record);
  } catch (thrown) {
    // A server's log that fails must not fail the client's call.
    reportError(thrown);
  }
  return error;
}

/** The error of calls that come, or still run, when the server ends. */
export function shuttingDown(): FlightError {
  return new FlightError("UNAVAILABLE", "The server is shutting down");
}

function tooManyCalls(most: number): FlightError {
  return new FlightError(
    "RESOURCE_EXHAUSTED",
    SERVER_LIMITS.maxConcurrentCalls.refusal(most),
  );
}

/** Why the call was cancelled, if it was; else the error for what was thrown. */
function errorFor({ signal }: CallContext, thrown: unknown): FlightError {
  return FlightError.from(signal.aborted ? signal.reason : thrown);
}
