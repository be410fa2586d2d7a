/**
 * Puts a table into a folder, or gets it from there, in any runtime.
 *
 * @module
 */
import assert from "node:assert/strict";
import process from "node:process";
import { TinyClient, TinyServer } from "@tinyflight/flight";
import { DirectoryStore } from "@tinyflight/flight/stores/directory";
import { tableFromArrays } from "apache-arrow";

const [what, folder] = process.argv.slice(2);
const store = await DirectoryStore.open(folder);
const server = await new TinyServer({ port: 0, store }).listen();
const client = await TinyClient.connect(server.location);
if (what === "put") {
  await client.putTable("cities", tableFromArrays({ city: ["Suva", "Nadi"] }));
}
const cities = await client.getTable("cities");
assert.deepEqual([...cities.getChild("city")!], ["Suva", "Nadi"]);
await client.close();
await server.shutdown();
console.log("done");
