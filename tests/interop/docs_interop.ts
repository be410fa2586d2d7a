/** The Python on the pages of documentation, with a TinyServer. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient, TinyServer, type TinyServerOptions } from "../../mod.ts";
import { DirectoryStore } from "../../stores/directory/mod.ts";
import {
  docBlocks,
  LOCATION,
  makeDocFolder,
  missingOutput,
} from "../helpers/doc_blocks.ts";
import { runPythonWith } from "./python/python.ts";

const TLS_LOCATION = LOCATION.replace("grpc:", "grpc+tls:");

/** Who may call a server when the code shows a token, or has a password. */
const AUTH: TinyServerOptions["auth"] = {
  login: (name, password) =>
    name === "ada" && password === "lovelace" ? "secret" : undefined,
  verify: (token) => token === "secret" ? "ada" : undefined,
};

for (const { path, line, code } of await docBlocks("python")) {
  Deno.test(`The Python at ${path}:${line} runs`, async () => {
    const folder = await makeDocFolder();
    try {
      const needsAuth = /authorization|authenticate/.test(code);
      const location = code.includes(TLS_LOCATION) ? TLS_LOCATION : LOCATION;
      await using server = await new TinyServer({
        port: 0,
        auth: needsAuth ? AUTH : undefined,
        tls: location === TLS_LOCATION ? await readTls(folder) : undefined,
      }).listen();
      if (code.includes("data/")) await makeTables(`${folder}/data`);
      else assert(code.includes(location), "it uses no server and no file");
      const script = `${folder}/script.py`;
      await Deno.writeTextFile(script, code.replaceAll(location, server.location));
      const output = await runPythonWith({ cwd: folder }, script);
      assertEquals(missingOutput(code, output), undefined, output);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

/** How a server speaks TLS that asks for certificates, with the pages' own. */
async function readTls(folder: string): Promise<TinyServerOptions["tls"]> {
  const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
  const certificate = { cert: await read("server.pem"), key: await read("server.key") };
  return { certificates: [certificate], clientCa: await read("ca.pem") };
}

/** Makes the folder of a server, with the table that the pages name. */
async function makeTables(folder: string): Promise<void> {
  const store = await DirectoryStore.open(folder);
  await using server = await new TinyServer({ port: 0, store }).listen();
  await using client = await TinyClient.connect(server.location);
  await client.putTable("fijiquakes", tableFromArrays({ depth: [562, 650] }));
}
