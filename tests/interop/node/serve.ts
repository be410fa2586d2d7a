/**
 * Serves tables until its standard input ends, in any runtime. With a file of JSON it
 * speaks TLS as that says.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { TinyServer } from "@tinyflight/flight";

const [tlsFile] = process.argv.slice(2);
const tls = tlsFile === undefined
  ? undefined
  : JSON.parse(await readFile(tlsFile, "utf8"));
const server = await new TinyServer({ port: 0, tls }).listen();
console.log(server.location);
process.stdin.on("end", () => server.shutdown()).resume();
await server.finished;
console.log("finished");
process.exit();
