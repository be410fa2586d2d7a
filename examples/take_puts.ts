/** A service that takes puts: it overrides doPut, and keeps nothing but sums. */
import {
  commandDescriptor,
  decode,
  encode,
  FlightClient,
  type FlightData,
  FlightError,
  FlightServer,
  textOf,
} from "@tinyflight/flight/flight";
import { tableFromArrays } from "apache-arrow";

class Sums extends FlightServer {
  /** Answers each batch, while the next ones come, with the sum of all `x` until then. */
  override async *doPut(messages: AsyncIterable<FlightData>) {
    const reader = decode(messages);
    const name = textOf((await reader.descriptor())?.cmd ?? new Uint8Array());
    let sum = 0;
    for await (const batch of reader.batches()) {
      const x = batch.getChild("x");
      if (x === null) {
        throw new FlightError("INVALID_ARGUMENT", "Cannot sum: no column x");
      }
      for (const value of x) sum += value;
      yield { appMetadata: new TextEncoder().encode(`${name}: ${sum}`) };
    }
  }
}

await using server = await new Sums({ port: 0 }).listen();
await using client = new FlightClient(server.location);

const batches = [[1, 2, 3], [10, 20]].flatMap((x) => tableFromArrays({ x }).batches);
const messages = encode(batches, { descriptor: commandDescriptor("steps") });
for await (const { appMetadata } of client.doPut(messages)) {
  console.log(textOf(appMetadata)); // steps: 6, steps: 36
}
