/** The directory store keeps the promises of a store. */
import { DirectoryStore } from "../../stores/directory/mod.ts";
import { testStore } from "../../stores/testing/mod.ts";

testStore(
  async () => {
    const folder = await Deno.makeTempDir();
    return {
      store: await DirectoryStore.open(folder),
      other: await DirectoryStore.open(folder),
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
  },
  (name, run) => Deno.test(`DirectoryStore: ${name}`, run),
);
