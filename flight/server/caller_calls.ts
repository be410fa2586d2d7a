/**
 * How many calls of one caller run at the same time.
 *
 * @module
 */
import { FlightError } from "../errors.ts";
import type { CallContext, ServerMiddleware } from "./call_context.ts";
import { SERVER_LIMITS } from "./limits.ts";

/** What limits count a caller by: the identity, or else the IP address. */
export function callerKey(
  { identity, peer }: Pick<CallContext, "identity" | "peer">,
): string {
  return identity === undefined
    ? `address ${peer.replace(/:\d+$/, "")}`
    : `identity ${identity}`;
}

/** Refuses a call when so many of its caller run already. */
export function limitCallerCalls(most: number): ServerMiddleware {
  const running = new Map<string, number>();
  return async (call, next) => {
    const key = callerKey(call);
    const before = running.get(key) ?? 0;
    if (before >= most) {
      throw new FlightError(
        "RESOURCE_EXHAUSTED",
        SERVER_LIMITS.maxCallerCalls.refusal(most),
      );
    }
    running.set(key, before + 1);
    try {
      await next();
    } finally {
      const left = running.get(key)! - 1;
      if (left === 0) running.delete(key);
      else running.set(key, left);
    }
  };
}
