/**
 * One call as a client sees it, from its headers to its status.
 *
 * @module
 */
import type { Metadata, StatusObject } from "@grpc/grpc-js";
import type { EventEmitter } from "node:events";
import { abortError } from "./abort.ts";
import { CallHeaders, type CallHeadersInit } from "./call_headers.ts";
import type { ClientCall } from "./client_middleware.ts";
import { errorOf, fromMetadata } from "./status.ts";

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

/** A call that is made, or about to be made. */
export class OutgoingCall implements ClientCall {
  readonly method: string;
  readonly headers: CallHeaders;
  readonly responseHeaders: CallHeaders = new CallHeaders();
  readonly trailers: CallHeaders = new CallHeaders();
  readonly signal: AbortSignal | undefined;
  #listeners: ((headers: CallHeaders) => void)[] = [];

  constructor(method: string, { headers, signal }: CallOptions) {
    this.method = method;
    this.headers = new CallHeaders(headers);
    this.signal = signal;
  }

  onReceived(listener: (headers: CallHeaders) => void): void {
    this.#listeners.push(listener);
  }

  /** Throws CANCELLED when the call's signal has been aborted. */
  checkNotAborted(): void {
    if (this.signal?.aborted) throw abortError(this.signal);
  }

  /** Follows grpc-js's call to its status, and rejects when that tells of an error. */
  follow(grpcCall: EventEmitter & { cancel(): void }): Promise<void> {
    const { signal } = this;
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
