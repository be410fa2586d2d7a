/**
 * Messages that gRPC itself has compressed ("Compressed-Flag" in gRPC's protocol over
 * HTTP/2), on the server's side. grpc-js would unpack each as it comes, many at a time,
 * and a megabyte may become a gigabyte: here each stays packed until it is its turn.
 *
 * @module
 */
import type { ServerInterceptingCall, ServerInterceptor } from "@grpc/grpc-js";
import type { ServerHttp2Stream } from "node:http2";
import { FlightError } from "./errors.ts";
import { joinBytes } from "../base/join_bytes.ts";

type Encoding = "gzip" | "deflate";

/**
 * The most that a packed message may become, whatever else is allowed, as it takes its
 * sender a thousandth of that: a batch, and a request that is not one of many.
 */
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const MAX_UNPACKED_REQUEST = 4 * 1024 * 1024;
/** The bytes that are unpacked in one go, so that other calls have their turn. */
const PIECE = 4 * 1024;
/** A flag and a length stand before each message. */
const PREFIX_BYTES = 5;

/** A message that was not unpacked yet. */
export class PackedMessage {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  /** The most bytes that it may become. */
  readonly most: number;
  /** The connection by which it has come. */
  readonly connection: object;

  constructor(
    bytes: Uint8Array,
    { encoding, most, connection }: Pick<
      PackedMessage,
      "encoding" | "most" | "connection"
    >,
  ) {
    this.bytes = bytes;
    this.encoding = encoding;
    this.most = most;
    this.connection = connection;
  }
}

/** What of grpc-js's inner life is touched here; its version is pinned. */
interface Decompressing {
  readonly stream: ServerHttp2Stream;
  readonly incomingEncoding: string;
  decompressMessage(message: Uint8Array, encoding: string): Promise<unknown>;
}

/** Makes grpc-js hand over what is packed as a {@linkcode PackedMessage}. */
export const leavePacked: ServerInterceptor = ({ requestStream }, call) => {
  const inner = call as ServerInterceptingCall & Decompressing;
  if (inner.incomingEncoding === "identity") return inner;
  const connection = inner.stream.session ?? inner.stream;
  const most = requestStream ? MAX_UNPACKED_BYTES : MAX_UNPACKED_REQUEST;
  const decompress = inner.decompressMessage.bind(inner);
  inner.decompressMessage = (message, encoding) => {
    if (encoding !== "gzip" && encoding !== "deflate") {
      return decompress(message, encoding);
    }
    const bytes = message.subarray(PREFIX_BYTES);
    return Promise.resolve(new PackedMessage(bytes, { encoding, most, connection }));
  };
  return inner;
};

/** Unpacks messages, one at a time; connections take turns. */
export class Unpacker {
  readonly #maxMessageBytes: number;
  #isBusy = false;
  /** Who waits on each connection, and for whom it is the turn next. */
  readonly #waiting: Map<object, (() => void)[]> = new Map();

  /** One that unpacks no message to more than so many bytes. */
  constructor(maxMessageBytes: number) {
    this.#maxMessageBytes = maxMessageBytes;
  }

  /**
   * The message as it was before it was packed.
   *
   * @throws {FlightError} RESOURCE_EXHAUSTED, when that is too large;
   * INVALID_ARGUMENT, when it cannot be unpacked.
   */
  async unpack(
    message: PackedMessage,
    signal: AbortSignal,
  ): Promise<Uint8Array> {
    if (this.#isBusy) await this.#turn(message.connection);
    this.#isBusy = true;
    try {
      const most = Math.min(message.most, this.#maxMessageBytes);
      return await unpackOne(message, most, signal);
    } finally {
      this.#next();
    }
  }

  #turn(connection: object): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(connection);
      if (waiting === undefined) this.#waiting.set(connection, [resolve]);
      else waiting.push(resolve);
    });
  }

  #next(): void {
    for (const [connection, waiting] of this.#waiting) {
      const first = waiting.shift();
      this.#waiting.delete(connection);
      if (waiting.length > 0) this.#waiting.set(connection, waiting);
      return first?.();
    }
    this.#isBusy = false;
  }
}

async function unpackOne(
  { bytes, encoding }: PackedMessage,
  most: number,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    const unpacked = ReadableStream.from(pieces(bytes))
      .pipeThrough(new DecompressionStream(encoding));
    for await (const part of unpacked) {
      signal.throwIfAborted();
      length += part.length;
      if (length > most) throw tooLarge(most);
      parts.push(part);
    }
  } catch (error) {
    if (error instanceof FlightError || signal.aborted) throw error;
    throw new FlightError(
      "INVALID_ARGUMENT",
      `Cannot read the message: it is said to be compressed by ${encoding}, and is not`,
      { cause: error },
    );
  }
  return joinBytes(parts);
}

async function* pieces(bytes: Uint8Array): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = 0; at < bytes.length; at += PIECE) {
    await new Promise((resolve) => setImmediate(resolve));
    yield bytes.slice(at, at + PIECE);
  }
}

function tooLarge(most: number): FlightError {
  return new FlightError(
    "RESOURCE_EXHAUSTED",
    `Cannot accept a compressed message that unpacks to more than ${most} bytes; send it in parts, or compress its buffers by Arrow's own means`,
  );
}
