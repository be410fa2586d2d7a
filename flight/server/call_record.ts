/**
 * Calls that have ended, for a server's log.
 *
 * @module
 */
import { oneLine } from "../../base/one_line.ts";
import type { FlightError } from "../errors.ts";

/** A call that has ended, for a log. */
export interface CallRecord {
  /** When it began. */
  readonly time: Date;
  /** The method's name, such as `DoGet`. */
  readonly method: string;
  /** What the call was about, when the method said so. */
  readonly subject: string | undefined;
  /** Who the client was, when a middleware found out. */
  readonly identity: string | undefined;
  /** The client's address. */
  readonly peer: string;
  /** The rows that went in or out; undefined when the method did not say. */
  readonly rows: number | undefined;
  /** The bytes of the messages or the body that came. */
  readonly received: number;
  /** The bytes of the messages or the body that were sent. */
  readonly sent: number;
  /** How long it took, in milliseconds. */
  readonly duration: number;
  /**
   * Why it failed; undefined when it went well. The `cause` is what was thrown,
   * which the client was not told when it was unexpected.
   */
  readonly error: FlightError | undefined;
}

/**
 * A call in one line of a log, such as `do_put fijiquakes`, or with the error that
 * the client got: `do_get quake NOT_FOUND: Cannot find the table "quake"`.
 *
 * @example A server that logs its calls
 * ```ts
 * import { describeCall, TinyServer } from "@tinyflight/flight/server";
 *
 * new TinyServer({ onCall: (record) => console.log(describeCall(record)) });
 * ```
 */
export function describeCall({ method, subject, error }: CallRecord): string {
  const words = [method.replace(/(?<=.)[A-Z]/g, "_$&").toLowerCase()];
  if (subject !== undefined) words.push(oneLine(subject));
  if (error !== undefined) words.push(`${error.code}: ${oneLine(error.message)}`);
  return words.join(" ");
}
