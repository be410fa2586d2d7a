/** Limits that hold for one caller: an identity, or an address. */
import { assertEquals, assertMatch } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { bearerTokens } from "../../auth/mod.ts";
import { bearerAuth, MemoryStore, TinyClient, TinyServer } from "../../mod.ts";
import type { TinyServerOptions } from "../../server.ts";
import { assertFlightError, serving } from "../helpers/serving.ts";

const POINTS = tableFromArrays({ x: new Float64Array(1000) });

/** A server whose clients show their names, and a client for each name. */
async function start(options: TinyServerOptions, ...names: string[]) {
  const auth = bearerTokens({ verify: (token) => token });
  const server = await new TinyServer({ port: 0, auth, ...options }).listen();
  const clients = await Promise.all(
    names.map((name) =>
      TinyClient.connect(server.location, { middleware: [bearerAuth(name)] })
    ),
  );
  return {
    clients,
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.close();
      await server.shutdown();
    },
  };
}

Deno.test("maxCallerBytes limits what one identity has put, until it drops something", async () => {
  await using both = await start({ maxCallerBytes: 20_000 }, "ada", "bob");
  const [ada, bob] = both.clients;
  await ada.putTable("a", POINTS);
  await ada.putTable("b", POINTS);
  const error = await assertFlightError(
    () => ada.putTable("c", POINTS),
    "RESOURCE_EXHAUSTED",
  );
  assertMatch(error.message, /would exceed 20000 bytes \(maxCallerBytes\)/);
  await bob.putTable("c", POINTS);
  await ada.dropTable("a");
  await ada.putTable("d", POINTS);
  // A table that somebody else replaces is no longer the first one's.
  await bob.putTable("d", POINTS);
  await ada.putTable("e", POINTS);
  assertEquals(await ada.listTables(), ["b", "c", "d", "e"]);
});

Deno.test("maxCallerBytes counts nothing of what another process has dropped", async () => {
  const store = new MemoryStore();
  await using both = await start({ maxCallerBytes: 20_000, store }, "ada");
  const [ada] = both.clients;
  await ada.putTable("a", POINTS);
  await ada.putTable("b", POINTS);
  await store.drop("a");
  await ada.putTable("c", POINTS);
  assertEquals(await ada.listTables(), ["b", "c"]);
});

Deno.test("maxCallerBytes counts callers without an identity by their address", async () => {
  await using both = await serving({ maxCallerBytes: 10_000 });
  await both.client.putTable("a", POINTS);
  await assertFlightError(
    () => both.client.putTable("b", POINTS),
    "RESOURCE_EXHAUSTED",
  );
});

Deno.test("maxCallerCalls limits the calls of one identity that run", async () => {
  await using both = await start({ maxCallerCalls: 1 }, "ada", "bob");
  const [ada, bob] = both.clients;
  const { promise, resolve } = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  async function* batches() {
    yield POINTS.batches[0];
    begun.resolve();
    await promise;
  }
  const put = ada.putTable("a", batches());
  await begun.promise;
  const error = await assertFlightError(() => ada.listTables(), "RESOURCE_EXHAUSTED");
  assertMatch(error.message, /1 of yours are running, the most \(maxCallerCalls\)/);
  assertEquals(await bob.listTables(), []);
  resolve();
  await put;
  assertEquals(await ada.listTables(), ["a"]);
});
