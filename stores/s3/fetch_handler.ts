/**
 * How the AWS SDK makes its requests: by `fetch`, which reads bodies faster than its
 * default.
 *
 * @module
 */
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { firstOf } from "../../base/abort.ts";
import { startTimer } from "../../base/timer.ts";

/** What the SDK asks of a handler. */
type Handler = Pick<
  FetchHttpHandler,
  "handle" | "updateHttpClientConfig" | "httpHandlerConfigs"
>;

/**
 * Makes requests by `fetch`. One that breaks off, or is not answered in so many
 * milliseconds, is one that the SDK tries again.
 */
export function fetchHandler(timeout: number): Handler {
  const inner = new FetchHttpHandler();
  return {
    async handle(request, options = {}) {
      const late = new AbortController();
      const { abortSignal } = options;
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      using _ = startTimer(timeout, () => late.abort());
      try {
        const both = firstOf(signal, late.signal);
        return await inner.handle(request, { ...options, abortSignal: both });
      } catch (error) {
        if (signal?.aborted) throw error;
        const reason = late.signal.aborted
          ? `not answered in ${timeout} ms`
          : "broken off";
        const failure = new Error(`A request was ${reason}`, { cause: error });
        throw Object.assign(failure, { $retryable: {} });
      }
    },
    updateHttpClientConfig: (key, value) => inner.updateHttpClientConfig(key, value),
    httpHandlerConfigs: () => inner.httpHandlerConfigs(),
  };
}
