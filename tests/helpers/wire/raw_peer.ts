/**
 * A peer that speaks HTTP/2 frame by frame, right or wrong.
 *
 * @module
 */
import { assert } from "@std/assert";
import { joinBytes } from "../../../base/join_bytes.ts";
import { HpackDecoder } from "../../../wire/hpack/hpack_decoder.ts";
import type { Socket } from "../../../wire/sockets/socket.ts";
import {
  FLAGS,
  FRAMES,
  type Http2Frame,
  http2Frame,
  literalHeaders,
  PREFACE,
  uint32s,
} from "./http2_bytes.ts";

/** A frame that came. */
export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Uint8Array;
}

/** The largest payload that every peer takes (RFC 9113, 4.2). */
const MIN_FRAME_SIZE = 16_384;
/** How long a peer waits for a frame on a busy machine, in milliseconds. */
const PATIENCE_MS = 20_000;

/** One side of a connection. */
export class RawPeer {
  readonly socket: Socket;
  /** Whether pings are answered while frames are read, and not given. */
  answersPings = false;
  readonly #decoder = new HpackDecoder();
  readonly #patience: number;
  #bytes: Uint8Array = new Uint8Array(0);
  /** The last write, after which the next one may begin. */
  #writing: Promise<void> = Promise.resolve();

  /** A peer over this socket, which waits so many milliseconds for what has to come. */
  constructor(socket: Socket, options: { readonly patience?: number } = {}) {
    this.socket = socket;
    this.#patience = options.patience ?? PATIENCE_MS;
  }

  /** Says hello as a client, and takes the server's. */
  static async client(socket: Socket, ...settings: number[][]): Promise<RawPeer> {
    const peer = new RawPeer(socket);
    await peer.write(PREFACE);
    await peer.send(settingsFrame(...settings));
    await peer.until(FRAMES.SETTINGS, { flags: FLAGS.ACK });
    return peer;
  }

