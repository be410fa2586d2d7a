/**
 * A client's connection to its server.
 *
 * @module
 */
import { startInterval } from "../base/timer.ts";
import { KeepAlive } from "./http2/keepalive.ts";
import { Rests } from "./http2/rests.ts";
import { SAMPLES } from "./http2/progress.ts";
import { Session, type SessionUser } from "./http2/session.ts";
import type { Socket } from "./sockets/socket.ts";

/** What a connection tells its channel. */
export interface ConnectionUser {
  /** There may be room for another call. */
  onRoom(): void;
  /** No more calls can be made over it; those under way may end. */
  onLeaving(connection: ClientConnection): void;
  /** The connection is closed, for this reason. */
  onClosed(connection: ClientConnection, reason: Error): void;
}

/** How a connection is watched, and what is taken. */
export interface ClientConnectionOptions {
  /** After so long a silence with calls under way the server is pinged, in milliseconds. */
  readonly keepaliveTime: number;
  /** How long it may take to answer a ping, in milliseconds. */
  readonly keepaliveTimeout: number;
  /** The largest headers of an answer, in bytes. */
  readonly maxHeaderBytes: number;
}

/** A connection over which calls are made. */
export class ClientConnection implements SessionUser {
  /** What speaks HTTP/2. */
  readonly session: Session;
  readonly #user: ConnectionUser;
  readonly #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  readonly #keepAlive: KeepAlive;
  readonly #timer: Disposable;

  /** A connection over this socket. It speaks at once. */
  constructor(socket: Socket, user: ConnectionUser, options: ClientConnectionOptions) {
    this.#user = user;
    this.session = new Session(socket, this, {
      isServer: false,
      maxHeaderBytes: options.maxHeaderBytes,
      maxStreams: 0,
      rests: new Rests(),
    });
    this.#keepAlive = new KeepAlive(this.session, {
      timeout: options.keepaliveTimeout,
      lost: () => this.session.close(new Error("the server does not answer a ping")),
    });
    this.#timer = startInterval(options.keepaliveTime / SAMPLES, () => {
      // A server may dislike pings without calls.
      if (this.session.streams.size > 0) this.#keepAlive.sample();
    });
    this.#ready.promise.catch(() => {});
    this.session.run();
  }

  /** Resolves when the server speaks HTTP/2; rejects with why it does not. */
  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Servers open no streams. */
  opened(): void {}

  /** Nothing has to wait for the end of a pass. */
  passEnd(): void {}

  /** There may be room for another call. */
  hasRoom(): void {
    if (!this.session.isReady) return;
    this.#ready.resolve();
    this.#user.onRoom();
  }

  /** The server takes no calls any more. */
  leaving(): void {
    this.#user.onLeaving(this);
  }

  /** The connection is closed. */
  closed(reason: Error): void {
    this.#timer[Symbol.dispose]();
    this.#keepAlive.stop();
    this.#ready.reject(reason);
    this.#user.onClosed(this, reason);
  }
}
