/**
 * What a scenario of the Arrow Flight integration suite is.
 *
 * @module
 */
import type { FlightServer, FlightServerOptions } from "../../../../flight/mod.ts";

/** One part of the protocol, as a server and a client that talk to each other. */
export interface Scenario {
  /** The server's half, which does not listen yet. */
  server(options: FlightServerOptions): FlightServer;
  /**
   * The client's half: fails unless the server at the location answers as it should.
   * It does not insist on details in which the suite's own servers differ.
   */
  client(location: string, path: string | undefined): Promise<void>;
}
