/**
 * The scenario `app_metadata_flight_info_endpoint`: bytes of the application's own, on
 * a flight and on its endpoint.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Uint32 } from "apache-arrow";
import {
  encodeSchema,
  FlightClient,
  type FlightDescriptor,
  FlightError,
  type FlightInfo,
  FlightServer,
  type Init,
} from "../../../../flight/mod.ts";
import { numberSchema } from "./numbers.ts";
import type { Scenario } from "./scenario.ts";
import { utf8 } from "./utf8.ts";

class Server extends FlightServer {
  override getFlightInfo(
    flightDescriptor: FlightDescriptor,
  ): Promise<Init<FlightInfo>> {
    const { type, cmd: appMetadata } = flightDescriptor;
    if (type !== "CMD") {
      throw new FlightError("INVALID_ARGUMENT", `Cannot describe a ${type}: no CMD`);
    }
    return Promise.resolve({
      schema: encodeSchema(numberSchema(new Uint32())),
      flightDescriptor,
      endpoint: [{ appMetadata }],
      totalRecords: -1n,
      totalBytes: -1n,
      appMetadata,
    });
  }
}

async function client(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const cmd = utf8("foobar");
  const info = await client.getFlightInfo({ type: "CMD", cmd });
  assertEquals(info.appMetadata, cmd);
  assertEquals(info.endpoint.map(({ appMetadata }) => appMetadata), [cmd]);
}

/** The scenario's two halves. */
export const appMetadata: Scenario = {
  server: (options) => new Server(options),
  client,
};
