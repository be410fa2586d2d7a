/**
 * How the AWS SDK makes its requests.
 *
 * @module
 */
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { firstOf } from "../../base/abort.ts";
import { startTimer } from "../../base/timer.ts";
import { isMisuse } from "./s3_errors.ts";

/** What the SDK asks of a handler. */
type Handler = Pick<
  NodeHttpHandler,
  "handle" | "destroy" | "updateHttpClientConfig" | "httpHandlerConfigs"
>;

/**
 * Makes requests by `fetch` where bodies come, which reads them faster, and by
 * `node:http` where bodies go, which takes less memory. One that breaks off, or is not
 * answered in so many milliseconds, is one that the SDK tries again.
 */
export function requestHandler(timeout: number): Handler {
  const reading = new FetchHttpHandler();
  const writing = new NodeHttpHandler();
  return {
    async handle(request, options = {}) {
      const late = new AbortController();
      const { abortSignal } = options;
      const signal = abortSignal instanceof AbortSignal ? abortSignal : undefined;
      using _ = startTimer(timeout, () => late.abort());
      const inner = request.method === "GET" ? reading : writing;
      try {
        const both = firstOf(signal, late.signal);
        return await inner.handle(request, { ...options, abortSignal: both });
      } catch (error) {
        if (signal?.aborted || isMisuse(error)) throw error;
        const reason = late.signal.aborted
          ? `not answered in ${timeout} ms`
          : "broken off";
        const failure = new Error(`A request was ${reason}`, { cause: error });
        throw Object.assign(failure, { $retryable: {} });
      }
    },
    destroy() {
      writing.destroy();
    },
    updateHttpClientConfig: (key, value) => writing.updateHttpClientConfig(key, value),
    httpHandlerConfigs: () => writing.httpHandlerConfigs(),
  };
}
