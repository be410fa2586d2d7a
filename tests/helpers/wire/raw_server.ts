/**
 * A server that speaks HTTP/2 frame by frame, right or wrong, and a channel to it.
 *
 * @module
 */
import { CallHeaders } from "../../../rpc/call_headers.ts";
import type {
  Channel,
  MakeCallOptions,
  OutgoingCall,
  OutgoingMessage,
  RpcMethod,
  Status,
} from "../../../rpc/transport.ts";
import { wireClient, type WireClientOptions } from "../../../wire/client.ts";
import type { SocketListener, Sockets } from "../../../wire/sockets/socket.ts";
import { FLAGS, FRAMES, type Http2Frame, literalHeaders } from "./http2_bytes.ts";
import { MemorySocket } from "./memory_sockets.ts";
import { RawPeer } from "./raw_peer.ts";

/** What the other end of a new connection is; undefined when there is none. */
type Accepted = MemorySocket | undefined;

/** A server of which each connection is spoken by hand. */
export class RawServer implements Sockets, Disposable {
  /** A channel to it. */
  readonly channel: Channel;
  /** How often somebody has connected, or tried to. */
  attempts = 0;
  /** Whether connections are refused. */
  isDown = false;
  readonly #accepted: Accepted[] = [];
  readonly #waiting: ((socket: MemorySocket) => void)[] = [];
  readonly #sockets: MemorySocket[] = [];

  constructor(options: Omit<WireClientOptions, "sockets"> = {}) {
    this.channel = wireClient({ ...options, sockets: this })
      .connect({ hostname: "raw.example", port: 1 }, {});
  }

  listen(): Promise<SocketListener> {
    return Promise.reject(new Error("this is for clients"));
  }

  connect(): Promise<MemorySocket> {
    this.attempts++;
    if (this.isDown) return Promise.reject(new Error("connection refused"));
    const [mine, theirs] = MemorySocket.pair({ capacity: 1_000_000 });
    this.#sockets.push(mine, theirs);
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#accepted.push(mine);
    else waiting(mine);
    return Promise.resolve(theirs);
  }

  /** The server's end of the next connection. */
  accept(): Promise<MemorySocket> {
    const accepted = this.#accepted.shift();
    if (accepted !== undefined) return Promise.resolve(accepted);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The next connection, on which these settings were told. */
  async peer(...settings: number[][]): Promise<RawPeer> {
    return await RawPeer.server(await this.accept(), ...settings);
  }

  /** Makes a call with messages of these sizes. */
  call(
    method: RpcMethod,
    sizes: readonly number[] | AsyncIterable<OutgoingMessage> = [],
    options: Partial<MakeCallOptions> = {},
  ): OutgoingCall {
    const requests = Symbol.asyncIterator in sizes ? sizes : messages(sizes);
    return this.channel.call(method, requests, {
      headers: new CallHeaders(),
      ...options,
    });
  }

  [Symbol.dispose](): void {
    this.channel.close();
    for (const socket of this.#sockets) socket.close();
  }
}

async function* messages(sizes: readonly number[]): AsyncGenerator<OutgoingMessage> {
  for (const length of sizes) yield { length, parts: [new Uint8Array(length)] };
}

/** What came of a call: the sizes of its responses, and its status. */
export async function outcome(call: OutgoingCall): Promise<[number[], string, string]> {
  const sizes = await Array.fromAsync(call.responses, ({ length }) => length);
  const { code, message }: Status = await call.status;
  return [sizes, code, message];
}

/** The headers before the first message. */
export function headFrame(
  stream: number,
  headers: Readonly<Record<string, string>> = {},
): Http2Frame {
  const all = { ":status": "200", "content-type": "application/grpc", ...headers };
  return {
    type: FRAMES.HEADERS,
    flags: FLAGS.END_HEADERS,
    stream,
    payload: literalHeaders(all),
  };
}

/** Headers that end a stream: trailers, or with a status of HTTP trailers only. */
export function trailersFrame(
  stream: number,
  headers: Readonly<Record<string, string>> = { "grpc-status": "0" },
): Http2Frame {
  return {
    type: FRAMES.HEADERS,
    flags: FLAGS.END_HEADERS | FLAGS.END_STREAM,
    stream,
    payload: literalHeaders(headers),
  };
}

/** A whole answer of one empty message. */
export function answerFrames(stream: number): Http2Frame[] {
  const data = { type: FRAMES.DATA, stream, payload: new Uint8Array(5) };
  return [headFrame(stream), data, trailersFrame(stream)];
}
