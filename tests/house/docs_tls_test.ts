/** The servers that docs/tls.md starts speak TLS with the certificates that it makes. */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { TinyClient } from "../../client.ts";
import { FlightError } from "../../flight/mod.ts";
import { DenoProcess, ROOT } from "../helpers/processes/deno_process.ts";
import { commandsOf, docBlocks, makeDocFolder } from "../helpers/doc_blocks.ts";

const servers = (await docBlocks("sh")).filter(({ path }) => path === "docs/tls.md")
  .flatMap(commandsOf)
  .filter((line) => line.startsWith("tinyflight serve "));

Deno.test("docs/tls.md has servers without and with certificates of clients", () => {
  assertEquals(servers.map((line) => line.includes("--client-ca")), [false, true]);
});

for (const line of servers) {
  Deno.test(`The server of docs/tls.md serves: ${line}`, async () => {
    const folder = await makeDocFolder();
    try {
      // The process runs elsewhere: its files are in the folder.
      const args = line.split(" ").slice(1)
        .map((word) => /\.(pem|key)$/.test(word) ? `${folder}/${word}` : word);
      const command = ["run", "-q", "-A", `${ROOT}cli.ts`, ...args, "--port", "0"];
      await using process = new DenoProcess(...command);
      const first = await process.readLine() ?? "";
      assertMatch(first, /^listening on grpc\+tls:\/\/localhost:\d+$/);
      const location = first.split(" ")[2];
      const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
      const ca = await read("ca.pem");
      const certificate = { cert: await read("ada.pem"), key: await read("ada.key") };
      await using ada = await TinyClient.connect(location, {
        tls: { ca, certificate },
      });
      assertEquals(await ada.listTables(), []);
      if (line.includes("--client-ca")) {
        await using stranger = await TinyClient.connect(location, { tls: { ca } });
        const error = await assertRejects(() => stranger.listTables(), FlightError);
        assertMatch(error.message, /the client shows no certificate/);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}
