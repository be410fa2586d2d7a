/**
 * A server whose answers a test sets, correct or not.
 *
 * @module
 */
import { HpackEncoder } from "../../../wire/hpack/hpack_encoder.ts";
import type { Socket, SocketListener } from "../../../wire/sockets/socket.ts";
import { defaultSockets } from "../../../wire/sockets/sockets.ts";
import { FLAGS, FRAMES } from "./http2_bytes.ts";
import {
  dataFrames,
  headersFrames,
  RawPeer,
  resetFrame,
  WIDE_OPEN,
} from "./raw_peer.ts";
import { listen } from "./raw_streams.ts";

/** The answer to a call. */
export interface Answer {
  readonly headers: Readonly<Record<string, string>>;
  /** The body, in the pieces in which it is written. */
  readonly pieces: readonly Uint8Array[];
  readonly trailers: Readonly<Record<string, string>>;
  /** With trailers, without any, with a reset, or with the end of the connection. */
  readonly end: "trailers" | "close" | "reset" | "disconnect" | "silence";
}

/** The headers of a correct answer. */
export const RIGHT_HEADERS: Answer["headers"] = {
  ":status": "200",
  "content-type": "application/grpc",
};
/** The trailers of a call that succeeded. */
export const RIGHT_TRAILERS: Answer["trailers"] = { "grpc-status": "0" };
const HOST = "127.0.0.1";
const INTERNAL_ERROR = 2;

/** A server whose answers a test sets, by the method's name. */
export class HostileServer implements AsyncDisposable {
  /** Gives the answer to a call of this method. */
  answer: (method: string) => Answer = () => {
    throw new TypeError("Cannot answer: no answer was set");
  };
  #listener!: SocketListener;
  readonly #sockets = new Set<Socket>();
  readonly #serving = new Set<Promise<void>>();

  /** Starts one on a free port of this machine. */
  static async start(): Promise<HostileServer> {
    const hostile = new HostileServer();
    const address = { hostname: HOST, port: 0 };
    hostile.#listener = await defaultSockets().listen(address, {}, async (pending) => {
      hostile.#serve(await pending.open());
    });
    return hostile;
  }

  /** Where clients find it. */
  get location(): string {
    return `grpc+tcp://${HOST}:${this.#listener.port}`;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#listener.close();
    for (const socket of this.#sockets) socket.close();
    await Promise.all(this.#serving);
    await closed;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    const peer = new RawPeer(socket, { patience: Infinity });
    const serving = this.#talk(peer).finally(() => {
      this.#sockets.delete(socket);
      this.#serving.delete(serving);
      socket.close();
    });
    this.#serving.add(serving);
  }

  async #talk(peer: RawPeer): Promise<void> {
    const encoder = new HpackEncoder();
    if (!await peer.hearHello(...WIDE_OPEN)) return;
    await listen(peer, (id) => ({
      onHeaders: ({ ":path": path = "" }) => {
        this.#answer(peer, encoder, { id, method: path.split("/").at(-1)! });
      },
      onData() {},
      onEnd() {},
    }));
  }

  #answer(
    peer: RawPeer,
    encoder: HpackEncoder,
    { id, method }: { readonly id: number; readonly method: string },
  ): void {
    const { headers, pieces, trailers, end } = this.answer(method);
    if (end === "silence") return;
    const frames = [
      ...headersFrames(id, encoder.encode(Object.entries(headers))),
      ...pieces.flatMap((piece) => dataFrames(id, piece)),
    ];
    if (end === "reset") frames.push(resetFrame(id, INTERNAL_ERROR));
    if (end === "close") {
      frames.push({ type: FRAMES.DATA, flags: FLAGS.END_STREAM, stream: id });
    }
    if (end === "trailers") {
      const block = encoder.encode(Object.entries(trailers));
      frames.push(...headersFrames(id, block, FLAGS.END_STREAM));
    }
    const sent = peer.trySend(...frames);
    if (end === "disconnect") sent.then(() => peer.socket.close());
  }
}
