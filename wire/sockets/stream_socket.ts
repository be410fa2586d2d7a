/**
 * A socket over a stream of Node, be it one of `node:net` or of `node:tls`.
 *
 * @module
 */
import type net from "node:net";
import { joinBytes } from "../../base/join_bytes.ts";
import { ChunkReader } from "./chunk_reader.ts";
import type { PartJoiner } from "./join_parts.ts";
import type { PlainSocket, PlainStream } from "./plain_sockets.ts";
import type { SocketPeer } from "./socket.ts";
import { connectionClosed } from "./socket_errors.ts";

/** How a {@linkcode StreamSocket} uses its stream. */
export interface StreamSocketOptions {
  /** Who is at the other end. */
  readonly peer: SocketPeer;
  /** Joins the small parts of a write. */
  readonly joiner: PartJoiner;
  /** Says whether more is to be read. */
  readonly setFlowing: (isFlowing: boolean) => void;
  /**
   * Whether to read before the first `read`: a stream of `node:tls` takes what comes in
   * any case.
   */
  readonly readsAhead: boolean;
  /** Closes the connection at once. */
  readonly close: () => void;
  /** The error to tell when the stream ends before it has given anything. */
  readonly endedAtOnce?: () => Error;
  /** The error to tell when the connection is lost with this one. */
  readonly explain: (error: unknown) => Error;
}

/** A stream as a socket. */
export class StreamSocket implements PlainSocket {
  /** Who is at the other end. */
  readonly peer: SocketPeer;
  readonly #stream: net.Socket;
  readonly #options: StreamSocketOptions;
  readonly #reader: ChunkReader;
  #isReading = false;
  #hasCome = false;
  #error: Error | undefined;
  #rejectWrite: ((error: Error) => void) | undefined;

  /** A socket that has this stream, which is connected, for its own. */
  constructor(stream: net.Socket, options: StreamSocketOptions) {
    this.peer = options.peer;
    this.#stream = stream;
    this.#options = options;
    this.#reader = new ChunkReader(options.setFlowing);
    stream.on("end", this.#onEnd).on("error", this.#onError).on("close", this.#onClose);
    if (options.readsAhead) this.#startReading();
  }

  /** Reads what is there, or what comes next. */
  read(target: Uint8Array): Promise<number | null> {
    this.#startReading();
    return this.#reader.read(target);
  }

  /** Writes the parts in order. */
  async write(parts: readonly Uint8Array[]): Promise<void> {
    for (const piece of this.#options.joiner.join(parts)) {
      await this.#until((done) => this.#stream.write(piece, done));
    }
  }

  /** Tells the peer that no more comes. */
  closeWrite(): Promise<void> {
    return this.#until((done) => this.#stream.end(done));
  }

  /** Closes at once. */
  close(): void {
    this.#fail(connectionClosed());
    this.#options.close();
  }

  /** Gives up the stream. */
  toStream(head: Uint8Array = new Uint8Array()): PlainStream {
    this.#stream.off("data", this.#onData).off("end", this.#onEnd)
      .off("error", this.#onError).off("close", this.#onClose);
    if (this.#isReading) {
      this.#stream.pause();
      this.#stream.unshift(joinBytes([head, ...this.#reader.takeChunks()]));
    }
    return {
      stream: this.#stream,
      setFlowing: (tls, isFlowing) => void (isFlowing ? tls.resume() : tls.pause()),
    };
  }

  #startReading(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#stream.on("data", this.#onData);
  }

  readonly #onData = (chunk: Uint8Array): void => {
    this.#hasCome = true;
    this.#reader.push(chunk);
  };

  readonly #onEnd = (): void => {
    const { endedAtOnce } = this.#options;
    if (this.#hasCome || endedAtOnce === undefined) this.#reader.end();
    else this.#fail(endedAtOnce());
  };

  readonly #onError = (error: Error): void => this.#fail(this.#options.explain(error));

  readonly #onClose = (): void => this.#fail(connectionClosed());

  /** Waits for what calls back, or until the connection is lost. */
  #until(start: (done: (error?: Error | null) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.#error !== undefined) throw this.#error;
      this.#rejectWrite = reject;
      start((error) => {
        this.#rejectWrite = undefined;
        if (error) reject(this.#error ?? this.#options.explain(error));
        else resolve();
      });
    });
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#reader.fail(this.#error);
    this.#rejectWrite?.(this.#error);
    this.#rejectWrite = undefined;
  }
}
