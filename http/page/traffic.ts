/**
 * What a server's calls come to, second by second.
 *
 * @module
 */
import { firstOf } from "../../base/abort.ts";
import { startTimer } from "../../base/timer.ts";
import type { CallHost } from "../../flight/server/running_call.ts";
import type { Traffic } from "./told.ts";

/** How often the sums are told, in milliseconds. */
const INTERVAL_MS = 1000;
/** How long one answer goes on, in milliseconds: the client asks again. */
const MAX_TIME_MS = 5 * 60 * 1000;

/** The sums as they are now. */
function trafficOf({ totals, running }: CallHost): Traffic {
  let { received, sent } = totals;
  for (const call of running) {
    received += call.received;
    sent += call.sent;
  }
  return {
    calls: totals.calls + running.size,
    running: running.size,
    changes: totals.changes,
    received,
    sent,
  };
}

/** The sums now and each second, as lines of JSON, until one of the signals. */
export async function* trafficLines(
  calls: CallHost,
  ...signals: AbortSignal[]
): AsyncGenerator<Uint8Array> {
  const signal = firstOf(...signals);
  const end = performance.now() + MAX_TIME_MS;
  while (!signal.aborted && performance.now() < end) {
    yield new TextEncoder().encode(JSON.stringify(trafficOf(calls)) + "\n");
    await interval(signal);
  }
}

async function interval(signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  using _ = startTimer(INTERVAL_MS, resolve);
  const onAbort = () => resolve();
  signal.addEventListener("abort", onAbort, { once: true });
  await promise;
  signal.removeEventListener("abort", onAbort);
}
