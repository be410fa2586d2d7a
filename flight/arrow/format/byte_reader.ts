/**
 * Reads a stream of bytes in parts of wanted lengths.
 *
 * @module
 */

/** How many bytes are read at once when fewer are wanted. */
export const READ_AHEAD = 64 * 1024;
/** The most memory that is taken before bytes come: the length is what a peer claims. */
const MAX_FIRST_ALLOCATION = 16 * 1024 * 1024;

type StreamReader = ReadableStreamBYOBReader | ReadableStreamDefaultReader<Uint8Array>;

/**
 * Reads a stream of bytes. Where the stream can do so (BYOB), it writes a large part
 * straight to its place.
 */
export class ByteReader implements AsyncDisposable {
  /** Undefined when the source has all its bytes already. */
  readonly #reader: StreamReader | undefined;
  /** The bytes that were read from the stream and not yet asked for. */
  #ahead: Uint8Array = new Uint8Array(0);
  #scratch: ArrayBuffer | undefined;
  #received = 0;
  #isWaiting = false;
  #isCancelled = false;
  readonly #onReceived: (bytes: number) => void;

  /**
   * A reader of this stream, which it locks, or of these bytes. `onReceived` is called
   * with the number of bytes each time that some come; what it throws, reading throws.
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
   * The next bytes, in memory of their own: as many as are wanted, or fewer when the
   * stream ends before.
   */
  async read(length: number): Promise<Uint8Array> {
    let bytes = new Uint8Array(Math.min(length, MAX_FIRST_ALLOCATION));
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
        // The stream was cancelled, and has kept the memory.
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

  /** How many bytes have come; undefined while no read waits for more. */
  get progress(): number | undefined {
    return this.#isWaiting ? this.#received : undefined;
  }

  /** Whether the stream has ended, and all its bytes were read. */
  async isAtEnd(): Promise<boolean> {
    return this.#ahead.length === 0 && !await this.#readAhead();
  }

  /** Tells the stream's source that no more is wanted. Reads that wait, or come later, fail. */
  async cancel(): Promise<void> {
    this.#isCancelled = true;
    // The read under way has thrown the error of a stream that has failed.
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
      // A stream that was cancelled looks as if it had ended.
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
    // A stream that is not of the type "bytes" has its own chunks.
    if (!(error instanceof TypeError) || stream.locked) throw error;
    return stream.getReader();
  }
}

function isByob(reader: StreamReader | undefined): reader is ReadableStreamBYOBReader {
  return reader instanceof ReadableStreamBYOBReader;
}
