/**
 * Deno's own connections as the sockets that node:http2 takes.
 *
 * @module
 */
import { Duplex } from "node:stream";

/** The bytes that are read at once at first; more when more come. */
const MIN_READ = 16 * 1024;
const MAX_READ = 512 * 1024;
/** How many bytes small writes are joined to. */
const JOINED_WRITE = 1024 * 1024;
/** The buffers in which writes are joined, when no socket uses them. */
const MAX_SPARE_BUFFERS = 4;
const spareBuffers: Uint8Array[] = [];

type Done = (error?: Error | null) => void;

/**
 * A connection of Deno as a socket. Deno's sockets for node:net make a new buffer for
 * each 64 KiB that they read, all of which is garbage at once; this one reads into
 * the same memory again and again, so that a put takes a quarter less of the
 * processor's time.
 */
export class DenoSocket extends Duplex {
  /** The address of the other side; undefined on a Unix socket. */
  readonly remoteAddress: string | undefined;
  /** The port of the other side; undefined on a Unix socket. */
  readonly remotePort: number | undefined;
  readonly #conn: Deno.Conn;
  #buffer: Uint8Array = new Uint8Array(MIN_READ);
  #isReading = false;

  /** A socket that has this connection for its own. */
  constructor(conn: Deno.Conn) {
    super({ allowHalfOpen: false });
    this.#conn = conn;
    const { remoteAddr } = conn;
    if (remoteAddr.transport === "tcp") {
      this.remoteAddress = remoteAddr.hostname;
      this.remotePort = remoteAddr.port;
      (conn as Deno.TcpConn).setNoDelay(true);
    }
  }

  override _read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#readOn();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: Done): void {
    this.#write(chunk).then(() => done(), done);
  }

  override _writev(chunks: { readonly chunk: Uint8Array }[], done: Done): void {
    this.#writeJoined(chunks).then(() => done(), done);
  }

  override _final(done: Done): void {
    this.#conn.closeWrite().then(
      () => done(),
      // The other side has closed already, and waits for no end.
      () => done(),
    );
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#conn.close();
    done(error);
  }

  /** Lets the process go on for as long as the connection is open. */
  ref(): this {
    if (!this.destroyed) (this.#conn as Deno.TcpConn).ref();
    return this;
  }

  /** Lets the process end although the connection is open. */
  unref(): this {
    if (!this.destroyed) (this.#conn as Deno.TcpConn).unref();
    return this;
  }

  /** Small writes go out at once anyway: {@linkcode gatherWrites} joins them. */
  setNoDelay(): this {
    return this;
  }

  /** HTTP/2 asks for no keep-alive of the socket, and has its own pings. */
  setKeepAlive(): this {
    return this;
  }

  /** Times are kept by those who call. */
  setTimeout(): this {
    return this;
  }

  /** Reads until the reader has enough, or the other side ends. */
  async #readOn(): Promise<void> {
    try {
      let isWanted = true;
      while (isWanted && !this.destroyed) {
        const length = await this.#conn.read(this.#buffer);
        if (this.destroyed) return;
        if (length === null) {
          this.push(null);
          return;
        }
        isWanted = this.push(this.#buffer.subarray(0, length));
        // What was not taken at once keeps this memory.
        const isTaken = this.readableLength === 0;
        const size = sizeAfter(length, this.#buffer.length);
        if (!isTaken || size !== this.#buffer.length) {
          this.#buffer = new Uint8Array(size);
        }
      }
      this.#isReading = false;
    } catch (error) {
      this.destroy(error as Error);
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    try {
      while (bytes.length > 0) bytes = bytes.subarray(await this.#conn.write(bytes));
    } catch (error) {
      // grpc-js takes a connection that is gone for UNAVAILABLE under this code only.
      if ((error as Error).name !== "BrokenPipe") throw error;
      throw Object.assign(error as Error, { code: "ECONNRESET" });
    }
  }

  async #writeJoined(chunks: readonly { readonly chunk: Uint8Array }[]): Promise<void> {
    const buffer = spareBuffers.pop() ?? new Uint8Array(JOINED_WRITE);
    try {
      let at = 0;
      for (const { chunk } of chunks) {
        if (at + chunk.length > buffer.length) {
          await this.#write(buffer.subarray(0, at));
          at = 0;
        }
        if (chunk.length > buffer.length) await this.#write(chunk);
        else {
          buffer.set(chunk, at);
          at += chunk.length;
        }
      }
      await this.#write(buffer.subarray(0, at));
    } finally {
      if (spareBuffers.length < MAX_SPARE_BUFFERS) spareBuffers.push(buffer);
    }
  }
}

/** How large a buffer should be after so many bytes came into one of this size. */
function sizeAfter(length: number, size: number): number {
  if (length === size) return Math.min(4 * size, MAX_READ);
  return length < size / 8 ? MIN_READ : size;
}
