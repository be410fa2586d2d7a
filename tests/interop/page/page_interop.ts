/** The web page in a real browser: what it shows, and to whom. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  Float64,
  Table,
  tableFromArrays,
  tableFromIPC,
  vectorFromArray,
} from "apache-arrow";
import { allowByRules, anyOf, basicLogin, bearerTokens } from "../../../auth/mod.ts";
import { hashPassword, hashToken } from "../../../auth/mod.ts";
import { basicAuth, TinyClient } from "../../../mod.ts";
import { tableFromCsv } from "../../../examples/csv.ts";
import { Authority } from "../../helpers/certificates.ts";
import { Looking } from "./browser.ts";

const ROOT = new URL("../../../", import.meta.url);

/** Puts the two tables of the walk-through. */
async function putWalkThrough(client: TinyClient): Promise<void> {
  for (const name of ["airquality", "fijiquakes"]) {
    const url = new URL(`examples/data/${name}.csv`, ROOT);
    await client.putTable(name, tableFromCsv(await Deno.readTextFile(url)));
  }
}

Deno.test("a server without tables says how to put one", async () => {
  await using looking = await Looking.start();
  const { page, url } = looking;
  await looking.open();
  await page.getByRole("heading", { name: "No tables yet" }).waitFor();
  assertEquals(
    await page.locator("pre").textContent(),
    `curl -T cities.csv "${url}/tables/cities?as=csv"`,
  );
  await looking.check("no tables");
});

Deno.test("three tables are listed and sorted, and one is shown by the keyboard alone", async () => {
  await using looking = await Looking.start();
  const { page, server } = looking;
  await using client = await TinyClient.connect(server.location);
  await putWalkThrough(client);
  await client.putTable("empty", new Table({ x: vectorFromArray([], new Float64()) }));
  await looking.open();
  const names = () => page.locator("tbody a").allTextContents();
  await page.getByRole("link", { name: "fijiquakes" }).waitFor();
  assertEquals(await names(), ["airquality", "empty", "fijiquakes"]);
  assertEquals(
    await page.getByRole("row", { name: "fijiquakes" }).locator("td").allTextContents(),
    ["1,000", "5", "32.7 kB", "just now"],
  );
  await looking.check("three tables");
  await page.getByRole("button", { name: "Rows" }).click();
  assertEquals(await names(), ["fijiquakes", "airquality", "empty"]);
  assertEquals(
    await page.getByRole("columnheader", { name: "Rows" }).getAttribute("aria-sort"),
    "descending",
  );
  // From the button that was used, on to the first table.
  assertEquals(await page.evaluate("document.activeElement.id"), "sort-rows");
  for (let tabs = 0; tabs < 4; tabs++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "fijiquakes" }).waitFor();
  await page.getByText("1,000 rows · 5 columns").waitFor();
  assertEquals(await page.evaluate("document.activeElement.tagName"), "H1");
  assertEquals(await page.title(), "fijiquakes · Tiny Flight");
  const cells = page.locator(".grid tbody tr").first().locator("td");
  assertEquals(await cells.allTextContents(), ["-20.42", "181.62", "562", "4.8", "41"]);
  assertMatch(
    await page.locator(".grid").getByRole("img").nth(2).getAttribute("aria-label") ??
      "",
    /^Histogram from 40 to 680: /,
  );
  await page.getByText("The pictures and figures are of all 1,000 rows.").waitFor();
  await looking.check("fijiquakes");
  await page.goBack();
  await page.getByRole("heading", { name: "Tables" }).waitFor();
  await page.getByRole("link", { name: "empty" }).click();
  await page.getByText("This table has no rows.").waitFor();
  await looking.check("a table without rows");
});

Deno.test("names and values are text, whatever is in them", async () => {
  await using looking = await Looking.start();
  const { page, server } = looking;
  await using client = await TinyClient.connect(server.location);
  const evil = `<img src=x onerror="hacked=1"><script>hacked=1</script>&amp;'"#?/%`;
  await client.putTable(
    evil,
    tableFromArrays({ [evil]: [evil, "javascript:hacked=1"] }),
  );
  await looking.open();
  const link = page.getByRole("link", { name: evil });
  await link.click();
  await page.getByText("2 rows · 1 column ·").waitFor();
  assertEquals(await page.locator("h1").textContent(), evil);
  assertEquals(await page.locator(".column").textContent(), evil);
  assertEquals(await page.locator(".grid tbody td").allTextContents(), [
    evil,
    "javascript:hacked=1",
  ]);
  assertEquals(await page.locator("main img, main script").count(), 0);
  assertEquals(await page.evaluate("typeof hacked"), "undefined");
  await page.getByRole("button", { name: "Drop…" }).click();
  assertEquals(await page.locator("dialog .what").textContent(), evil);
  await page.getByRole("button", { name: "Drop the table" }).click();
  await page.getByRole("heading", { name: "No tables yet" }).waitFor();
  assertEquals(await client.listTables(), []);
});

