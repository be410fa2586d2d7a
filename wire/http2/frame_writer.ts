/**
 * What goes out on a connection, and in which order.
 *
 * @module
 */
import { OutBuffer } from "./out_buffer.ts";
import { Rests } from "./rests.ts";
import type { Socket } from "../sockets/socket.ts";

/** A stream that has something to send. */
export interface Sender {
  /** How many bytes wait to be sent. */
  readonly queuedBytes: number;
  /**
   * Writes frames with up to so many bytes of data. Gives whether it could send more
   * at once; if not, it asks for its turn again when it can.
   */
  sendSome(most: number): boolean;
}

/** A stream with less than this goes before larger ones. */
const SMALL_BYTES = 64 * 1024;
/** How much of a stream is sent in one turn when others wait. */
const TURN_BYTES = 256 * 1024;
/** How many small messages one write takes at most: thousands take too long to make. */
const MAX_SMALL_MESSAGES = 256;
/** How much one write takes: as much as takes about this time, between these bounds. */
const WRITE_MS = 20;
const MIN_WRITE_BYTES = 64 * 1024;
const MAX_WRITE_BYTES = 4 * 1024 * 1024;

/**
 * Writes to a socket, one write at a time, what has gathered until then: first control
 * frames and headers, which are put into `out` at once, then the data of streams, in
 * turns, small answers first. Data is framed only when the socket has taken what was
 * framed before, so that nothing piles up for a peer that does not read (CVE-2019-9517).
 */
export class FrameWriter {
  readonly #socket: Socket;
  readonly #onFailure: (error: unknown) => void;
  readonly #rests: Rests;
  #next: OutBuffer = new OutBuffer();
  #current: OutBuffer = new OutBuffer();
  #small: Sender[] = [];
  #large: Sender[] = [];
  #isScheduled = false;
  #isWriting = false;
  #isClosed = false;
  #maxWriteBytes: number = MAX_WRITE_BYTES / 4;
  #idle: PromiseWithResolvers<void> | undefined;
  /** How many writes the socket has taken. */
  writes = 0;
  /** How many small messages are in `out`. */
  #smallCount = 0;

  /** A writer that reports why a write has failed, once. */
  constructor(
    socket: Socket,
    onFailure: (error: unknown) => void,
    rests: Rests = new Rests(),
  ) {
    this.#socket = socket;
    this.#onFailure = onFailure;
    this.#rests = rests;
  }

  /** What the next write takes. After something was put here, `wake` has to be called. */
  get out(): OutBuffer {
    return this.#next;
  }

  /** A small message was put into `out`. */
  smallSent(): void {
    this.#smallCount++;
    this.wake();
  }

  /** Whether a small message may be put into `out` at once, before streams that wait. */
  get hasRoom(): boolean {
    return this.#next.length < SMALL_BYTES && this.#smallCount < MAX_SMALL_MESSAGES;
  }

  /** Whether the socket has not taken the last write yet. */
  get isWriting(): boolean {
    return this.#isWriting;
  }

  /** Writes soon: what else happens in this turn of the event loop goes along. */
  wake(): void {
    if (this.#isScheduled || this.#isWriting || this.#isClosed) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#write();
    });
  }

  /** Gives a stream its turn; it is not called again before that has come. */
  enqueue(sender: Sender): void {
    (sender.queuedBytes < SMALL_BYTES ? this.#small : this.#large).push(sender);
    this.wake();
  }

  /** Resolves when everything was written that can be; also when that has failed. */
  flushed(): Promise<void> {
    if (this.#isClosed || !this.#isWriting && !this.#hasMore()) {
      return Promise.resolve();
    }
    this.#idle ??= Promise.withResolvers();
    this.wake();
    return this.#idle.promise;
  }

  /** Writes nothing any more. */
  close(): void {
    this.#isClosed = true;
    this.#small = [];
    this.#large = [];
    this.#idle?.resolve();
  }

  #hasMore(): boolean {
    return this.#next.length > 0 || this.#small.length > 0 || this.#large.length > 0;
  }

  /** Writes, and again as long as there is something. It never rejects. */
  async #write(): Promise<void> {
    this.#isWriting = true;
    try {
      while (!this.#isClosed && this.#hasMore()) {
        this.#fill();
        const out = this.#next;
        this.#next = this.#current;
        this.#current = out;
        this.#smallCount = 0;
        if (out.length === 0) continue;
        const started = performance.now();
        await this.#socket.write(out.parts());
        this.#adapt(out.length, performance.now() - started);
        out.clear();
        this.writes++;
        if (this.#hasMore() && this.#rests.isDue) await this.#rests.take();
      }
    } catch (error) {
      this.close();
      this.#onFailure(error);
    } finally {
      this.#isWriting = false;
      if (!this.#isClosed && this.#hasMore()) this.wake();
      else {
        this.#idle?.resolve();
        this.#idle = undefined;
      }
    }
  }

  /** Lets streams write their data behind the control frames. */
  #fill(): void {
    const out = this.#next;
    // Half of the room is for large ones, however many small ones there are.
    this.#takeTurns(this.#small, out.length + this.#maxWriteBytes / 2);
    this.#takeTurns(this.#large, out.length + this.#maxWriteBytes / 2);
  }

  #takeTurns(senders: Sender[], mostLength: number): void {
    const out = this.#next;
    while (senders.length > 0 && out.length < mostLength) {
      const isAlone = this.#small.length + this.#large.length === 1;
      const sender = senders.shift()!;
      const room = mostLength - out.length;
      if (sender.sendSome(isAlone ? room : Math.min(room, TURN_BYTES))) {
        this.#large.push(sender);
      }
    }
  }

  /** A slow link gets less at a time, so that what is small does not wait long. */
  #adapt(length: number, milliseconds: number): void {
    if (milliseconds > 2 * WRITE_MS) {
      this.#maxWriteBytes = Math.max(this.#maxWriteBytes / 2, MIN_WRITE_BYTES);
    } else if (milliseconds < WRITE_MS && length >= this.#maxWriteBytes / 2) {
      this.#maxWriteBytes = Math.min(this.#maxWriteBytes * 2, MAX_WRITE_BYTES);
    }
  }
}
