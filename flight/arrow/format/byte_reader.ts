/**
 * Reads a stream of bytes in pieces of wanted lengths.
 *
 * @module
 */

/** How many bytes are read at once when fewer are wanted. */
export const READ_AHEAD = 64 * 1024;
/** A length is a stranger's word: no more than this is set aside before bytes come. */
const FIRST_ALLOCATION = 16 * 1024 * 1024;

type StreamReader = ReadableStreamBYOBReader | ReadableStreamDefaultReader<Uint8Array>;

/**
 * Reads a stream of bytes. Where the stream allows it, a large piece is written to
 * its place at once, and not copied.
 */
export class ByteReader implements AsyncDisposable {
  /** Undefined when all bytes were there from the start. */
  readonly #reader: StreamReader | undefined;
  /** What was read, and not asked for yet. */
  #ahead: Uint8Array = new Uint8Array(0);
  #scratch: ArrayBuffer | undefined;
  #received = 0;
  #isWaiting = false;
  #isCancelled = false;
  readonly #onReceived: (bytes: number) => void;

  /**
   * A reader of this stream, which it locks, or of bytes that are there already. It
   * tells how many bytes have come each time; what that throws, reading throws.
   */
  constructor(
    source: ReadableStream<Uint8Array> | Uint8Array,
    onReceived: (bytes: number) => void = () => {},
  ) {
    this.#onReceived = onReceived;
    if (source instanceof Uint8Array) this.#ahead = source;
    else this.#reader = readerOf(source);
  }

  /**
   * The next bytes, in memory of their own: as many as are wanted, or those that
   * are left when the stream ends before.
   */
  async read(length: number): Promise<Uint8Array> {
    let bytes = new Uint8Array(Math.min(length, FIRST_ALLOCATION));
    let filled = 0;
    while (filled < length) {
      if (filled === bytes.length) {
        const buffer = bytes.buffer.transfer(Math.min(length, 2 * bytes.length));
        bytes = new Uint8Array(buffer);
      }
      const missing = bytes.length - filled;
      if (this.#ahead.length === 0 && missing >= READ_AHEAD && isByob(this.#reader)) {
        const { value, done } = await this.#wait(
          this.#reader.read(bytes.subarray(filled)),
        );
        // It was cancelled, and the bytes are gone with the stream.
        if (value === undefined) return new Uint8Array(0);
        bytes = new Uint8Array(value.buffer);
        if (done) return bytes.subarray(0, filled);
        filled += value.length;
        continue;
      }
      if (this.#ahead.length === 0 && !await this.#readAhead()) {
        return bytes.subarray(0, filled);
      }
      const taken = this.#ahead.subarray(0, missing);
      bytes.set(taken, filled);
      filled += taken.length;
      this.#ahead = this.#ahead.subarray(taken.length);
    }
    return bytes;
  }

  /** The bytes that have come; undefined while nobody waits for more. */
  get progress(): number | undefined {
    return this.#isWaiting ? this.#received : undefined;
  }

  /** Whether no byte is left. */
  async isAtEnd(): Promise<boolean> {
    return this.#ahead.length === 0 && !await this.#readAhead();
  }

  /** Tells the stream's source that no more is wanted, and fails for whoever reads on. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    // A stream that has failed has told so to whoever read it.
    await this.#reader?.cancel().catch(() => {});
  }

  /** The same as {@linkcode ByteReader.cancel}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.cancel();
  }

  /** Reads some bytes ahead; false at the stream's end. */
  async #readAhead(): Promise<boolean> {
    if (this.#reader === undefined) return false;
    const { value, done } = await this.#wait(
      isByob(this.#reader)
        ? this.#reader.read(
          new Uint8Array(this.#scratch ??= new ArrayBuffer(READ_AHEAD)),
        )
        : this.#reader.read(),
    );
    if (done || value === undefined || value.length === 0) return false;
    if (isByob(this.#reader)) this.#scratch = value.buffer as ArrayBuffer;
    this.#ahead = value;
    return true;
  }

  async #wait<T extends { readonly value?: Uint8Array }>(
    reading: Promise<T>,
  ): Promise<T> {
    this.#isWaiting = true;
    try {
      const result = await reading;
      // What was cancelled looks like what has come to its end.
      if (this.#isCancelled) {
        throw new Error("Cannot read on: the reader was cancelled");
      }
      const bytes = result.value?.length ?? 0;
      this.#received += bytes;
      this.#onReceived(bytes);
      return result;
    } finally {
      this.#isWaiting = false;
    }
  }
}

function readerOf(stream: ReadableStream<Uint8Array>) {
  try {
    return stream.getReader({ mode: "byob" });
  } catch (error) {
    // A stream that is not one of bytes gives its chunks as they are.
    if (!(error instanceof TypeError) || stream.locked) throw error;
    return stream.getReader();
  }
}

function isByob(reader: StreamReader | undefined): reader is ReadableStreamBYOBReader {
  return reader instanceof ReadableStreamBYOBReader;
}
