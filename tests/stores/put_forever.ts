/**
 * Puts and drops tables in a folder until it is killed, and prints each time what it
 * begins and what has been done, a line each: `begin NAME VALUE`, `done NAME VALUE`;
 * the value of a drop is -1.
 *
 *     put_forever.ts FOLDER
 *
 * @module
 */
import { DirectoryStore } from "../../stores/directory/mod.ts";
import { putSample } from "../../stores/testing/samples.ts";
import { killedTable, NAMES } from "./killed_tables.ts";

const store = await DirectoryStore.open(Deno.args[0]);
const print = (line: string) => {
  // At once, before anything else: the process may end at any moment.
  Deno.stdout.writeSync(new TextEncoder().encode(`${line}\n`));
};

await Promise.all(NAMES.map(async (name) => {
  for (let value = 0;; value++) {
    const written = value % 7 === 6 ? -1 : value;
    print(`begin ${name} ${written}`);
    if (written === -1) await store.drop(name);
    else await putSample(store, await killedTable(name, value));
    print(`done ${name} ${written}`);
  }
}));
