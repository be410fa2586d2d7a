/**
 * The scenario `middleware`: a header goes to the server and comes back, whether the
 * call ends well or not.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import { Schema } from "apache-arrow";
import {
  type ClientMiddleware,
  commandDescriptor,
  encodeSchema,
  FlightClient,
  type FlightDescriptor,
  FlightError,
  type FlightInfo,
  FlightServer,
  type Init,
  type ServerMiddleware,
  textOf,
  ticketOf,
} from "../../../../flight/mod.ts";
import type { Scenario } from "./scenario.ts";

const HEADER = "x-middleware";
const VALUE = "expected value";
const SUCCESS = "success";

class Server extends FlightServer {
  override getFlightInfo(
    flightDescriptor: FlightDescriptor,
  ): Promise<Init<FlightInfo>> {
    if (textOf(flightDescriptor.cmd) !== SUCCESS) {
      throw new FlightError("UNKNOWN", "Cannot find the flight: only one succeeds");
    }
    return Promise.resolve({
      schema: encodeSchema(new Schema()),
      flightDescriptor,
      endpoint: [{
        ticket: ticketOf("foo"),
        location: [{ uri: "grpc+tcp://localhost:10010" }],
      }],
      totalRecords: -1n,
      totalBytes: -1n,
    });
  }
}

/** Sends the header back as it came. */
const echo: ServerMiddleware = (call, next) => {
  call.responseHeaders.set(HEADER, call.headers.get(HEADER) ?? "");
  return next();
};

async function client(location: string): Promise<void> {
  let received: string | undefined;
  const watch: ClientMiddleware = (call, next) => {
    call.headers.set(HEADER, VALUE);
    call.onReceived((headers) => received = headers.get(HEADER) ?? received);
    return next();
  };
  await using client = new FlightClient(location, { middleware: [watch] });

  await assertRejects(() => client.getFlightInfo({ type: "CMD" }), FlightError);
  assertEquals(received, VALUE);

  received = undefined;
  await client.getFlightInfo(commandDescriptor(SUCCESS));
  assertEquals(received, VALUE);
}

/** The scenario's two halves. */
export const middleware: Scenario = {
  server: (options) => new Server({ ...options, middleware: [echo] }),
  client,
};
