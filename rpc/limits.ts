/**
 * What a client is told that exceeds a limit, the same over every transport.
 *
 * @module
 */
import { StatusError } from "./status.ts";
import type { TransportLimits } from "./transport.ts";

/** The limits whose excess is answered. Connections over a limit are closed silently. */
export type AnsweredLimit = Exclude<
  keyof TransportLimits,
  "maxConnections" | "maxPeerConnections" | "maxConnectionCalls"
>;

/** What a client is told, given the limit's value. */
export const REFUSALS: { readonly [limit in AnsweredLimit]: (most: number) => string } =
  {
    maxMessageBytes: (most) =>
      `Cannot accept the message: it exceeds ${most} bytes (maxMessageBytes); send smaller batches`,
    maxRequestBytes: (most) =>
      `Cannot accept the request: it exceeds ${most} bytes (maxRequestBytes)`,
    maxArrivingBytes: (most) =>
      `Cannot accept the message: partial and unread messages exceed ${most} bytes (maxArrivingBytes); send smaller batches, or try again later`,
    maxCallHeaderBytes: (most) =>
      `Cannot accept the call: its headers exceed ${most} bytes (maxCallHeaderBytes)`,
    maxPeerCalls: (most) =>
      `Cannot accept the call: ${most} from this address are running, the most (maxPeerCalls); try again later`,
    maxIdleTime: (most) =>
      `Cannot wait any longer: the client sent nothing for ${most} ms (maxIdleTime)`,
    maxStallTime: (most) =>
      `Cannot send any more: the client read nothing for ${most} ms (maxStallTime)`,
  };

/** The error of a call that exceeds a limit of this value: RESOURCE_EXHAUSTED. */
export function limitExceeded(limit: AnsweredLimit, most: number): StatusError {
  return new StatusError("RESOURCE_EXHAUSTED", REFUSALS[limit](most));
}
