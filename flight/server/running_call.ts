/**
 * A server's calls while they run, by whichever way they have come.
 *
 * @module
 */
import type { CallContext, ServerMiddleware } from "./call_context.ts";
import type { CallRecord } from "./call_record.ts";
import { compose } from "../../base/compose.ts";
import { FlightError } from "../errors.ts";
import type { Share } from "../../base/shared_limit.ts";

/** A call that runs. */
export interface RunningCall extends CallContext {
  /** Ends the call with this error, whatever its method is doing. */
  cancel(reason: FlightError): void;
}

/** What a server has for all its calls. */
export interface CallHost {
  /** The calls that run now. */
  readonly running: Set<RunningCall>;
  /** How many calls may run at the same time. */
  readonly maxCalls: number;
  /**
   * Calls `end` when `progress` gives the same for too long, unless what this gives is
   * disposed of before. While it gives undefined, the client is not waited for.
   */
  watchIdle(
    progress: () => string | number | undefined,
    end: (reason: FlightError) => void,
  ): Disposable;
  /** Counts what has come of a call's messages that are not whole yet. */
  countArriving(): Share;
  /** What stands around every call, the outermost first. */
  readonly middleware: readonly ServerMiddleware[];
  /** Told of each call that has ended, just before its client is. */
  onEnd(record: CallRecord): void;
}

/**
 * Answers a call by way of the middleware, and gives the error that the client
 * gets, after the host was told that the call has ended. One call too many is
 * RESOURCE_EXHAUSTED, and meets no middleware.
 */
export async function runCall(
  call: RunningCall,
  host: CallHost,
  answer: () => Promise<void>,
): Promise<FlightError | undefined> {
  const started = performance.now();
  const isTooMany = host.running.size >= host.maxCalls;
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
    if (isTooMany) throw tooMany(host.maxCalls);
    await next();
  } catch (thrown) {
    error = errorFor(call, thrown);
  }
  const { method, subject, identity, peer } = call;
  const duration = performance.now() - started;
  host.running.delete(call);
  try {
    host.onEnd({ method, subject, identity, peer, duration, error });
  } catch (thrown) {
    // The client's call has nothing to do with what the server's log suffers.
    reportError(thrown);
  }
  return error;
}

/** The error of calls that come, or still run, when the server ends. */
export function shuttingDown(): FlightError {
  return new FlightError("UNAVAILABLE", "The server is shutting down");
}

function tooMany(most: number): FlightError {
  return new FlightError(
    "RESOURCE_EXHAUSTED",
    `Cannot take the call: ${most} run already, and no more may (maxConcurrentCalls); try again later`,
  );
}

/** Why the call was cancelled, if it was; else the error for what was thrown. */
function errorFor({ signal }: CallContext, thrown: unknown): FlightError {
  return FlightError.from(signal.aborted ? signal.reason : thrown);
}
