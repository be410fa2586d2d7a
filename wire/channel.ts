/**
 * A client's channel: the connection that there is, the calls that wait for it, and how
 * it is made anew.
 *
 * @module
 */
import { startTimer } from "../base/timer.ts";
import { StatusError } from "../rpc/status.ts";
import type {
  Address,
  Channel,
  ClientTls,
  MakeCallOptions,
  OutgoingCall,
  OutgoingMessage,
  RpcMethod,
} from "../rpc/transport.ts";
import { Backoff } from "./backoff.ts";
import { ByteBudget } from "./grpc/byte_budget.ts";
import {
  ClientConnection,
  type ClientConnectionOptions,
  type ConnectionUser,
} from "./client_connection.ts";
import { type CallMaker, WireOutgoingCall } from "./grpc/outgoing_call.ts";
import type { Sockets } from "./sockets/socket.ts";
import { Turns } from "./grpc/turns.ts";

/** What a channel needs to know. */
export interface ChannelOptions extends ClientConnectionOptions {
  /** The sockets to use. */
  readonly sockets: Sockets;
  /** The URL of a proxy that passes connections on. */
  readonly proxy: string | undefined;
  /** How to speak TLS. */
  readonly tls: ClientTls | undefined;
  /** How long it may take to connect, in milliseconds. */
  readonly connectTimeout: number;
  /** The largest message of an answer, in bytes. */
  readonly maxMessageBytes: number;
}

/** A channel to one address. */
export class WireChannel implements Channel, CallMaker, ConnectionUser {
  /** The server, as messages name it. */
  readonly name: string;
  /** The host and port of the server, as it wants to read them. */
  readonly authority: string;
  /** Whether TLS is spoken. */
  readonly isSecure: boolean;
  /** The largest message that is taken, in bytes. */
  readonly maxMessageBytes: number;
  /** Counts what has come and was not read. */
  readonly arriving: ByteBudget = new ByteBudget(Infinity);
  /** Decompresses one message at a time. */
  readonly turns: Turns = new Turns();
  readonly #address: Address;
  readonly #options: ChannelOptions;
  readonly #backoff = new Backoff();
  /** Calls that wait for a connection, or for room on it, in order. */
  #waiting: WireOutgoingCall[] = [];
  /** The connection for new calls. */
  #connection: ClientConnection | undefined;
  #attempt: Promise<void> | undefined;
  /** Aborted when no more calls are made. */
  readonly #closed = new AbortController();
  /** Gives up the attempt to connect that is under way. */
  #abandon: AbortController | undefined;
  /** Why the last attempt failed, as long as it is too early for the next one. */
  #failure: { readonly error: StatusError; readonly until: number } | undefined;

  /** A channel that does not connect yet. */
  constructor(address: Address, options: ChannelOptions) {
    this.#address = address;
    this.#options = options;
    this.name = nameOf(address);
    this.authority = options.tls?.serverName ??
      ("path" in address ? "localhost" : this.name);
    this.isSecure = options.tls !== undefined;
    this.maxMessageBytes = options.maxMessageBytes;
  }

