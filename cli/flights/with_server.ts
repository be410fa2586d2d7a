/**
 * A command's time with a server.
 *
 * @module
 */
import type { FlightClient } from "../../flight/mod.ts";
import type { GivenOptions } from "../options/given_options.ts";
import { connect, type OtherServer } from "./connect.ts";
import { Interrupt } from "./interrupt.ts";

/** Does something with the server of the options, until Ctrl+C. */
export async function withServer<T>(
  options: GivenOptions,
  work: (client: FlightClient, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return await withServers(options, [{}], ([client], signal) => work(client, signal));
}

/** Does something with several servers, until Ctrl+C. */
export async function withServers<T>(
  options: GivenOptions,
  servers: readonly OtherServer[],
  work: (clients: readonly FlightClient[], signal: AbortSignal) => Promise<T>,
): Promise<T> {
  using interrupt = new Interrupt();
  const { signal } = interrupt;
  const clients: FlightClient[] = [];
  try {
    for (const server of servers) {
      clients.push(await connect(options, signal, server));
    }
    return await work(clients, signal);
  } catch (error) {
    // Whatever failed then, it is because of this.
    signal.throwIfAborted();
    throw error;
  } finally {
    for (const client of clients) client.close();
  }
}
