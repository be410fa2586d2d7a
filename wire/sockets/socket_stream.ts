/**
 * A socket as a stream of Node, so that `node:tls` speaks TLS over it.
 *
 * Over a socket of the runtime itself `node:tls` in Deno 2.9.6 reads on while its stream
 * is paused: a fast client would fill the memory. Here the bytes are read when they are
 * wanted, and read into the same memory again and again, which takes less than half of
 * the processor's time.
 *
 * @module
 */
import { Duplex } from "node:stream";
import { freeMemory } from "./chunk_reader.ts";
import type { Socket } from "./socket.ts";

/** The bytes that are read at once at first, and when more come. */
const MIN_READ = 16 * 1024;
const MAX_READ = 128 * 1024;

type Done = (error?: Error | null) => void;

/** A socket as a stream. */
export class SocketStream extends Duplex {
  readonly #socket: Socket;
  #buffer: Uint8Array = new Uint8Array(MIN_READ);
  #reading: Promise<void> | undefined;
  #isFlowing = true;
  /** Whether the peer takes no more. */
  #isBroken = false;
  #writing: Promise<void> | undefined;
  #goOn: (() => void) | undefined;

  /** A stream that has this socket for its own, and begins with these bytes. */
  constructor(socket: Socket, head?: Uint8Array) {
    super({ allowHalfOpen: true });
    this.#socket = socket;
    if (head !== undefined) this.push(head);
  }

  /** Says whether to read. A read that has begun may still come. */
  setFlowing(isFlowing: boolean): void {
    this.#isFlowing = isFlowing || this.#isBroken;
    if (this.#isFlowing) this.#goOn?.();
  }

  override _read(): void {
    this.#reading ??= this.#readOn();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#write([chunk], done);
  }

  override _writev(items: { readonly chunk: Uint8Array }[], done: Done): void {
    this.#write(items.map(({ chunk }) => chunk), done);
  }

  override _final(done: Done): void {
    this.#socket.closeWrite().then(() => done(), done);
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#goOn?.();
    // What is being written may be the alert that tells the peer why.
    if (this.#writing === undefined) this.#socket.close();
    else this.#writing.finally(() => this.#socket.close());
    done(error);
  }

  #write(chunks: readonly Uint8Array[], done: Done): void {
    this.#writing = this.#socket.write(chunks).then(() => {
      this.#writing = undefined;
      for (const chunk of chunks) freeMemory(chunk);
      done();
    }, async (error) => {
      this.#writing = undefined;
      // The peer may have said why before it closed the connection.
      this.#isBroken = true;
      this.setFlowing(true);
      await this.#reading;
      done(error);
    });
  }

  /** Reads until the reader has enough, or the other side ends. */
  async #readOn(): Promise<void> {
    try {
      let isWanted = true;
      while (isWanted) {
        if (!this.#isFlowing) await this.#untilFlowing();
        if (this.destroyed) return;
        const length = await this.#socket.read(this.#buffer);
        if (this.destroyed) return;
        if (length === null) {
          this.push(null);
          return;
        }
        isWanted = this.push(this.#buffer.subarray(0, length));
        // What was not taken at once keeps this memory.
        const isKept = this.readableLength > 0;
        const isFull = length === this.#buffer.length && length < MAX_READ;
        if (isKept || isFull) {
          this.#buffer = new Uint8Array(isFull ? MAX_READ : this.#buffer.length);
        }
      }
      this.#reading = undefined;
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  #untilFlowing(): Promise<void> {
    return new Promise((resolve) => {
      this.#goOn = () => {
        this.#goOn = undefined;
        resolve();
      };
    });
  }
}