  /** Starts a call. */
  call(
    method: RpcMethod,
    requests: AsyncIterable<OutgoingMessage>,
    options: MakeCallOptions,
  ): OutgoingCall {
    const call = new WireOutgoingCall(method, requests, options, this);
    if (this.#closed.signal.aborted) call.fail("CANCELLED", CLOSED);
    else this.again(call);
    return call;
  }

  /** Makes a call as soon as there is room for it. */
  again(call: WireOutgoingCall): void {
    this.#waiting.push(call);
    this.onRoom();
    if (this.#connection === undefined && !call.isOver) this.#connectSoon();
  }

  /** Connects if need be. */
  async ready(
    { timeout, signal }: { timeout: number; signal?: AbortSignal },
  ): Promise<void> {
    signal?.throwIfAborted();
    const end = performance.now() + timeout;
    const stopped = Promise.withResolvers<never>();
    stopped.promise.catch(() => {});
    let failure: StatusError | undefined;
    const onTimeout = () => stopped.reject(failure ?? this.#noAnswer(timeout));
    const onAbort = () => stopped.reject(signal!.reason);
    const onClose = () => stopped.reject(new StatusError("CANCELLED", CLOSED));
    using _ = startTimer(timeout > 0 ? timeout : Infinity, onTimeout);
    signal?.addEventListener("abort", onAbort);
    const { signal: closed } = this.#closed;
    closed.addEventListener("abort", onClose);
    try {
      closed.throwIfAborted();
      while (true) {
        try {
          return await Promise.race([this.#connect(), stopped.promise]);
        } catch (error) {
          if (!(error instanceof ConnectError)) throw error;
          failure = error;
        }
        const wait = Math.max(this.#failure!.until - performance.now(), 0);
        if (performance.now() + wait >= end) throw failure;
        const waited = Promise.withResolvers<void>();
        using _ = startTimer(wait, waited.resolve);
        await Promise.race([waited.promise, stopped.promise]);
      }
    } finally {
      signal?.removeEventListener("abort", onAbort);
      closed.removeEventListener("abort", onClose);
    }
  }

  /** Makes no more calls, and closes after those under way, or that wait. */
  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new StatusError("CANCELLED", CLOSED));
    this.#leaveWhenDone();
  }

  /** Makes the calls that wait, as far as there is room. */
  onRoom(): void {
    const session = this.#connection?.session;
    while (this.#waiting.length > 0) {
      if (this.#waiting[0].isOver) this.#waiting.shift();
      else if (session?.canOpen) {
        this.#backoff.reset();
        this.#waiting.shift()!.open(session);
      } else return;
    }
    this.#leaveWhenDone();
  }

  /** New calls need another connection. */
  onLeaving(connection: ClientConnection): void {
    if (this.#connection !== connection) return;
    this.#connection = undefined;
    this.onRoom();
    if (this.#waiting.length > 0) this.#connectSoon();
  }

  /** The connection is lost; one that was of no use is not made again at once. */
  onClosed(connection: ClientConnection, reason: Error): void {
    if (this.#connection === connection && connection.session.nextStream === 1) {
      this.#noteFailure(reason);
    }
    this.onLeaving(connection);
  }

  #connectSoon(): void {
    if (this.#failure !== undefined && performance.now() < this.#failure.until) {
      return this.#failWaiting(this.#failure.error);
    }
    this.#connect().catch((error) => this.#failWaiting(error));
  }

  /** Connects, unless there is a connection. Rejects with a {@linkcode ConnectError}. */
  #connect(): Promise<void> {
    if (this.#connection !== undefined) return this.#connection.ready;
    this.#attempt ??= this.#tryToConnect().finally(() => this.#attempt = undefined);
    return this.#attempt;
  }

  async #tryToConnect(): Promise<void> {
    const { sockets, proxy, tls, connectTimeout } = this.#options;
    const abandon = this.#abandon = new AbortController();
    const { signal } = abandon;
    const onLate = () => abandon.abort(this.#noAnswer(connectTimeout));
    using _ = startTimer(connectTimeout, onLate);
    let connection: ClientConnection | undefined;
    const onAbort = () => connection?.session.close(signal.reason);
    signal.addEventListener("abort", onAbort);
    try {
      const socket = await sockets.connect(this.#address, { tls, proxy, signal });
      connection = new ClientConnection(socket, this, this.#options);
      if (signal.aborted) onAbort();
      await connection.ready;
      const { isLeaving, farewell } = connection.session;
      if (isLeaving) throw farewell ?? new Error("the server has left at once");
      this.#connection = connection;
      this.#failure = undefined;
    } catch (error) {
      throw this.#noteFailure(signal.aborted ? signal.reason : error);
    } finally {
      signal.removeEventListener("abort", onAbort);
      this.#abandon = undefined;
    }
    this.onRoom();
  }

  #noteFailure(reason: unknown): StatusError {
    const error = new ConnectError(this.name, reason);
    this.#failure = { error, until: performance.now() + this.#backoff.next() };
    return error;
  }

  /** Leaves the server when the channel is closed and no call waits. */
  #leaveWhenDone(): void {
    if (!this.#closed.signal.aborted || this.#waiting.some(({ isOver }) => !isOver)) {
      return;
    }
    this.#abandon?.abort(this.#closed.signal.reason);
    this.#connection?.session.leave();
  }

  #failWaiting({ code, message }: StatusError): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const call of waiting) call.fail(code, message);
    this.#leaveWhenDone();
  }

  #noAnswer(timeout: number): StatusError {
    return new StatusError(
      "UNAVAILABLE",
      `Cannot connect to ${this.name}: no answer within ${timeout} ms`,
    );
  }
}

const CLOSED = "Cannot make the call: the client was closed";

/** There is no connection, for a reason. */
class ConnectError extends StatusError {
  constructor(name: string, reason: unknown) {
    const message = reason instanceof Error ? reason.message : String(reason);
    super(
      "UNAVAILABLE",
      reason instanceof StatusError ? message : `Cannot connect to ${name}: ${message}`,
      { cause: reason },
    );
  }
}

function nameOf(address: Address): string {
  if ("path" in address) return `unix:${address.path}`;
  const { hostname, port } = address;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
