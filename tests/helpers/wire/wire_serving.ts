/**
 * A server of the wire without a network, and peers for it.
 *
 * @module
 */
import { CallHeaders } from "../../../rpc/call_headers.ts";
import { StatusError } from "../../../rpc/status.ts";
import type {
  IncomingCall,
  Listening,
  RpcMethod,
  Status,
  TransportLimits,
} from "../../../rpc/transport.ts";
import { wireServer } from "../../../wire/server.ts";
import { type MemorySocketOptions, MemorySockets } from "./memory_sockets.ts";
import { RawPeer } from "./raw_peer.ts";

/** Takes one message and gives it back. */
export const ONE: RpcMethod = {
  path: "/a.B/One",
  requestStream: false,
  responseStream: false,
};
/** Gives back each message. */
export const ECHO: RpcMethod = {
  path: "/a.B/Echo",
  requestStream: true,
  responseStream: true,
};
/** Gives back each message, and waits for its client as long as it likes. */
export const IDLE: RpcMethod = { ...ECHO, path: "/a.B/Idle", mayIdle: true };

/** A status that says that all went well. */
export const OK: Status = { code: "OK", message: "", trailers: new CallHeaders() };

/** A handler of calls. */
export type Handler = (call: IncomingCall) => void | Promise<void>;

/** Gives back what comes. */
export async function echo(call: IncomingCall): Promise<void> {
  for await (const bytes of call.requests) {
    await call.send({ length: bytes.length, parts: [bytes] });
  }
  call.end(OK);
}

/** A server that listens, and what it has heard of. */
export class WireServing implements AsyncDisposable {
  /** The calls that were begun. */
  readonly calls: IncomingCall[] = [];
  /** How many handlers run. */
  running = 0;
  /** What handlers have thrown. */
  readonly errors: unknown[] = [];
  readonly sockets: MemorySockets;
  listening!: Listening;

  private constructor(options: MemorySocketOptions) {
    this.sockets = new MemorySockets(options);
  }

  /** Listens. A handler that throws ends its call with the error's code. */
  static async start(
    { handler = echo, limits = {}, ...options }: MemorySocketOptions & {
      handler?: Handler;
      limits?: Partial<TransportLimits>;
    } = {},
  ): Promise<WireServing> {
    const serving = new WireServing(options);
    serving.listening = await wireServer({ sockets: serving.sockets }).listen(
      [ONE, ECHO, IDLE],
      (call) => serving.#answer(call, handler),
      { address: { hostname: "localhost", port: 0 }, limits },
    );
    return serving;
  }

  /** A client that speaks frame by frame, and has announced these settings. */
  client(...settings: number[][]): Promise<RawPeer> {
    return RawPeer.client(this.sockets.dial(), ...settings);
  }

  async #answer(call: IncomingCall, handler: Handler): Promise<void> {
    this.calls.push(call);
    this.running++;
    try {
      await handler(call);
    } catch (error) {
      this.errors.push(error);
      const code = error instanceof StatusError ? error.code : "UNKNOWN";
      call.end({ code, message: String(error), trailers: new CallHeaders() });
    } finally {
      this.running--;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.listening.close();
  }
}
