/**
 * Serves tables until its standard input ends, in any runtime. With a file of JSON it
 * speaks TLS as that says; with the word `http` it serves over HTTP as well.
 *
 * @module
 */
import { readFile } from "node:fs/promises";
import process from "node:process";
import { TinyServer } from "@tinyflight/flight";
import { HttpDoor } from "@tinyflight/flight/http";

const [what] = process.argv.slice(2);
const options = what === undefined
  ? {}
  : what === "http"
  ? { http: new HttpDoor({ port: 0 }) }
  : { tls: JSON.parse(await readFile(what, "utf8")) };
const server = await new TinyServer({ port: 0, ...options }).listen();
console.log(server.location);
process.stdin.on("end", () => server.shutdown()).resume();
await server.finished;
console.log("finished");
process.exit();