  /** Says hello as a server. */
  static async server(socket: Socket, ...settings: number[][]): Promise<RawPeer> {
    const peer = new RawPeer(socket);
    await peer.send(settingsFrame(...settings));
    while (peer.#bytes.length < PREFACE.length) assert(await peer.#read());
    peer.#bytes = peer.#bytes.subarray(PREFACE.length);
    await peer.until(FRAMES.SETTINGS, { flags: FLAGS.ACK });
    return peer;
  }

  /** Says hello as a client, and gives it frames beside its settings. */
  async sayHello(...frames: Http2Frame[]): Promise<void> {
    await this.write(PREFACE);
    await this.send(...frames);
  }

  /** Says hello as a server. Gives false when the client leaves before its own. */
  async hearHello(...frames: Http2Frame[]): Promise<boolean> {
    await this.send(...frames);
    while (this.#bytes.length < PREFACE.length) {
      if (!await this.#read()) return false;
    }
    this.#bytes = this.#bytes.subarray(PREFACE.length);
    return true;
  }

  /** Writes bytes, after those that are written already. */
  write(bytes: Uint8Array): Promise<void> {
    const writing = this.#writing.then(() => this.socket.write([bytes]));
    this.#writing = writing.catch(() => {});
    return writing;
  }

  /** Sends frames in one piece, unless the other side has gone. */
  async trySend(...frames: Http2Frame[]): Promise<void> {
    try {
      await this.send(...frames);
    } catch {
      // What has not come is seen by what is read.
    }
  }

  /** Sends frames in one piece. */
  async send(...frames: Http2Frame[]): Promise<void> {
    await this.write(joinBytes(frames.map(http2Frame)));
  }

  /** The next frame; undefined when the other side has ended. */
  async next(): Promise<Frame | undefined> {
    while (true) {
      const frame = this.#take();
      if (frame !== undefined && this.answersPings && isPing(frame)) {
        const { type, payload } = frame;
        await this.trySend({ type, flags: FLAGS.ACK, payload: payload.slice() });
        continue;
      }
      if (frame !== undefined) return frame;
      if (!await this.#read()) return undefined;
    }
  }

  /** The next frame of this type, and of this stream or these flags. */
  async until(
    type: number,
    { stream, flags }: { stream?: number; flags?: number } = {},
  ): Promise<Frame> {
    while (true) {
      const frame = await this.next();
      assert(
        frame !== undefined,
        `the connection ended before a frame of type ${type}`,
      );
      const isWanted = frame.type === type &&
        (stream === undefined || frame.stream === stream) &&
        (flags === undefined || frame.flags === flags);
      if (isWanted) return frame;
    }
  }

  /** What the other side says of the end: the code of its GOAWAY. Reads until then. */
  async end(): Promise<number> {
    return new DataView((await this.until(FRAMES.GOAWAY)).payload.slice().buffer)
      .getUint32(4);
  }

  /** Reads until the other side has ended. */
  async closed(): Promise<void> {
    while (await this.next() !== undefined);
  }

  /** The headers of a frame. Each frame of headers has to be read, in order. */
  headers({ payload }: Frame): Map<string, string> {
    return new Map(this.#decoder.decode(payload, Infinity).headers);
  }

  /** All that the other side answers on a stream: its headers, data, trailers, and code of RST_STREAM. */
  async answer(stream: number): Promise<Answer> {
    const answer: Answer = { headers: new Map(), data: [], reset: undefined };
    while (true) {
      const frame = await this.next();
      assert(
        frame !== undefined,
        `the connection ended before the answer on ${stream}`,
      );
      const headers = frame.type === FRAMES.HEADERS ? this.headers(frame) : [];
      if (frame.stream !== stream) continue;
      for (const [name, value] of headers) answer.headers.set(name, value);
      if (frame.type === FRAMES.DATA) answer.data.push(frame.payload);
      if (frame.type === FRAMES.RST_STREAM) answer.reset = uint32(frame.payload);
      const isEnd = frame.type <= FRAMES.HEADERS &&
        (frame.flags & FLAGS.END_STREAM) !== 0;
      if (isEnd || answer.reset !== undefined) return answer;
    }
  }

  /** The code of the other side's RST_STREAM. */
  async reset(stream: number): Promise<number> {
    return uint32((await this.until(FRAMES.RST_STREAM, { stream })).payload);
  }

  #take(): Frame | undefined {
    const bytes = this.#bytes;
    if (bytes.length < 9) return undefined;
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    const length = view.getUint32(0) >>> 8;
    if (bytes.length < 9 + length) return undefined;
    this.#bytes = bytes.subarray(9 + length);
    return {
      type: bytes[3],
      flags: bytes[4],
      stream: view.getUint32(5),
      payload: bytes.subarray(9, 9 + length),
    };
  }

  /** False when the other side has ended. */
  async #read(): Promise<boolean> {
    const buffer = new Uint8Array(65_536);
    let timer;
    const late = new Promise<never>((_, reject) => {
      if (this.#patience === Infinity) return;
      timer = setTimeout(() => reject(new Error("nothing came")), this.#patience);
    });
    try {
      const count = await Promise.race([this.socket.read(buffer), late]);
      if (count === null) return false;
      this.#bytes = joinBytes([this.#bytes, buffer.subarray(0, count)]);
      return true;
    } finally {
      clearTimeout(timer);
    }
  }
}

function isPing({ type, flags }: Frame): boolean {
  return type === FRAMES.PING && (flags & FLAGS.ACK) === 0;
}

/** What came on a stream. */
export interface Answer {
  readonly headers: Map<string, string>;
  readonly data: Uint8Array[];
  reset: number | undefined;
}

/** A frame SETTINGS of these numbers and values. */
export function settingsFrame(...settings: number[][]): Http2Frame {
  return {
    type: FRAMES.SETTINGS,
    payload: Uint8Array.from(
      settings.flatMap(([id, value]) => [0, id, ...uint32s(value)]),
    ),
  };
}

/** The headers of a call. */
export function callFrame(
  stream: number,
  path: string,
  { flags = FLAGS.END_HEADERS, headers = {} }: {
    flags?: number;
    headers?: Readonly<Record<string, string>>;
  } = {},
): Http2Frame {
  const payload = literalHeaders({
    ":method": "POST",
    ":scheme": "http",
    ":path": path,
    ":authority": "localhost",
    "content-type": "application/grpc",
    te: "trailers",
    ...headers,
  });
  return { type: FRAMES.HEADERS, flags, stream, payload };
}

/** A message with its prefix. */
export function message(bytes: Uint8Array, flag = 0): Uint8Array {
  return joinBytes([new Uint8Array([flag]), uint32s(bytes.length), bytes]);
}

/** A side that takes all that comes: its windows and its frames are as large as may be. */
export const WIDE_OPEN: readonly Http2Frame[] = [
  settingsFrame([4, 2 ** 31 - 1], [5, 2 ** 24 - 1]),
  creditFrame(0, 2 ** 31 - 1 - 65_535),
];

/** A block of headers, in frames as small as every peer takes. */
export function headersFrames(
  stream: number,
  block: Uint8Array,
  flags = 0,
): Http2Frame[] {
  const pieces = cut(block);
  return pieces.map((payload, index) => {
    const isLast = index === pieces.length - 1;
    return {
      type: index === 0 ? FRAMES.HEADERS : FRAMES.CONTINUATION,
      flags: (index === 0 ? flags : 0) | (isLast ? FLAGS.END_HEADERS : 0),
      stream,
      payload,
    };
  });
}

/** Bytes of a body, in frames as small as every peer takes. */
export function dataFrames(stream: number, bytes: Uint8Array): Http2Frame[] {
  return cut(bytes).map((payload) => dataFrame(stream, payload));
}

function cut(bytes: Uint8Array): Uint8Array[] {
  const count = Math.max(Math.ceil(bytes.length / MIN_FRAME_SIZE), 1);
  return Array.from(
    { length: count },
    (_, index) => bytes.subarray(index * MIN_FRAME_SIZE, (index + 1) * MIN_FRAME_SIZE),
  );
}

/** A frame DATA. */
export function dataFrame(stream: number, payload: Uint8Array, flags = 0): Http2Frame {
  return { type: FRAMES.DATA, flags, stream, payload };
}

/** A frame RST_STREAM. */
export function resetFrame(stream: number, code = 8): Http2Frame {
  return { type: FRAMES.RST_STREAM, stream, payload: uint32s(code) };
}

/** A frame WINDOW_UPDATE. */
export function creditFrame(stream: number, bytes: number): Http2Frame {
  return { type: FRAMES.WINDOW_UPDATE, stream, payload: uint32s(bytes) };
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}
