/**
 * TinyServer on Node, which benchmarks drive: it prints its port, and serves until it
 * is killed. With a folder it speaks TLS: cert.pem and key.pem are in it.
 *
 * @module
 */
import { readFileSync } from "node:fs";
import process from "node:process";
import { TinyServer } from "@tinyflight/flight";

const [folder] = process.argv.slice(2);
const read = (name: string) => readFileSync(`${folder}/${name}.pem`, "utf8");
const server = await new TinyServer({
  hostname: "127.0.0.1",
  port: 0,
  tls: folder === undefined
    ? undefined
    : { certificates: [{ cert: read("cert"), key: read("key") }] },
}).listen();
console.log(new URL(server.location).port);
await server.finished;
