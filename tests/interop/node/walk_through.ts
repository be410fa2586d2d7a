/**
 * Puts, lists, gets and drops tables on the server at a location, in any runtime. With
 * a file of JSON it speaks TLS as that says.
 *
 * @module
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { FlightError, TinyClient } from "@tinyflight/flight";
import { tableFromArrays } from "apache-arrow";

/** So many rows take several messages, and fill the windows of HTTP/2. */
const MANY_ROWS = 3_000_000;

const [location, tlsFile] = process.argv.slice(2);
const tls = tlsFile === undefined
  ? undefined
  : JSON.parse(await readFile(tlsFile, "utf8"));
const client = await TinyClient.connect(location, { tls, timeout: 0 });

await client.putTable("small", tableFromArrays({ city: ["Suva", "Nadi", "Lautoka"] }));
const large = tableFromArrays({
  index: Int32Array.from({ length: MANY_ROWS }, (_, index) => index),
  half: Float64Array.from({ length: MANY_ROWS }, (_, index) => index / 2),
});
await client.putTable("large", large);
assert.deepEqual((await client.listTables()).sort(), ["large", "small"]);

const cities = await client.getTable("small");
assert.deepEqual([...cities.getChild("city")!], ["Suva", "Nadi", "Lautoka"]);
let rows = 0;
for await (const batch of client.readTable("large")) {
  const { index, half } = batch.get(batch.numRows - 1)!.toJSON();
  rows += batch.numRows;
  assert.deepEqual([index, half], [rows - 1, (rows - 1) / 2]);
}
assert.equal(rows, MANY_ROWS);

for (const name of ["small", "large"]) await client.dropTable(name);
assert.deepEqual(await client.listTables(), []);
await assert.rejects(
  () => client.getTable("small"),
  (error) => error instanceof FlightError && error.code === "NOT_FOUND",
);
await client.close();
console.log("done");
