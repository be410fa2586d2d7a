/**
 * The HTTP servers of a door, one for each address of its host.
 *
 * @module
 */
import { bindEach } from "../flight/addresses.ts";
import { FlightError } from "../flight/errors.ts";
import { formatHost } from "../flight/location.ts";
import { answerError } from "./answers.ts";
import type { Requests } from "./requests.ts";

/** Servers that answer requests until they are closed. */
export class Servers {
  readonly #requests: Requests;
  readonly #servers: Deno.HttpServer[] = [];
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
  }

  /**
   * Closes every connection. Deno's own way to drain a server is of no use: once it
   * has begun, it leaves none to break off what does not end.
   */
  async close(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#servers.map((server) => server.finished));
  }

  #serve(hostname: string, port: number): number {
    const server = Deno.serve({
      hostname,
      port,
      signal: this.#stop.signal,
      onListen: () => {},
    }, (request, { remoteAddr, completed }) => {
      if (this.#isDraining) {
        const closing = new FlightError("UNAVAILABLE", "The server is shutting down");
        return answerError(closing);
      }
      this.#follow(completed);
      const peer = `${formatHost(remoteAddr.hostname)}:${remoteAddr.port}`;
      return this.#requests.handle(request, { peer, completed });
    });
    this.#servers.push(server);
    return server.addr.port;
  }

  #follow(completed: Promise<void>): void {
    const ended = completed.catch(() => {}).finally(() => this.#running.delete(ended));
    this.#running.add(ended);
  }
}
