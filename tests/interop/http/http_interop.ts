/** Programs without Flight read and put tables of a TinyServer over HTTP. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { HttpDoor } from "../../../http/mod.ts";
import { TinyClient, TinyServer } from "../../../mod.ts";
import { docBlocks, HTTP_PORT } from "../../helpers/doc_blocks.ts";
import { runCases } from "../python/python_cases.ts";

/** Where the pages of documentation have HTTP. */
const DOCS_URL = `http://localhost:${HTTP_PORT}`;

async function start() {
  const http = new HttpDoor({ port: 0 });
  const server = await new TinyServer({ port: 0, http, maxSentBytes: Infinity })
    .listen();
  return { server, http };
}

Deno.test("pyarrow's streams over HTTP: over_http.py", async (t) => {
  const { server } = await start();
  await using _ = server;
  await runCases(t, "http/over_http", server.location);
});

Deno.test("The curl on the pages gets a table, and puts it", async () => {
  const { server, http } = await start();
  await using _ = server;
  const directory = await Deno.makeTempDir();
  try {
    await using client = await TinyClient.connect(server.location);
    const table = tableFromArrays({
      city: ["Suva", "Nadi"],
      latitude: [-18.14, -17.8],
    });
    await client.putTable("cities", table);
    const ofPage = (await docBlocks("sh")).filter(({ path }) =>
      path === "docs/http.md"
    );
    const lines = ofPage.flatMap(({ code }) => code.split("\n"))
      .filter((line) => line.startsWith("curl "));
    assertEquals(lines.length, 7);
    const outputs: string[] = [];
    for (const line of lines) {
      assert(line.includes(DOCS_URL), line);
      const command = new Deno.Command("sh", {
        args: ["-c", line.replace(DOCS_URL, http.location)],
        cwd: directory,
      });
      const { code, stdout } = await command.output();
      outputs.push(new TextDecoder().decode(stdout));
      assertEquals(code, 0, `${line}: ${outputs.at(-1)}`);
    }
    // The version with the ETag is there already, and replaced then.
    assertEquals(outputs[5], "");
    assertEquals(JSON.parse(outputs[6]).name, "cities");
    const cities = await client.getTable("cities");
    assert(cities.numRows > 0);
    assertEquals((await client.getTable("copy")).toArray(), cities.toArray());
    const fromCsv = await client.getTable("from_csv");
    assertEquals(fromCsv.toArray().map(String), cities.toArray().map(String));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
