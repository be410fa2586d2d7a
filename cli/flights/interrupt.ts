/**
 * Ctrl+C in a command of the client: what is under way is cancelled, and cleaned up.
 *
 * @module
 */
import process from "node:process";
import { CommandError, EXIT } from "../options/command_error.ts";

const SIGNALS = ["SIGINT", "SIGTERM"];

/**
 * A signal that is aborted by the first SIGINT or SIGTERM, until it is disposed of. A
 * second one ends the process at once.
 */
export class Interrupt implements Disposable {
  readonly #controller = new AbortController();
  readonly #onSignal = () => {
    this[Symbol.dispose]();
    this.#controller.abort(new CommandError(EXIT.INTERRUPTED, "Interrupted"));
  };

  /** Waits for signals from now on. */
  constructor() {
    for (const name of SIGNALS) process.on(name, this.#onSignal);
  }

  /** What is aborted. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Waits no more. */
  [Symbol.dispose](): void {
    for (const name of SIGNALS) process.removeListener(name, this.#onSignal);
  }
}
