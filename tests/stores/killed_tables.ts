/**
 * What a folder has in it after processes that put tables there were killed.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { DirectoryStore, type StoreProblem } from "../../stores/directory/mod.ts";
import {
  assertMessages,
  getTable,
  type Sample,
  sampleTable,
} from "../../stores/testing/samples.ts";
import { DenoProcess } from "../helpers/processes/deno_process.ts";

const PROGRAM = fileURLToPath(new URL("put_forever.ts", import.meta.url));
/** The tables that are put. */
export const NAMES: readonly string[] = ["small", "medium", "Large"];
const ROWS: Record<string, number> = { small: 10, medium: 20_000, Large: 200_000 };

/** The table that is put under this name with this value. */
export function killedTable(name: string, value: number): Promise<Sample> {
  return sampleTable(name, value, { batches: 4, rows: ROWS[name] });
}

/**
 * Lets a process put tables, kills it after some milliseconds, and checks that
 * each table is what was acknowledged last, or what was under way. Does so as often as
 * it is told, in one folder.
 */
export async function killPuts(times: number, longest: number): Promise<void> {
  const folder = await Deno.makeTempDir();
  const known = new Map<string, number[]>(NAMES.map((name) => [name, [-1]]));
  try {
    for (let time = 0; time < times; time++) {
      for (const line of await linesUntilKilled(folder, Math.random() * longest)) {
        const [verb, name, value] = line.split(" ");
        const before = known.get(name) ?? [];
        known.set(name, verb === "done" ? [Number(value)] : [...before, Number(value)]);
      }
      await checkFolder(folder, known);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** The whole lines that the process prints until it is killed. */
async function linesUntilKilled(folder: string, delay: number): Promise<string[]> {
  await using process = new DenoProcess("run", "-A", PROGRAM, folder);
  const first = await process.readLine();
  if (first === undefined) throw new Error((await process.ended()).stderr);
  await new Promise((resolve) => setTimeout(resolve, delay));
  process.kill("SIGKILL");
  const { stdout } = await process.ended();
  return [first, ...stdout.split("\n").slice(0, -1)];
}

/** Checks the tables, and leaves for each only the value that it has. */
async function checkFolder(folder: string, known: Map<string, number[]>) {
  const problems: StoreProblem[] = [];
  const store = await DirectoryStore.open(folder, {
    onProblem: (problem) => problems.push(problem),
  });
  assertEquals(problems, []);
  for (const [name, values] of known) {
    const isThere = await store.get(name) !== undefined;
    const value = isThere ? await valueOf(store, name) : -1;
    assert(values.includes(value), `${name} has ${value}, and not one of ${values}`);
    known.set(name, [value]);
  }
  const left = [...Deno.readDirSync(`${folder}/.tinyflight`)].map(({ name }) => name);
  // A process that was killed before its first put has not made the lock.
  assertEquals(left.filter((name) => name !== "lock"), []);
}

async function valueOf(store: DirectoryStore, name: string): Promise<number> {
  const table = await getTable(store, name);
  const [, { body }] = await Array.fromAsync(table.messages());
  const value = new DataView(body.buffer, body.byteOffset).getFloat64(0, true);
  await assertMessages(table, await killedTable(name, value));
  return value;
}
