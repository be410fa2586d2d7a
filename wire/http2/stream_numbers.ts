/**
 * The numbers of the peer's streams (RFC 9113, 5.1.1), and which of them are closed.
 *
 * @module
 */
import { ErrorCode } from "./error_codes.ts";
import { ConnectionError } from "./frames.ts";

/** Streams that we have reset, of which frames may still be on their way. */
const MAX_RESET = 2000;
/** Ranges of numbers that were skipped; older ones are taken for closed streams. */
const MAX_SKIPPED = 100;

/** Knows what was opened, what was skipped, and what we have reset. */
export class StreamNumbers {
  /** The last stream that the peer has opened. */
  last = 0;
  #skipped: [first: number, last: number][] = [];
  readonly #reset: Set<number> = new Set();

  /** The peer opens a stream. */
  open(stream: number): void {
    if (stream > this.last + 2) {
      this.#skipped.push([this.last + 1, stream - 1]);
      if (this.#skipped.length > MAX_SKIPPED) this.#skipped.shift();
    }
    this.last = stream;
  }

  /** We have reset a stream. */
  addReset(stream: number): void {
    this.#reset.add(stream);
    if (this.#reset.size <= MAX_RESET) return;
    for (const oldest of this.#reset) {
      this.#reset.delete(oldest);
      return;
    }
  }

  /**
   * Whether we have reset a stream, so that frames which were on their way are ignored
   * (RFC 9113, 5.1, "closed").
   */
  wasReset(stream: number): boolean {
    return this.#reset.has(stream);
  }

  /** The error of HEADERS on a stream that is not open, and not above the last one. */
  headersError(stream: number): ConnectionError {
    const wasSkipped = this.#skipped.some(([first, last]) =>
      first <= stream && stream <= last
    );
    return wasSkipped
      ? new ConnectionError(ErrorCode.PROTOCOL_ERROR, `stream ${stream} comes too late`)
      : new ConnectionError(
        ErrorCode.STREAM_CLOSED,
        `HEADERS on stream ${stream}, which is closed`,
      );
  }
}
