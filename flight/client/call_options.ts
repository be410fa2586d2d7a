/**
 * What every call of a client takes.
 *
 * @module
 */
import type { OptionKinds, OptionSet } from "../../base/check_options.ts";
import { MILLISECONDS, SIGNAL } from "../../base/value_kinds.ts";
import { type CallHeadersInit, HEADERS } from "../../rpc/call_headers.ts";

/** What every call takes. */
export interface CallOptions {
  /** Headers to send with the call. */
  headers?: CallHeadersInit;
  /** Cancels the call when it is aborted; the call then rejects with CANCELLED. */
  signal?: AbortSignal;
  /**
   * How long the call may take, in milliseconds; then it rejects with
   * DEADLINE_EXCEEDED. Without it the call takes as long as it takes.
   */
  timeout?: number;
}

/** The kinds of the options of a call. */
export const CALL_OPTION_KINDS: OptionKinds<CallOptions> = {
  headers: HEADERS,
  signal: SIGNAL,
  timeout: MILLISECONDS,
};

/** The options of a call. */
export const CALL_OPTIONS: OptionSet<CallOptions> = {
  of: "a call",
  example: "{ timeout: 5000 }",
  kinds: CALL_OPTION_KINDS,
};
