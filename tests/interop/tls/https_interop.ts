/** curl and pyarrow with tables over HTTPS, with a token; TinyClient beside them. */
import { assertEquals, assertMatch } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { HttpDoor } from "../../../http/mod.ts";
import { bearerAuth, TinyClient } from "../../../mod.ts";
import { LoginServer } from "../logins/login_server.ts";
import { runPython } from "../python/python.ts";
import { pythonScript } from "../python/python_cases.ts";
import { Certificates } from "./certificates.ts";

const TABLE = tableFromArrays({ x: Int32Array.of(1, 2, 3), y: ["a", "Ω", ""] });

async function curl(...args: string[]): Promise<{ code: number; output: string }> {
  const command = new Deno.Command("curl", {
    args: ["-sS", "--max-time", "30", "-w", "%{http_code}", ...args],
  });
  const { code, stdout, stderr } = await command.output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return { code, output };
}

Deno.test("curl, pyarrow and TinyClient with tables over HTTPS", async () => {
  await using certificates = await Certificates.make();
  const { first, ca, folder } = certificates;
  const http = new HttpDoor({ port: 0 });
  await using server = await LoginServer.start({
    tls: { certificates: [first] },
    http,
  });
  const { token, expiredToken } = server.credentials;
  // The first read is over HTTPS, which trusts only what the runtime does, and then not.
  await using client = await TinyClient.connect(server.location, {
    tls: { ca },
    middleware: [bearerAuth(token)],
  });
  await client.putTable("table", TABLE);
  for (let round = 0; round < 2; round++) {
    assertEquals((await client.getTable("table")).numRows, 3);
  }

  const url = `${http.location}/tables/table`;
  const trust = ["--cacert", certificates.path("ca")];
  const show = (token: string) => ["-H", `authorization: Bearer ${token}`];
  const file = `${folder}/table.arrows`;
  assertEquals(await curl(...trust, ...show(token), "-o", file, url), {
    code: 0,
    output: "200",
  });
  const copy = `${http.location}/tables/copy`;
  const put = await curl(...trust, ...show(token), "-T", file, copy);
  assertMatch(put.output, /"rows":3.*20[01]$/);
  assertEquals((await client.getTable("copy")).numRows, 3);
  for (const headers of [[], show(expiredToken)]) {
    assertMatch((await curl(...trust, ...headers, url)).output, /401$/);
  }
  const stranger = await curl("--cacert", certificates.path("other_ca"), url);
  assertEquals(stranger.code, 60, stranger.output);

  const script = pythonScript("tls/https");
  const rows = await runPython(script, url, certificates.path("ca"), token);
  assertEquals(rows, "3\n");
});
