/**
 * Writes docs/page.png: the page, as it shows a table of the walk-through.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { tableFromCsv } from "../../../examples/csv.ts";
import { HttpDoor } from "../../../http/mod.ts";
import { TinyClient, TinyServer } from "../../../mod.ts";
import { prepareChromium } from "./prepare_chromium.ts";

const ROOT = new URL("../../../", import.meta.url);
const SIZE = { width: 1200, height: 700 };
/** For so many seconds there is traffic to draw. */
const SECONDS = 12;

const { TINYFLIGHT_CHROMIUM: executablePath } = await prepareChromium();
const http = new HttpDoor({ port: 0 });
await using server = await new TinyServer({ port: 0, http }).listen();
await using client = await TinyClient.connect(server.location);
for (const name of ["airquality", "fijiquakes"]) {
  const csv = await Deno.readTextFile(new URL(`examples/data/${name}.csv`, ROOT));
  await client.putTable(name, tableFromCsv(csv));
}
const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
const page = await browser.newPage({ viewport: SIZE });
await page.goto(`${http.location}/#table=fijiquakes`);
await page.getByText("1,000 rows · 5 columns").waitFor();
for (let second = 1; second <= SECONDS; second++) {
  for (let call = 0; call < 40 * (1 + second % 5); call++) {
    await client.getTable("fijiquakes");
  }
  await page.waitForTimeout(1000);
}
await page.locator("h1").blur();
await page.screenshot({ path: fileURLToPath(new URL("docs/page.png", ROOT)) });
await browser.close();
