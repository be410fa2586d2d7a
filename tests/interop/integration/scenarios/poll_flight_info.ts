/**
 * The scenario `poll_flight_info`: a flight that takes its time to prepare.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { Uint32 } from "apache-arrow";
import {
  commandDescriptor,
  encodeSchema,
  FlightClient,
  type FlightDescriptor,
  FlightServer,
  type Init,
  type PollInfo,
  textOf,
  ticketOf,
} from "../../../../flight/mod.ts";
import { numberSchema } from "./numbers.ts";
import type { Scenario } from "./scenario.ts";
import { secondsFromNow } from "./times.ts";

const POLL = "poll";

class Server extends FlightServer {
  override pollFlightInfo(flightDescriptor: FlightDescriptor): Promise<Init<PollInfo>> {
    const info = {
      schema: encodeSchema(numberSchema(new Uint32())),
      flightDescriptor,
      endpoint: [{ ticket: ticketOf("long-running query") }],
      totalRecords: -1n,
      totalBytes: -1n,
    };
    const done = textOf(flightDescriptor.cmd) === POLL;
    return Promise.resolve(
      done ? { info, progress: 1 } : {
        info,
        flightDescriptor: commandDescriptor(POLL),
        progress: 0.1,
        expirationTime: secondsFromNow(10),
      },
    );
  }
}

async function client(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const first = await client.pollFlightInfo(commandDescriptor("heavy query"));
  assert(first.flightDescriptor !== undefined, "There is nothing to poll with");
  assert(first.progress !== undefined, "The progress is missing");
  assert(
    first.progress >= 0 && first.progress <= 1,
    `${first.progress} is no progress`,
  );
  assert(first.expirationTime !== undefined, "The expiry is missing");

  const last = await client.pollFlightInfo(first.flightDescriptor);
  assertEquals(last.flightDescriptor, undefined);
  assertEquals(last.progress, 1);
  assertEquals(last.expirationTime, undefined);
}

/** The scenario's two halves. */
export const pollFlightInfo: Scenario = {
  server: (options) => new Server(options),
  client,
};
