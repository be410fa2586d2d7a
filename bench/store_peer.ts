/**
 * A TinyServer over a store, which bench/stores.ts drives. It prints its port, and
 * serves until it is killed.
 *
 *     store_peer.ts memory
 *     store_peer.ts directory FOLDER
 *     store_peer.ts s3 ENDPOINT LOCATION
 *
 * @module
 */
import { MemoryStore, TinyServer } from "../server.ts";
import { DirectoryStore } from "../stores/directory/mod.ts";
import { S3Store } from "../stores/s3/mod.ts";
import type { TableStore } from "../stores/store.ts";

/** The credentials with which the benchmark's object store is started. */
const CREDENTIALS = { accessKeyId: "key", secretAccessKey: "secret" };

async function openStore(kind: string, ...args: string[]): Promise<TableStore> {
  if (kind === "memory") return new MemoryStore();
  if (kind === "directory") return await DirectoryStore.open(args[0]);
  const [endpoint, location] = args;
  return await S3Store.open(location, { endpoint, credentials: CREDENTIALS });
}

const [kind, ...args] = Deno.args;
const store = await openStore(kind, ...args);
const server = await new TinyServer({ hostname: "127.0.0.1", port: 0, store }).listen();
console.log(new URL(server.location).port);
await server.finished;
