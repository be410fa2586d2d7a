/**
 * The scenario `location:reuse_connection`: an endpoint that is read from the server
 * that was asked, over the connection that is there.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Schema } from "apache-arrow";
import {
  commandDescriptor,
  encodeSchema,
  FlightClient,
  type FlightDescriptor,
  type FlightInfo,
  FlightServer,
  type Init,
  REUSE_CONNECTION,
  ticketOf,
} from "../../../../flight/mod.ts";
import type { Scenario } from "./scenario.ts";

class Server extends FlightServer {
  override getFlightInfo(
    flightDescriptor: FlightDescriptor,
  ): Promise<Init<FlightInfo>> {
    return Promise.resolve({
      schema: encodeSchema(new Schema()),
      flightDescriptor,
      endpoint: [{
        ticket: ticketOf("reuse"),
        location: [{ uri: REUSE_CONNECTION }],
      }],
      totalRecords: -1n,
      totalBytes: -1n,
    });
  }
}

async function client(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const info = await client.getFlightInfo(commandDescriptor("reuse"));
  assertEquals(info.endpoint.map(({ location }) => location), [
    [{ uri: REUSE_CONNECTION }],
  ]);
}

/** The scenario's two halves. */
export const reuseConnection: Scenario = {
  server: (options) => new Server(options),
  client,
};
