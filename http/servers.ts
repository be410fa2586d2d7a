/**
 * The HTTP servers of an HttpDoor, one for each address of its host.
 *
 * @module
 */
import { bindEach } from "../base/addresses.ts";
import { startTimer } from "../base/timer.ts";
import { formatHost } from "../flight/protocol/location.ts";
import { shuttingDown } from "../flight/server/running_call.ts";
import type { CertificateAndKey } from "../rpc/transport.ts";
import { answerError } from "./answers.ts";
import type { Requests } from "./requests.ts";

/**
 * How long what was answered last has to go out, in milliseconds. Deno says that an
 * answer is complete when it was given to the connection, which may not have written
 * it yet, and would never do so once it is closed.
 */
const FLUSH_MS = 10;

/** How long to wait until listening is tried again, in milliseconds. */
const LISTEN_RETRY_MS = 100;

/**
 * How long to wait until listening is tried again at a port that this server has just
 * left, and for how long to try, in milliseconds.
 */
const PORT_RETRY_MS = 2;
const PORT_FREE_MS = 5000;

/** How long connections of a server that was replaced are waited for at the end. */
const REPLACED_MS = 500;

/** A server that listens on one address. */
interface Listener {
  readonly server: Deno.HttpServer<Deno.NetAddr>;
  readonly stop: AbortController;
  /** Settled when it has ended. */
  readonly ended: Promise<void>;
}

/** Servers that answer requests until they are closed. */
export class Servers {
  readonly #requests: Requests;
  #certificate: CertificateAndKey | undefined;
  /** Those that listen, by their addresses. */
  readonly #listeners: Map<string, Listener> = new Map();
  /** Those that listen no more, but have connections left. */
  readonly #replaced: Map<Promise<void>, Listener["server"]> = new Map();
  #replacing: Promise<void> = Promise.resolve();
  #retry: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;
  /** The answers that are on their way. */
  readonly #running: Set<Promise<void>> = new Set();
  #isDraining = false;

  /** Servers that answer so, over TLS with this certificate, and do not listen yet. */
  constructor(requests: Requests, certificate?: CertificateAndKey) {
    this.#requests = requests;
    this.#certificate = certificate;
  }

  /**
   * Listens on every address of this host, and gives the port.
   *
   * @throws {Error} when an address or the port cannot be had.
   */
  async listen(hostname: string, port: number): Promise<number> {
    try {
      return await bindEach(
        { hostname, port },
        (address, port) => this.#serve(address, port),
      );
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /**
   * Shows this certificate to new connections. Deno.serve keeps the one that it began
   * with, so others take the place of the servers: until the port is free, which takes
   * some milliseconds, connections are refused. Those that are there go on; over HTTP/2
   * Deno 2.9.6 breaks off one of some thousand answers that are under way, which their
   * readers see by the content-length.
   *
   * @throws {Error} when the certificate cannot be used; the one before stays.
   */
  async setCertificate(certificate: CertificateAndKey): Promise<void> {
    const replaced = this.#replacing.then(() => this.#replaceAll(certificate));
    this.#replacing = replaced.catch(() => {});
    await replaced;
  }

  /** Takes no new requests, and waits until those that run have been answered. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    while (this.#running.size > 0) await Promise.race(this.#running);
    if (this.#isClosed) return;
    await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  }

  /**
   * Closes every connection. Deno's own way to drain a server is of no use: once it
   * has begun, it leaves none to break off what does not end.
   */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    await this.#replacing;
    const listeners = [...this.#listeners.values()];
    for (const { stop } of listeners) stop.abort();
    await Promise.all(listeners.map(({ ended }) => ended));
    await this.#leaveReplaced();
    this.#requests.close();
  }

  #serve(hostname: string, port: number): number {
    const stop = new AbortController();
    const server = Deno.serve({
      hostname,
      port,
      ...this.#certificate,
      signal: stop.signal,
      onListen: () => {},
    }, (request, { remoteAddr, completed }) => {
      if (this.#isDraining) {
        return answerError(shuttingDown());
      }
      this.#follow(completed);
      const peer = `${formatHost(remoteAddr.hostname)}:${remoteAddr.port}`;
      return this.#requests.handle(request, { peer, completed });
    });
    const { port: bound } = server.addr;
    const ended = server.finished.catch(() => {
      this.#listeners.delete(hostname);
      this.#serveAgain(hostname, bound);
    });
    this.#listeners.set(hostname, { server, stop, ended });
    return bound;
  }

  /** Listens again at a port where the system had no more handles for connections. */
  #serveAgain(hostname: string, port: number): void {
    if (this.#isClosed) return;
    this.#retry = setTimeout(() => {
      try {
        this.#serve(hostname, port);
      } catch {
        this.#serveAgain(hostname, port);
      }
    }, LISTEN_RETRY_MS);
  }

  async #replaceAll(certificate: CertificateAndKey): Promise<void> {
    const before = this.#certificate;
    const places = [...this.#listeners].map(([hostname, { server }]) => ({
      hostname,
      port: server.addr.port,
    }));
    for (const { hostname, port } of places) {
      try {
        this.#certificate = certificate;
        this.#retire(hostname);
        await this.#serveWhenFree(hostname, port);
      } catch (error) {
        this.#certificate = before;
        await this.#serveWhenFree(hostname, port);
        throw error;
      }
    }
  }

  /** Listens no more on an address; connections that are there go on. */
  #retire(hostname: string): void {
    const listener = this.#listeners.get(hostname);
    if (listener === undefined) return;
    this.#listeners.delete(hostname);
    const { server } = listener;
    const ended = server.shutdown().finally(() => this.#replaced.delete(ended));
    this.#replaced.set(ended, server);
  }

  /** Listens at a port that this server has just left. */
  async #serveWhenFree(hostname: string, port: number): Promise<void> {
    const until = Date.now() + PORT_FREE_MS;
    while (!this.#isClosed) {
      try {
        this.#serve(hostname, port);
        return;
      } catch (error) {
        const isInUse = error instanceof Deno.errors.AddrInUse;
        if (!isInUse || Date.now() > until) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, PORT_RETRY_MS));
    }
  }

  /** Waits a little for servers that were replaced, which cannot be made to end. */
  async #leaveReplaced(): Promise<void> {
    for (const server of this.#replaced.values()) server.unref();
    const { promise, resolve } = Promise.withResolvers<void>();
    using _ = startTimer(REPLACED_MS, resolve);
    await Promise.race([promise, Promise.all(this.#replaced.keys())]);
  }

  #follow(completed: Promise<void>): void {
    const ended = completed.catch(() => {}).finally(() => this.#running.delete(ended));
    this.#running.add(ended);
  }
}
