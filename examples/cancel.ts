/** A get that is cancelled when enough rows have come. */
import { FlightError, TinyClient, TinyServer } from "@tinyflight/flight";
import { tableFromArrays } from "apache-arrow";

await using server = await new TinyServer({ port: 0 }).listen();
await using client = await TinyClient.connect(server.location);

const number = Float64Array.from({ length: 4_000_000 }, (_, index) => index);
await client.putTable("numbers", tableFromArrays({ number }));

const controller = new AbortController();
let rows = 0;
try {
  for await (
    const batch of client.readTable("numbers", { signal: controller.signal })
  ) {
    rows += batch.numRows;
    if (rows > 1_000_000) controller.abort();
  }
} catch (error) {
  if (!(error instanceof FlightError)) throw error;
  console.log(`${error.code}, after ${rows < number.length ? "a part" : "all"} of it`);
}

// A timeout is in milliseconds. Leaving the loop early cancels the call, too.
for await (const batch of client.readTable("numbers", { timeout: 5000 })) {
  console.log(`the first number is ${batch.getChild("number")?.get(0)}`);
  break;
}
