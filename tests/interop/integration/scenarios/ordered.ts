/**
 * The scenario `ordered`: a flight whose endpoints have to be read in their order.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Int32 } from "apache-arrow";
import {
  commandDescriptor,
  encode,
  encodeSchema,
  FlightClient,
  type FlightDataInit,
  type FlightDescriptor,
  FlightError,
  type FlightInfo,
  FlightServer,
  type Init,
  readFlight,
  textOf,
  type Ticket,
  ticketOf,
} from "../../../../flight/mod.ts";
import { assertSameSchema, assertSameValues } from "./compare_data.ts";
import { numberSchema, numberTable } from "./numbers.ts";
import type { Scenario } from "./scenario.ts";

const ORDERED = "ordered";
const TABLES = new Map(
  Object.entries({ "1": [1, 2, 3], "2": [10, 20, 30], "3": [100, 200, 300] })
    .map(([ticket, values]) => [ticket, numberTable(new Int32(), values)]),
);

class Server extends FlightServer {
  override getFlightInfo(
    flightDescriptor: FlightDescriptor,
  ): Promise<Init<FlightInfo>> {
    const ordered = textOf(flightDescriptor.cmd) === ORDERED;
    const tickets = ordered ? ["1", "2", "3"] : ["1", "3", "2"];
    return Promise.resolve({
      schema: encodeSchema(numberSchema(new Int32())),
      flightDescriptor,
      endpoint: tickets.map((ticket) => ({ ticket: ticketOf(ticket) })),
      totalRecords: -1n,
      totalBytes: -1n,
      ordered,
    });
  }

  override doGet({ ticket }: Ticket): AsyncIterable<FlightDataInit> {
    const table = TABLES.get(textOf(ticket));
    if (table === undefined) {
      throw new FlightError("INVALID_ARGUMENT", "Cannot get the ticket: it is unknown");
    }
    return encode(table);
  }
}

async function client(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const info = await client.getFlightInfo(commandDescriptor(ORDERED));
  assert(info.ordered, "The flight is not ordered");
  for (const { location } of info.endpoint) assertEquals(location, []);

  const expected = [...TABLES.values()].flatMap((table) => table.batches);
  const items = await Array.fromAsync(readFlight(client, info));
  const batches = items.map(({ batch }) => batch!);
  assertEquals(batches.length, expected.length);
  for (const [index, batch] of batches.entries()) {
    assertSameSchema(batch.schema, expected[index].schema);
    assertSameValues(batch.data, expected[index].data);
  }
}

/** The scenario's two halves. */
export const ordered: Scenario = {
  server: (options) => new Server(options),
  client,
};
