/** Clients that take their leave, and do not hang up. */
import { assert, assertEquals } from "@std/assert";
import { TinyClient, TinyServer } from "../../../mod.ts";
import type { TinyServerOptions } from "../../../server.ts";
import { FRAMES, http2Frame, say } from "../../helpers/wire/http2_bytes.ts";

/** A server without a client that means well, as that one would have a place, too. */
async function start(options: TinyServerOptions = {}): Promise<TinyServer> {
  return await new TinyServer({ port: 0, hostname: "127.0.0.1", ...options }).listen();
}

/** A connection on which the client has said that it leaves. */
async function takeLeave({ location }: TinyServer): Promise<Deno.Conn> {
  const port = Number(location.split(":").at(-1));
  const leave = http2Frame({ type: FRAMES.GOAWAY, payload: new Uint8Array(8) });
  const conn = await say(port, [leave]);
  const buffer = new Uint8Array(4096);
  while (await conn.read(buffer) !== null);
  return conn;
}

Deno.test("a client that leaves and does not hang up has its place for maxIdleTime", async () => {
  await using server = await start({ maxConnections: 1, maxIdleTime: 200 });
  using _ = await takeLeave(server);
  await using client = await TinyClient.connect(server.location, { timeout: 20_000 });
  assertEquals(await client.listTables(), []);
});

Deno.test("a server that shuts down does not wait long for clients to hang up", async () => {
  const server = await start();
  using _ = await takeLeave(server);
  const started = performance.now();
  await server.shutdown();
  const taken = performance.now() - started;
  assert(taken < 15_000, `it took ${taken} ms`);
});
