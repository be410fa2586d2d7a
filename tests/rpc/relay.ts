/**
 * A relay between a client and a server, which counts connections and cuts them.
 *
 * @module
 */
import type { Address } from "../../rpc/transport.ts";

/** A relay to a port of this machine. */
export class Relay implements AsyncDisposable {
  /** Where clients find the relay. */
  readonly address: Address;
  /** How many connections it has accepted. */
  accepted = 0;
  readonly #port: number;
  readonly #listener: Deno.TcpListener;
  readonly #conns: Set<Deno.TcpConn> = new Set();
  readonly #work: Set<Promise<void>> = new Set();

  /** A relay that passes on what comes to the server at this port. */
  constructor(port: number) {
    this.#port = port;
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.address = { hostname: "127.0.0.1", port: this.#listener.addr.port };
    this.#track(this.#accept());
  }

  /** Cuts all connections, as when a machine vanishes from a network that notices. */
  cut(): void {
    for (const conn of this.#conns) conn.close();
    this.#conns.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.cut();
    await Promise.all(this.#work);
  }

  async #accept(): Promise<void> {
    for await (const client of this.#listener) {
      this.accepted++;
      const server = await Deno.connect({ hostname: "127.0.0.1", port: this.#port })
        .catch(() => undefined);
      if (server === undefined) {
        client.close();
        continue;
      }
      this.#conns.add(client).add(server);
      this.#track(this.#pass(client, server));
      this.#track(this.#pass(server, client));
    }
  }

  /** Passes on what comes until one side closes, or is cut. */
  async #pass(from: Deno.TcpConn, to: Deno.TcpConn): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (let length; (length = await from.read(buffer)) !== null;) {
        for (let at = 0; at < length;) {
          at += await to.write(buffer.subarray(at, length));
        }
      }
    } catch {
      // The connection was cut.
    }
    for (const conn of [from, to]) {
      if (this.#conns.delete(conn)) conn.close();
    }
  }

  #track(work: Promise<void>): void {
    this.#work.add(work);
    work.finally(() => this.#work.delete(work));
  }
}
