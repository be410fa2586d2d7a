/**
 * Pings for connections that are silent.
 *
 * @module
 */
import { startInterval } from "../../base/timer.ts";
import { Progress, SAMPLES } from "./progress.ts";

/** A connection as its keepalive sees it. */
export interface Pingable {
  /** Grows with all that comes. */
  readonly received: number;
  /** Sends a ping, and calls back when it is answered. */
  ping(answered: () => void): void;
}

/** How {@linkcode KeepAlive} finds a connection that is lost. */
export interface KeepAliveOptions {
  /** How long the peer may take to answer a ping, in milliseconds. */
  readonly timeout: number;
  /** The peer has not answered. */
  readonly lost: () => void;
}

/** Finds peers whose machine vanished without closing: they do not answer pings. */
export class KeepAlive {
  readonly #connection: Pingable;
  readonly #options: KeepAliveOptions;
  readonly #progress = new Progress();
  #timer: Disposable | undefined;

  /** A keepalive of this connection, which somebody else's timer samples. */
  constructor(connection: Pingable, options: KeepAliveOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  /** Samples whether the peer is silent, and pings it if it is. */
  sample(): void {
    if (this.#timer !== undefined) return;
    if (!this.#progress.isStuck(this.#connection.received)) return;
    let left = SAMPLES;
    this.#timer = startInterval(this.#options.timeout / SAMPLES, () => {
      // The answer may have come while this process stood still: it is read before.
      if (--left > 0) return;
      this.stop();
      this.#options.lost();
    });
    this.#connection.ping(() => this.stop());
  }

  /** Waits for no answer any more. */
  stop(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