Deno.test("500 tables, of which one has 2,000 columns, are found and shown in parts", async () => {
  await using looking = await Looking.start();
  const { page, server } = looking;
  await using client = await TinyClient.connect(server.location);
  const one = tableFromArrays({ x: [1, 2, 3] });
  for (let at = 0; at < 499; at++) await client.putTable(`sensors/${at}`, one);
  const columns = Array.from({ length: 2000 }, (_, at) => [
    `column ${at}${at % 7 ? "" : ` with a long name, ${"on and ".repeat(40)}on`}`,
    vectorFromArray([at, null, at / 3], new Float64()),
  ]);
  const long = `wide, with ${"a name that is long and ".repeat(20)}long`;
  await client.putTable(long, new Table(Object.fromEntries(columns)));
  await looking.open();
  await page.getByText("500 tables ·").waitFor();
  assertEquals(await page.locator("tbody tr").count(), 100);
  await looking.check("500 tables");
  await page.getByRole("button", { name: "Show 100 more of 400" }).click();
  assertEquals(await page.locator("tbody tr").count(), 200);
  await page.getByRole("searchbox", { name: "Find a table" }).fill("WIDE");
  assertEquals(await page.locator("tbody tr").count(), 1);
  await page.getByRole("link", { name: long }).click();
  await page.getByText("1–24 of 2,000").waitFor();
  assertEquals(await page.locator("thead th").count(), 24);
  await looking.check("2,000 columns");
  await page.getByRole("button", { name: "Next columns" }).click();
  await page.getByText("25–48 of 2,000").waitFor();
  assertEquals(await page.locator(".column").first().textContent(), "column 24");
  await page.getByRole("searchbox", { name: "Find a column" }).fill("column 199");
  await page.getByText("1–11 of 11 found").waitFor();
  assertEquals(
    await page.locator(".grid tbody tr").first().locator("td").allTextContents(),
    [
      "199",
      ...Array.from({ length: 10 }, (_, at) => `${1990 + at}`),
    ],
  );
  await page.getByRole("searchbox", { name: "Find a column" }).fill("none of them");
  await page.getByText("No column has “none of them” in its name.").waitFor();
  // The list is as it was left.
  await page.getByRole("link", { name: "All tables" }).click();
  const search = page.getByRole("searchbox", { name: "Find a table" });
  assertEquals(await search.inputValue(), "WIDE");
  assertEquals(await page.locator("tbody tr").count(), 1);
  await search.fill("");
  await page.getByRole("link", { name: "sensors/130" }).scrollIntoViewIfNeeded();
  const before = await page.evaluate("scrollY");
  await page.getByRole("link", { name: "sensors/130" }).click();
  // The list has such a text for each of its tables.
  await page.getByRole("heading", { name: "sensors/130" }).waitFor();
  await page.getByText("3 rows · 1 column ·").waitFor();
  assertEquals(await page.evaluate("scrollY"), 0);
  await page.goBack();
  await page.getByText("500 tables ·").waitFor();
  assertEquals(await page.evaluate("scrollY"), before);
});

Deno.test("a table is dropped once that was confirmed, and others' changes appear", async () => {
  await using looking = await Looking.start();
  const { page, server } = looking;
  await using client = await TinyClient.connect(server.location);
  await putWalkThrough(client);
  await looking.open("#table=airquality");
  await page.getByRole("button", { name: "Drop…" }).click();
  await page.getByText("Its 153 rows will be gone for everyone.").waitFor();
  await looking.check("a table to drop");
  assertEquals(await page.evaluate("document.activeElement.textContent"), "Keep it");
  await page.keyboard.press("Enter");
  assertEquals((await client.listTables()).length, 2);
  await page.getByRole("button", { name: "Drop…" }).click();
  await page.getByRole("button", { name: "Drop the table" }).click();
  await page.getByRole("heading", { name: "Tables" }).waitFor();
  assertEquals(await client.listTables(), ["fijiquakes"]);
  await page.getByText("calls/s").waitFor();
  await client.putTable("another", tableFromArrays({ x: [1] }));
  await page.getByRole("link", { name: "another" }).click();
  await client.dropTable("another");
  await page.getByText("There is no table of this name").waitFor();
  await looking.check("a table that is gone");
});

Deno.test("the traffic is shown as it comes", async () => {
  await using looking = await Looking.start();
  const { page, server } = looking;
  await using client = await TinyClient.connect(server.location);
  await looking.open();
  const strip = page.getByRole("group", { name: "Traffic of the server" });
  await strip.waitFor();
  const table = tableFromArrays({ x: new Float64Array(1_000_000) });
  const isDone = strip.getByText(/\d [MG]B\/s/).first().waitFor().then(() => true);
  for (
    let calls = 0;
    !await Promise.race([isDone, undefined]) && calls < 500;
    calls++
  ) {
    await client.putTable("large", table);
  }
  await isDone;
  assertMatch(
    await strip.getByRole("img").getAttribute("aria-label") ?? "",
    /^The last \d+ seconds?: at most [\d.]+ [MG]B a second$/,
  );
});

