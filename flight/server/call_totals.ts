/**
 * What all calls of a server have come to so far.
 *
 * @module
 */
import type { CallRecord } from "./call_record.ts";

/** The methods that may change what a server has. */
const CHANGING = new Set(["DoPut", "DoExchange", "DoAction"]);

/** Sums over the calls of a server that have ended. */
export class CallTotals {
  /** How many have ended. */
  calls: number = 0;
  /** How many of them may have changed what the server has. */
  changes: number = 0;
  /** The bytes of messages and bodies that came with them. */
  received: number = 0;
  /** The bytes of messages and bodies that were sent for them. */
  sent: number = 0;

  /** Adds a call that has ended. */
  add({ method, received, sent }: CallRecord): void {
    this.calls++;
    if (CHANGING.has(method)) this.changes++;
    this.received += received;
    this.sent += sent;
  }
}
