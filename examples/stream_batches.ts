/** Streams a table: its batches are made, sent and read one after the other. */
import { TinyClient, TinyServer } from "@tinyflight/flight";
import { type RecordBatch, tableFromArrays } from "apache-arrow";

/** Makes each batch only when the one before it is being sent. */
async function* measurements(batches: number): AsyncGenerator<RecordBatch> {
  for (let index = 0; index < batches; index++) {
    const value = Float64Array.from({ length: 100_000 }, () => Math.random());
    yield tableFromArrays({ value }).batches[0];
  }
}

await using server = await new TinyServer({ port: 0 }).listen();
await using client = await TinyClient.connect(server.location);
await client.putTable("measurements", measurements(20));

let rows = 0;
let sum = 0;
for await (const batch of client.readTable("measurements")) {
  // The server sends only a few batches ahead of this loop.
  for (const value of batch.getChild("value")!) sum += value;
  rows += batch.numRows;
}
console.log(`the mean of ${rows} values is ${(sum / rows).toFixed(1)}`);
