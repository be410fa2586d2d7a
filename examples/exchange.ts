/** An exchange: batches go to a service, and come back transformed, one by one. */
import {
  commandDescriptor,
  decode,
  encode,
  FlightClient,
  type FlightData,
  FlightError,
  FlightServer,
} from "@tinyflight/flight/flight";
import { type RecordBatch, tableFromArrays } from "apache-arrow";

class Celsius extends FlightServer {
  override doExchange(messages: AsyncIterable<FlightData>) {
    return encode(this.#converted(decode(messages).batches()));
  }

  async *#converted(batches: AsyncIterable<RecordBatch>) {
    for await (const batch of batches) {
      const column = batch.getChild("fahrenheit");
      if (column === null) {
        throw new FlightError("INVALID_ARGUMENT", "Cannot convert: no such column");
      }
      const celsius = Float64Array.from(column, (degrees) => (degrees - 32) / 1.8);
      yield* tableFromArrays({ celsius }).batches;
    }
  }
}

await using server = await new Celsius({ port: 0 }).listen();
await using client = new FlightClient(server.location);

const days = [[68, 86], [50]].map((day) => Float64Array.from(day));
const batches = days.flatMap((fahrenheit) => tableFromArrays({ fahrenheit }).batches);
const messages = encode(batches, { descriptor: commandDescriptor("convert") });
for await (const { batch } of decode(client.doExchange(messages))) {
  console.log(batch?.getChild("celsius")?.toArray()); // 20, 30 and then 10
}
