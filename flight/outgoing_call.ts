/**
 * One call as a client sees it, from its headers to its status.
 *
 * @module
 */
import type { Metadata, StatusObject } from "@grpc/grpc-js";
import type { EventEmitter } from "node:events";
import { CallHeaders } from "../rpc/call_headers.ts";
import { CALL_OPTIONS, type CallOptions } from "./client/call_options.ts";
import type { ClientCall } from "./client/middleware.ts";
import { abortError, FlightError } from "./errors.ts";
import { errorOf, fromMetadata } from "./protocol/status.ts";
import { startTimer } from "../base/timer.ts";
import { checkOptions } from "../base/check_options.ts";

/** What takes longer than 30 years has no deadline; grpc-js would not take it. */
const FOREVER = 1e12;
/** A call that is made, or about to be made. */
export class OutgoingCall implements ClientCall {
  readonly method: string;
  readonly headers: CallHeaders;
  readonly responseHeaders: CallHeaders = new CallHeaders();
  readonly trailers: CallHeaders = new CallHeaders();
  readonly signal: AbortSignal | undefined;
  /** When the call is to have ended, in milliseconds since 1970. */
  readonly deadline: number;
  #listeners: ((headers: CallHeaders) => void)[] = [];
  /** Why the call ended before it was made. */
  #givenUp: FlightError | undefined;
  #stopWaiting: () => void = () => {};

  constructor(method: string, options: CallOptions) {
    checkOptions(CALL_OPTIONS, options);
    const { headers, signal, timeout = Infinity } = options;
    this.method = method;
    this.headers = new CallHeaders(headers);
    this.signal = signal;
    this.deadline = timeout > FOREVER ? Infinity : Date.now() + timeout;
  }

  /**
   * Makes the call by way of its middleware. The signal and the deadline end it also
   * while the middleware takes its time; once it is made, `follow` heeds them.
   */
  async make(chain: () => Promise<void>): Promise<void> {
    const early = Promise.withResolvers<void>();
    const giveUp = (error: FlightError) => {
      this.#givenUp = error;
      early.reject(error);
    };
    const onAbort = () => giveUp(abortError(this.signal!));
    if (this.signal?.aborted) throw abortError(this.signal);
    this.signal?.addEventListener("abort", onAbort, { once: true });
    const timer = startTimer(
      this.deadline - Date.now(),
      () => giveUp(new FlightError("DEADLINE_EXCEEDED", "The call took too long")),
    );
    this.#stopWaiting = () => {
      timer[Symbol.dispose]();
      this.signal?.removeEventListener("abort", onAbort);
    };
    try {
      await Promise.race([chain(), early.promise]);
    } finally {
      this.#stopWaiting();
    }
  }

  onReceived(listener: (headers: CallHeaders) => void): void {
    this.#listeners.push(listener);
  }

  /** Throws when the call must not be made any more. */
  checkWanted(): void {
    if (this.#givenUp !== undefined) throw this.#givenUp;
    if (this.signal?.aborted) throw abortError(this.signal);
  }

  /** Follows grpc-js's call to its status, and rejects when that tells of an error. */
  follow(grpcCall: EventEmitter & { cancel(): void }): Promise<void> {
    const { signal } = this;
    this.#stopWaiting();
    const onAbort = () => grpcCall.cancel();
    signal?.addEventListener("abort", onAbort, { once: true });
    // A stream's error says what its status says, which comes right after it.
    grpcCall.on("error", () => {});
    return new Promise((resolve, reject) => {
      const receive = (metadata: Metadata, headers: CallHeaders) => {
        try {
          this.#receive(fromMetadata(metadata), headers);
        } catch (error) {
          reject(error);
          grpcCall.cancel();
        }
      };
      grpcCall.on(
        "metadata",
        (metadata: Metadata) => receive(metadata, this.responseHeaders),
      );
      grpcCall.on("status", (status: StatusObject) => {
        signal?.removeEventListener("abort", onAbort);
        receive(status.metadata, this.trailers);
        if (status.code === 0) resolve();
        else reject(signal?.aborted ? abortError(signal) : errorOf(status));
      });
    });
  }

  #receive(received: CallHeaders, headers: CallHeaders): void {
    headers.receive(received);
    for (const listener of this.#listeners) listener(received);
  }
}
