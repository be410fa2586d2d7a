/** What a folder store has after the power went, and on a disk that is full. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { FolderStore } from "../../stores/directory/folder_store.ts";
import type { StoreProblem } from "../../stores/table_file/known_files.ts";
import {
  assertHas,
  assertMessages,
  getTable,
  listNames,
  putSample,
  type Sample,
  sampleTable,
} from "../../stores/testing/samples.ts";
import { assertFlightError } from "../helpers/serving.ts";
import { LossyFiles, PowerLoss } from "./lossy_files.ts";

const NAMES = ["a", "b"];

/** A generator of numbers from 0 to 1, the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed + 1;
  return () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 | 0;
    const mixed = Math.imul(state ^ (state >>> 12), 0x297a2d39);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

async function started(files: LossyFiles): Promise<[FolderStore, StoreProblem[]]> {
  const problems: StoreProblem[] = [];
  const store = new FolderStore(files, "/d", (problem) => problems.push(problem));
  await store.start();
  return [store, problems];
}

/** What may be under a name: what was acknowledged, or what was under way. */
type Allowed = Map<string, (Sample | undefined)[]>;

/** Puts and drops at random until the power goes; tells what may be there then. */
async function workUntilPowerLoss(
  store: FolderStore,
  samples: readonly Sample[],
  random: () => number,
): Promise<Allowed> {
  const allowed: Allowed = new Map(NAMES.map((name) => [name, [undefined]]));
  const work = async (name: string) => {
    const own = samples.filter((sample) => sample.name === name);
    while (true) {
      const sample = random() < 0.2
        ? undefined
        : own[Math.floor(random() * own.length)];
      const before = allowed.get(name)!;
      allowed.set(name, [...before, sample]);
      if (sample === undefined) await store.drop(name);
      else await putSample(store, sample);
      allowed.set(name, [sample]);
    }
  };
  const ended = await Promise.allSettled(NAMES.map(work));
  for (const result of ended) {
    assert(result.status === "rejected" && result.reason instanceof PowerLoss);
  }
  return allowed;
}

Deno.test("FolderStore has old or new tables, whole, after every loss of power", async () => {
  const samples: Sample[] = [];
  for (const name of NAMES) {
    for (let value = 0; value < 4; value++) {
      samples.push(await sampleTable(name, value, { batches: value, rows: 9 }));
    }
  }
  for (let seed = 0; seed < 400; seed++) {
    const random = randomFrom(seed);
    const files = new LossyFiles({ operations: 3 + Math.floor(random() * 120) });
    const [store] = await started(files);
    const allowed = await workUntilPowerLoss(store, samples, random);
    const left = files.afterPowerLoss(random);
    const [after, problems] = await started(left);
    assertEquals(problems, [], `seed ${seed}`);
    for (const [name, choices] of allowed) {
      const table = await after.get(name);
      const isAllowed = await Promise.any(choices.map(async (sample) => {
        if (sample === undefined) return assertEquals(table, undefined);
        assert(table !== undefined);
        await assertMessages(table, sample);
      })).then(() => true, () => false);
      assert(isAllowed, `seed ${seed}: the table ${name} is none that it may be`);
    }
    const unfinished = left.paths.filter((path) => path.includes("unfinished"));
    assertEquals(unfinished, [], `seed ${seed}`);
  }
});

Deno.test("FolderStore.put() on a full disk is RESOURCE_EXHAUSTED, and leaves the old table", async () => {
  const files = new LossyFiles({ capacity: 100_000 });
  const [store, problems] = await started(files);
  const old = await sampleTable("t", 1, { rows: 3000 });
  await putSample(store, old);
  const used = files.usedBytes;
  const large = await sampleTable("t", 2, { batches: 30, rows: 3000 });
  const error = await assertFlightError(
    () => putSample(store, large),
    "RESOURCE_EXHAUSTED",
  );
  assertEquals(
    error.message,
    "Cannot put the table: the disk is full; drop tables first",
  );
  await assertHas(store, old);
  assertEquals([files.usedBytes, problems], [used, []]);
  await store.drop("t");
  await putSample(store, await sampleTable("t", 3, { rows: 3000 }));
});

Deno.test("FolderStore.start() removes what a process left, and not what another writes", async () => {
  const files = new LossyFiles();
  const [store] = await started(files);
  const sample = await sampleTable("t", 1);
  const more = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const putting = store.put(
    "t",
    sample.descriptor,
    async function* () {
      yield* sample.messages;
      begun.resolve();
      await more.promise;
    }(),
  );
  await begun.promise;
  await (await files.create("/d/.tinyflight/unfinished-left")).close();
  await (await files.create("/d/.tinyflight/other")).close();
  const [other] = await started(files);
  const names = files.paths.map((path) => path.replace(/-[0-9a-f-]{36}$/, "-ID"));
  assertEquals(names, ["/d/.tinyflight/other", "/d/.tinyflight/unfinished-ID"]);
  assertEquals(await listNames(other), []);
  more.resolve();
  await putting;
  await assertMessages(await getTable(other, "t"), sample);
});

Deno.test("FolderStore.put() tells an error of the disk that nobody foresaw as it is", async () => {
  const files = new LossyFiles({ operations: 3 });
  const [store] = await started(files);
  const sample = await sampleTable("t", 1);
  await assertRejects(() => putSample(store, sample), PowerLoss);
});
