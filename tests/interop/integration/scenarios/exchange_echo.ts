/**
 * The scenario `do_exchange:echo`: what is sent comes back at once, message by message.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { Field, Int32, Schema, Table, vectorFromArray } from "apache-arrow";
import {
  commandDescriptor,
  decode,
  encode,
  FlightClient,
  type FlightData,
  type FlightDataInit,
  FlightError,
  FlightServer,
  textOf,
} from "../../../../flight/mod.ts";
import { assertSameSchema, assertSameValues } from "./compare_data.ts";
import { oneByOne } from "./one_by_one.ts";
import type { Scenario } from "./scenario.ts";
import { utf8 } from "./utf8.ts";

const ECHO = "echo";
const BATCHES = 4;
const ROWS = 10;

class Server extends FlightServer {
  override async *doExchange(
    messages: AsyncIterable<FlightData>,
  ): AsyncGenerator<FlightDataInit> {
    for await (const { flightDescriptor, ...data } of messages) {
      if (flightDescriptor !== undefined && textOf(flightDescriptor.cmd) !== ECHO) {
        throw new FlightError("UNIMPLEMENTED", "Cannot exchange: this is an echo");
      }
      // Some clients send the descriptor by itself.
      if (data.dataHeader.length + data.appMetadata.length > 0) yield data;
    }
  }
}

async function client(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const schema = new Schema([new Field("x", new Int32(), false)]);
  const options = { schema, descriptor: commandDescriptor(ECHO) } as const;
  const items = Array.from({ length: BATCHES }, (_, index) => {
    const x = vectorFromArray(
      Array.from({ length: ROWS }, (_, row) => index + row),
      new Int32(),
    );
    const [batch] = new Table(schema, { x }).batches;
    return { batch, appMetadata: index % 2 === 0 ? utf8(`${index}`) : undefined };
  });
  const echoes = oneByOne(
    items,
    (items) => decode(client.doExchange(encode(items, options))),
  );
  for await (const [sent, { batch, appMetadata }] of echoes) {
    assertSameSchema(batch!.schema, schema);
    assertSameValues(batch!.data, sent.batch.data);
    assertEquals(
      appMetadata && textOf(appMetadata),
      sent.appMetadata && textOf(sent.appMetadata),
    );
  }
}

/** The scenario's two halves. */
export const exchangeEcho: Scenario = {
  server: (options) => new Server(options),
  client,
};
