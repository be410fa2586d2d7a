/** The memory store keeps the promises of a store. */
import { MemoryStore } from "../../server.ts";
import { testStore } from "../../stores/testing/mod.ts";

testStore(
  () => ({ store: new MemoryStore() }),
  (name, run) => Deno.test(`MemoryStore: ${name}`, run),
);