Deno.test("the page works over TLS, on which browsers speak HTTP/2", async () => {
  await using authority = await Authority.make();
  const tls = { certificates: [await authority.issue("DNS:localhost")] };
  await using looking = await Looking.start({ tls });
  const { page, url } = looking;
  assertMatch(url, /^https:/);
  await looking.open();
  await page.getByText("calls/s").waitFor();
  const csv = await Deno.readFile(new URL("examples/data/airquality.csv", ROOT));
  await looking.drop({ "airquality.csv": csv });
  await page.getByRole("dialog").getByRole("button", { name: "Put" }).click();
  await page.getByText("153 rows · 6 columns").waitFor();
  const protocol = "performance.getEntriesByType('navigation')[0].nextHopProtocol";
  assertEquals(await page.evaluate(protocol), "h2");
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download CSV" }).click();
  const file = await Deno.readTextFile(await (await downloading).path());
  assertEquals(file.split("\n").length, 155);
});

Deno.test("where the server asks, people sign in, and see what they may", async () => {
  const auth = anyOf(
    basicLogin({ users: new Map([["ada", await hashPassword("lovelace")]]) }),
    bearerTokens({ tokens: new Map([[hashToken("secret"), { identity: "reader" }]]) }),
  );
  const allow = allowByRules([
    { who: "ada", may: ["read", "write", "drop", "metrics"], tables: "*" },
    { who: "reader", may: "read", tables: "points" },
  ]);
  await using looking = await Looking.start({ auth, allow });
  const { page, server } = looking;
  const middleware = [basicAuth("ada", "lovelace")];
  await using client = await TinyClient.connect(server.location, { middleware });
  const points = tableFromArrays({ x: [1, 2, 3] });
  await client.putTable("hidden", points);
  await client.putTable("points", points);
  await looking.open("#table=points");
  await page.getByRole("heading", { name: "Sign in" }).waitFor();
  await looking.check("sign in");
  await page.getByLabel("Name", { exact: true }).fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("wrong");
  await page.keyboard.press("Enter");
  await page.getByText("The server does not accept this name and password.").waitFor();
  await looking.check("a wrong password");
  await page.getByRole("radio", { name: "Token" }).check();
  await page.getByRole("textbox", { name: "Token" }).fill("secret");
  await page.keyboard.press("Enter");
  // The reader sees one table, cannot drop or put, and gets it by a link.
  await page.getByText("3 rows · 1 column ·").waitFor();
  assert(await page.getByRole("button", { name: "Drop…" }).isDisabled());
  await page.getByText("you may only read it").waitFor();
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: "Download Arrow" }).click();
  const bytes = await Deno.readFile(await (await downloading).path());
  assertEquals(tableFromIPC(bytes).numRows, 3);
  await page.getByRole("link", { name: "All tables" }).click();
  await page.getByText("1 table ·").waitFor();
  assertEquals(await page.getByRole("link", { name: "hidden" }).count(), 0);
  assertEquals(await page.getByText("calls/s").count(), 0);
  await looking.drop({ "points.arrow": bytes });
  await page.getByRole("dialog").getByRole("button", { name: "Put" }).click();
  await page.getByText(`the server's rules do not allow it to "reader"`).waitFor();
  await page.getByRole("button", { name: "Close" }).click();
  await page.reload();
  await page.getByText("1 table ·").waitFor();
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.getByLabel("Name", { exact: true }).fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("lovelace");
  await page.keyboard.press("Enter");
  await page.getByText("2 tables ·").waitFor();
  await page.getByText("calls/s").waitFor();
  await page.evaluate("sessionStorage.clear()");
  await page.reload();
  await page.getByLabel("Name", { exact: true }).fill("ada");
  await page.getByLabel("Password", { exact: true }).fill("lovelace");
  await page.keyboard.press("Enter");
  await page.getByText("calls/s").waitFor();
  const kept = await page.evaluate("JSON.stringify(sessionStorage)") as string;
  assertMatch(kept, /"Bearer tf1\./);
});

Deno.test("a server that is gone is missed, and found again", async () => {
  await using looking = await Looking.start();
  const { page, server } = looking;
  await using client = await TinyClient.connect(server.location);
  await putWalkThrough(client);
  await looking.open();
  await page.getByRole("link", { name: "fijiquakes" }).waitFor();
  await page.context().setOffline(true);
  await page.getByRole("link", { name: "fijiquakes" }).click();
  await page.getByText("The server cannot be reached.").waitFor();
  await looking.check("a server that is gone");
  await page.context().setOffline(false);
  await page.getByText("1,000 rows · 5 columns").waitFor();
  assertEquals(await page.getByText("The server cannot be reached.").count(), 1);
  assert(await page.locator("#unreachable").isHidden());
});
