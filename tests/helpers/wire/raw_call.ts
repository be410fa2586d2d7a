/**
 * Calls made by hand over HTTP/2, which can be wrong in ways that gRPC's libraries
 * do not allow.
 *
 * @module
 */
import { HpackEncoder } from "../../../wire/hpack/hpack_encoder.ts";
import { defaultSockets } from "../../../wire/sockets/sockets.ts";
import { FLAGS, FRAMES } from "./http2_bytes.ts";
import {
  dataFrames,
  headersFrames,
  RawPeer,
  resetFrame,
  WIDE_OPEN,
} from "./raw_peer.ts";
import { listen, type StreamUser } from "./raw_streams.ts";

/** Headers by their names; of those that are repeated the last one. */
export type RawHeaders = Readonly<Record<string, string>>;

/** The request to send, and how it ends. */
export interface RawRequest {
  readonly headers: RawHeaders;
  /** The body, in the pieces in which it is written. */
  readonly pieces: readonly Uint8Array[];
  /** With a half-close, with a reset, or not at all until patience is at its end. */
  readonly end: "close" | "reset" | "leave";
  /** How long to wait for the answer's end, in milliseconds; then comes a reset. */
  readonly patience: number;
  /** When it has to be reset before that. @default never */
  readonly until?: Promise<unknown>;
}

/** The answer, as far as it came. */
export interface RawAnswer {
  readonly headers: RawHeaders;
  readonly trailers: RawHeaders;
  /** How many bytes the answer's body has. */
  readonly bytes: number;
}

/** A connection by which to call a server; it is made anew when it breaks. */
export class RawConnection {
  readonly #host: string;
  #open: Promise<OpenConnection> | undefined;

  /** A connection to the server at this location. */
  constructor(location: string) {
    this.#host = location.replace(/^.*:\/\//, "");
  }

  /** Makes a call, and waits until its stream is closed. */
  async call(
    { headers, pieces, end, patience, until }: RawRequest,
  ): Promise<RawAnswer> {
    const stream = await this.open(headers);
    const timer = setTimeout(() => stream.reset(), patience);
    until?.then(() => stream.reset());
    for (const piece of pieces) await stream.write(piece);
    if (end === "close") await stream.end();
    if (end === "reset") await stream.reset();
    const answer = await stream.closed;
    clearTimeout(timer);
    return answer;
  }

  /** Begins a call. Pseudo-headers that are missing are filled in. */
  async open(headers: RawHeaders): Promise<RawStream> {
    const connection = await this.#connect();
    return await connection.open({
      ":method": "POST",
      ":scheme": "http",
      ":authority": this.#host,
      ...headers,
    });
  }

  /** Closes the connection. */
  async close(): Promise<void> {
    const connection = await this.#open;
    await connection?.close();
  }

  async #connect(): Promise<OpenConnection> {
    let connection = await this.#open;
    if (connection === undefined || connection.isOver) {
      this.#open = OpenConnection.make(this.#host);
      connection = await this.#open;
    }
    return connection;
  }
}

/** A call that has begun. */
export class RawStream implements StreamUser {
  /** The headers that came; none when the call has ended without any. */
  readonly headers: Promise<RawHeaders>;
  /** What came until the end of the call. */
  readonly closed: Promise<RawAnswer>;
  readonly #id: number;
  readonly #peer: RawPeer;
  readonly #head = Promise.withResolvers<RawHeaders>();
  readonly #end = Promise.withResolvers<RawAnswer>();
  #headers: RawHeaders | undefined;
  #trailers: RawHeaders = {};
  #bytes = 0;

  constructor(id: number, peer: RawPeer) {
    this.#id = id;
    this.#peer = peer;
    this.headers = this.#head.promise;
    this.closed = this.#end.promise;
  }

  /** Sends bytes. */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#peer.trySend(...dataFrames(this.#id, bytes));
  }

  /** Half-closes. */
  async end(): Promise<void> {
    const flags = FLAGS.END_STREAM;
    await this.#peer.trySend({ type: FRAMES.DATA, flags, stream: this.#id });
  }

  /** Resets the stream; with CANCEL, as clients do. */
  async reset(code?: number): Promise<void> {
    await this.#peer.trySend(resetFrame(this.#id, code));
    this.onEnd();
  }

  onHeaders(fields: RawHeaders): void {
    if (this.#headers === undefined) {
      this.#headers = fields;
      this.#head.resolve(fields);
    } else {
      this.#trailers = fields;
    }
  }

  onData(bytes: number): void {
    this.#bytes += bytes;
  }

  onEnd(): void {
    const headers = this.#headers ?? {};
    this.#head.resolve(headers);
    this.#end.resolve({ headers, trailers: this.#trailers, bytes: this.#bytes });
  }
}

class OpenConnection {
  isOver = false;
  readonly #peer: RawPeer;
  readonly #encoder = new HpackEncoder();
  readonly #streams = new Map<number, RawStream>();
  readonly #listening: Promise<void>;
  #next = 1;

  private constructor(peer: RawPeer) {
    this.#peer = peer;
    this.#listening = listen(peer, (id) => this.#streams.get(id)).finally(() => {
      this.isOver = true;
      for (const stream of this.#streams.values()) stream.onEnd();
      peer.socket.close();
    });
  }

  static async make(host: string): Promise<OpenConnection> {
    const { hostname, port } = new URL(`http://${host}`);
    const address = { hostname, port: Number(port) };
    const { signal } = new AbortController();
    const socket = await defaultSockets().connect(address, { signal });
    const peer = new RawPeer(socket, { patience: Infinity });
    await peer.sayHello(...WIDE_OPEN);
    return new OpenConnection(peer);
  }

  async open(headers: RawHeaders): Promise<RawStream> {
    const id = this.#next;
    this.#next += 2;
    const stream = new RawStream(id, this.#peer);
    this.#streams.set(id, stream);
    const fields = Object.entries(headers).sort(([one], [other]) =>
      Number(other.startsWith(":")) - Number(one.startsWith(":"))
    );
    const frames = headersFrames(id, this.#encoder.encode(fields));
    await this.#peer.trySend(...frames);
    if (this.isOver) stream.onEnd();
    return stream;
  }

  async close(): Promise<void> {
    this.#peer.socket.close();
    await this.#listening;
  }
}
