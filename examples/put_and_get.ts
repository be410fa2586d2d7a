/** Puts a table on a server under a name, and gets it back. */
import { TinyClient, TinyServer } from "@tinyflight/flight";
import { tableFromArrays } from "apache-arrow";

await using server = await new TinyServer({ port: 0 }).listen();
await using client = await TinyClient.connect(server.location);

const cities = tableFromArrays({
  city: ["Suva", "Lautoka", "Nadi"],
  latitude: Float64Array.of(-18.14, -17.61, -17.8),
});
await client.putTable("cities", cities);

console.log(await client.listTables());
for (const row of await client.getTable("cities")) console.log(row.toString());
