/** Tables in a folder: they outlive the server, and other programs open their files. */
import { TinyClient, TinyServer } from "@tinyflight/flight";
import { DirectoryStore } from "@tinyflight/flight/stores/directory";
import { tableFromArrays, tableFromIPC } from "apache-arrow";
import { join } from "node:path";

const folder = await Deno.makeTempDir();
for (const run of ["first", "second"]) {
  const store = await DirectoryStore.open(folder);
  await using server = await new TinyServer({ port: 0, store }).listen();
  await using client = await TinyClient.connect(server.location);
  console.log(`the ${run} server has: ${await client.listTables()}`);
  const city = ["Suva", "Nadi"];
  await client.putTable("cities", tableFromArrays({ city, run: [run, run] }));
}

// The table is a file of Arrow's stream format; pyarrow and polars open it, too.
const file = await Deno.readFile(join(folder, "cities.arrows"));
console.log(tableFromIPC(file).toArray().map((row) => row.toJSON()));
await Deno.remove(folder, { recursive: true });
