/**
 * Calls whose client says nothing.
 *
 * @module
 */
import { FlightError } from "./errors.ts";
import type { RunningCall } from "./running_call.ts";
import { LONGEST_TIMER } from "./timeouts.ts";

/** How often in the time that is allowed is looked whether there was progress. */
const LOOKS = 4;

/**
 * Ends the call with RESOURCE_EXHAUSTED when `progress` gives the same for so many
 * milliseconds, until it is disposed of. While it gives undefined, the client is
 * not waited for.
 */
export function watchIdle(
  progress: () => string | number | undefined,
  maxIdleTime: number,
  call: RunningCall,
): Disposable {
  let before = progress();
  let looks = 0;
  const look = () => {
    const now = progress();
    looks = now === undefined || now !== before ? 0 : looks + 1;
    before = now;
    if (looks < LOOKS) return;
    call.cancel(
      new FlightError(
        "RESOURCE_EXHAUSTED",
        `Cannot wait any longer: the client has sent nothing for ${maxIdleTime} ms (maxIdleTime)`,
      ),
    );
  };
  const timer = maxIdleTime > LONGEST_TIMER
    ? undefined
    : setInterval(look, maxIdleTime / LOOKS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
