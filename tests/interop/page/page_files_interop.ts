/** Files that are dropped on the web page, and downloads, in a real browser. */
import { assertEquals } from "@std/assert";
import {
  Field,
  Float64,
  List,
  Table,
  tableFromArrays,
  tableFromIPC,
  vectorFromArray,
} from "apache-arrow";
import { TinyClient } from "../../../mod.ts";
import { Looking } from "./browser.ts";

const ROOT = new URL("../../../", import.meta.url);

Deno.test("CSV and Parquet that are dropped become tables, which come back as Arrow and CSV", async () => {
  await using looking = await Looking.start();
  const { page, server } = looking;
  await using client = await TinyClient.connect(server.location);
  const csv = await Deno.readFile(new URL("examples/data/fijiquakes.csv", ROOT));
  await looking.open();
  await looking.drop({ "fijiquakes.csv": csv });
  await page.getByRole("dialog").getByRole("button", { name: "Put" }).click();
  await page.getByText("1,000 rows · 5 columns").waitFor();
  const download = async (text: string) => {
    const downloading = page.waitForEvent("download");
    await page.getByRole("button", { name: text }).click();
    const file = await downloading;
    const bytes = await Deno.readFile(await file.path());
    return { name: file.suggestedFilename(), bytes };
  };
  const arrow = await download("Download Arrow");
  assertEquals(arrow.name, "fijiquakes.arrows");
  const quakes = await client.getTable("fijiquakes");
  assertEquals(tableFromIPC(arrow.bytes).toArray(), quakes.toArray());
  const back = await download("Download CSV");
  assertEquals(back.name, "fijiquakes.csv");
  const lines = new TextDecoder().decode(back.bytes).split("\n");
  assertEquals(lines.slice(0, 2), [
    "lat,long,depth,mag,stations",
    "-20.42,181.62,562,4.8,41",
  ]);
  assertEquals(lines.length, 1002);
  const list = vectorFromArray([[1]], new List(new Field("item", new Float64())));
  await client.putTable("nested", new Table({ list }));
  await looking.open("#table=nested");
  await page.getByRole("button", { name: "Download CSV" }).click();
  await page.getByText("which CSV cannot hold").waitFor();
  await looking.check("what CSV cannot hold");
  const parquet = await fetch(`${looking.url}/tables/fijiquakes?as=parquet`);
  await looking.drop({ "quakes.parquet": await parquet.bytes() });
  await page.getByRole("dialog").getByRole("button", { name: "Put" }).click();
  await page.getByRole("heading", { name: "quakes", exact: true }).waitFor();
  await page.getByText("1,000 rows · 5 columns").waitFor();
  assertEquals((await client.getTable("quakes")).toArray(), quakes.toArray());
  await looking.drop({ "ragged.csv": new TextEncoder().encode("a,b\n1,2\n3,4,5\n") });
  await page.getByRole("dialog").getByRole("button", { name: "Put" }).click();
  await page.getByText("line 3, column 3: the row has 3 cells").waitFor();
});

Deno.test("files are put by dropping them, under names that can be changed", async () => {
  await using looking = await Looking.start();
  const { page, server, url } = looking;
  await using client = await TinyClient.connect(server.location);
  const points = tableFromArrays({ x: [1, 2, 3] });
  await client.putTable("points", points);
  const response = await fetch(`${url}/tables/points?as=arrow`);
  const file = new Uint8Array(await response.arrayBuffer());
  await looking.open();
  await page.getByRole("link", { name: "points" }).waitFor();
  await looking.drop({ "copy of points.arrow": file, "photo.png": new Uint8Array(9) });
  const name = page.getByRole("textbox", { name: "Name of the table" }).first();
  assertEquals(await name.inputValue(), "copy of points");
  await page.getByText("This is not a CSV, JSON, Arrow or Parquet file").waitFor();
  await looking.check("files to put");
  await page.keyboard.press("Escape");
  await looking.drop({ "damaged.arrow": file.subarray(0, 100), "ok.arrow": file });
  await page.getByRole("dialog").getByRole("button", { name: "Put" }).click();
  await page.getByText("Cannot read the file:").waitFor();
  await page.getByText("On the server", { exact: true }).waitFor();
  await looking.check("a damaged file");
  await page.getByRole("button", { name: "Close" }).click();
  await looking.drop({ "points.arrow": file });
  await page.getByText("Replaces the table of this name.").waitFor();
  await name.fill("ünïcode/copy");
  await page.getByText("Replaces the table of this name.").waitFor({ state: "hidden" });
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "ünïcode/copy" }).waitFor();
  await page.getByText("3 rows · 1 column ·").waitFor();
  const names = await client.listTables();
  assertEquals(names, ["ok", "points", "ünïcode/copy"]);
});

Deno.test("how much of a file was sent is told, and sending it can be cancelled", async () => {
  await using looking = await Looking.start();
  const { page, server } = looking;
  await using client = await TinyClient.connect(server.location);
  const csv = new TextEncoder().encode("x,y\n" + "1234567,text\n".repeat(300_000));
  await looking.open();
  const devtools = await page.context().newCDPSession(page);
  const conditions = { offline: false, latency: 0, downloadThroughput: -1 };
  // It takes longer than all that is looked at meanwhile.
  const uploadThroughput = 100_000;
  await devtools.send("Network.enable");
  await devtools.send("Network.emulateNetworkConditions", {
    ...conditions,
    uploadThroughput,
  });
  await looking.drop({ "long.csv": csv });
  await page.getByRole("dialog").getByRole("button", { name: "Put" }).click();
  await page.getByText(/^[\d.]+ [kM]B of 3.9 MB, [\d.]+ kB a second$/).waitFor();
  await looking.check("a file that is sent");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByText("Cancelled: the server keeps what it had.").waitFor();
  assertEquals(await client.listTables(), []);
  await devtools.send("Network.emulateNetworkConditions", {
    ...conditions,
    uploadThroughput: -1,
  });
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByText("300,000 rows · 2 columns").waitFor();
  await page.getByText("a sample: the first 10,000 of 300,000 rows.").waitFor();
});
