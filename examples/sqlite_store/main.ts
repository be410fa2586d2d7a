/** A server over a store of one's own: what one has put, the next one has. */
import { TinyClient, TinyServer } from "@tinyflight/flight";
import { tableFromArrays } from "apache-arrow";
import { SqliteStore } from "./sqlite_store.ts";

const folder = await Deno.makeTempDir();
for (const run of ["first", "second"]) {
  using store = new SqliteStore(`${folder}/tables.sqlite`);
  await using server = await new TinyServer({ port: 0, store }).listen();
  await using client = await TinyClient.connect(server.location);
  console.log(`the ${run} server has: ${await client.listTables()}`);
  await client.putTable("cities", tableFromArrays({ city: ["Suva", "Nadi"] }));
  console.log((await client.getTable("cities")).numRows, "rows");
}
await Deno.remove(folder, { recursive: true });
