/**
 * The HTTP servers of an HttpDoor, one for each address of its host.
 *
 * @module
 */
import { bindEach } from "../base/addresses.ts";
import { formatHost } from "../flight/protocol/location.ts";
import { shuttingDown } from "../flight/server/running_call.ts";
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

/** Servers that answer requests until they are closed. */
export class Servers {
  readonly #requests: Requests;
  /** Each settled when one server has ended. */
  readonly #servers: Promise<void>[] = [];
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #stop = new AbortController();
  /** The answers that are on their way. */
  readonly #running = new Set<Promise<void>>();
  #isDraining = false;

  /** Servers that answer so, and do not listen yet. */
  constructor(requests: Requests) {
    this.#requests = requests;
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

  /** Takes no new requests, and waits until those that run have been answered. */
  async drain(): Promise<void> {
    this.#isDraining = true;
    while (this.#running.size > 0) await Promise.race(this.#running);
    if (this.#stop.signal.aborted) return;
    await new Promise((resolve) => setTimeout(resolve, FLUSH_MS));
  }

  /**
   * Closes every connection. Deno's own way to drain a server is of no use: once it
   * has begun, it leaves none to break off what does not end.
   */
  async close(): Promise<void> {
    this.#stop.abort();
    clearTimeout(this.#retry);
    await Promise.all(this.#servers);
    this.#requests.close();
  }

  #serve(hostname: string, port: number): number {
    const server = Deno.serve({
      hostname,
      port,
      signal: this.#stop.signal,
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
    const ended = server.finished.catch(() => this.#serveAgain(hostname, bound));
    this.#servers.push(ended);
    return bound;
  }

  /** Listens again at a port where the system had no more handles for connections. */
  #serveAgain(hostname: string, port: number): void {
    if (this.#stop.signal.aborted) return;
    this.#retry = setTimeout(() => {
      try {
        this.#serve(hostname, port);
      } catch {
        this.#serveAgain(hostname, port);
      }
    }, LISTEN_RETRY_MS);
  }

  #follow(completed: Promise<void>): void {
    const ended = completed.catch(() => {}).finally(() => this.#running.delete(ended));
    this.#running.add(ended);
  }
}
