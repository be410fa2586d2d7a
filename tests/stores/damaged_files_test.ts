/** Files that were damaged, or that the store has not written. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { FlightError } from "../../mod.ts";
import { FolderStore } from "../../stores/directory/folder_store.ts";
import { DirectoryStore, type StoreProblem } from "../../stores/directory/mod.ts";
import {
  assertHas,
  assertMessages,
  getTable,
  listNames,
  putSample,
  type Sample,
  sampleTable,
} from "../../stores/testing/samples.ts";
import { readStream } from "../helpers/tables/arrow_stream.ts";
import { assertFlightError, collect } from "../helpers/serving.ts";
import { LossyFiles } from "./lossy_files.ts";

/** A folder in which there is the table "t", and what is reported of it. */
async function withTable(sample: Sample) {
  const folder = await Deno.makeTempDir();
  const problems: StoreProblem[] = [];
  const open = () => {
    problems.length = 0;
    return DirectoryStore.open(folder, { onProblem: (found) => problems.push(found) });
  };
  await putSample(await open(), sample);
  return {
    folder,
    path: `${folder}/t.arrows`,
    problems,
    open,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

const SMALL = await sampleTable("t", 1, { batches: 2, rows: 4 });

/**
 * Gives the small table's file these bytes, and tells whether the store then has the
 * table, or knows that it is damaged, and reports it. Fails when it is another.
 */
async function findWith(
  change: (bytes: Uint8Array) => Uint8Array,
): Promise<"right" | "lost"> {
  const files = new LossyFiles();
  const problems: StoreProblem[] = [];
  const open = async () => {
    const store = new FolderStore(files, "/d", (found) => problems.push(found));
    await store.start();
    return store;
  };
  await putSample(await open(), SMALL);
  files.overwrite("/d/t.arrows", change(files.bytesOf("/d/t.arrows").slice()));
  const store = await open();
  try {
    await assertMessages(await getTable(store, "t"), SMALL);
  } catch (error) {
    if (!(error instanceof FlightError) || error.code !== "DATA_LOSS") throw error;
    assertEquals([await listNames(store), problems.length], [[], 1]);
    return "lost";
  }
  assertEquals(problems, []);
  return "right";
}

Deno.test("FolderStore gives no wrong table, whichever byte of its file is changed", async () => {
  let length = 1;
  let right = 0;
  for (let position = 0; position < length; position++) {
    const found = await findWith((bytes) => {
      length = bytes.length;
      bytes[position] ^= 1 << position % 8;
      return bytes;
    });
    if (found === "right") right++;
  }
  const END_MARKER_BYTES = 8;
  assertEquals(right, END_MARKER_BYTES);
});

Deno.test("FolderStore gives no wrong table, wherever its file is cut off", async () => {
  for (let length = 0, whole = 1; length < whole; length++) {
    const found = await findWith((bytes) => {
      whole = bytes.length;
      return bytes.subarray(0, length);
    });
    assertEquals(found, "lost");
  }
});

Deno.test("DirectoryStore tells of a message that was damaged in a large file", async () => {
  const sample = await sampleTable("t", 1, { batches: 4, rows: 200_000 });
  await using at = await withTable(sample);
  const file = await Deno.open(at.path, { write: true });
  await file.seek(4_000_000, Deno.SeekMode.Start);
  await file.write(Uint8Array.of(1, 2, 3));
  file.close();
  const store = await at.open();
  assertEquals([await listNames(store), at.problems], [["t"], []]);
  const rows: number[] = [];
  const error = await assertFlightError(async () => {
    for await (const message of (await getTable(store, "t")).messages()) {
      rows.push(message.rows);
    }
  }, "DATA_LOSS");
  assertEquals(
    error.message,
    'Cannot read the table "t": its file has a message whose checksum is wrong; drop it, or put it again',
  );
  assertEquals(rows, [0, 200_000, 200_000]);
  await assertFlightError(() => store.get("t"), "DATA_LOSS");
  assertEquals(await listNames(store), []);
  assertEquals(at.problems, [{
    path: at.path,
    message:
      `Cannot use "${at.path}" as a table: it has a message whose checksum is wrong; move it away, drop the table, or put it again`,
  }]);
});

Deno.test("DirectoryStore skips what others have put in its folder, and says so once", async () => {
  const sample = await sampleTable("t", 1);
  await using at = await withTable(sample);
  const { folder } = at;
  await Deno.writeFile(`${folder}/foreign.arrows`, readStream("numbers"));
  await Deno.writeTextFile(`${folder}/text.arrows`, "x".repeat(100_000));
  await Deno.writeTextFile(`${folder}/empty.arrows`, "");
  await Deno.mkdir(`${folder}/folder.arrows`);
  await Deno.copyFile(at.path, `${folder}/copy.arrows`);
  await Deno.copyFile(at.path, `${folder}/Copy.arrows`);
  await Deno.writeTextFile(`${folder}/README.md`, "not a table");
  const store = await at.open();
  for (let time = 0; time < 2; time++) {
    assertEquals(await listNames(store), ["t"]);
    await assertHas(store, sample);
    await assertFlightError(() => store.get("foreign"), "DATA_LOSS");
    const found = at.problems.map(({ path }) => path.slice(folder.length + 1)).sort();
    const names = ["Copy", "copy", "empty", "folder", "foreign", "text"];
    assertEquals(found, names.map((name) => `${name}.arrows`));
  }
  const messages = at.problems.map(({ message }) => message).join("\n");
  assertMatch(
    messages,
    /copy\.arrows" as a table: it has the table that belongs in "t\.arrows"/,
  );
  assertMatch(messages, /folder\.arrows" as a table: it cannot be read \(EISDIR\)/);
  assertMatch(messages, /foreign\.arrows" .* was not written by this store/);
});

Deno.test("DirectoryStore replaces and drops tables whose files are damaged", async () => {
  const sample = await sampleTable("t", 1);
  await using at = await withTable(sample);
  for (let time = 0; time < 2; time++) {
    await Deno.truncate(at.path, 100);
    const store = await at.open();
    await assertFlightError(() => store.get("t"), "DATA_LOSS");
    if (time === 0) {
      assertEquals((await putSample(store, sample)).replaced, undefined);
      await assertHas(store, sample);
    } else {
      assert(await store.drop("t"));
      assertEquals(await store.get("t"), undefined);
    }
  }
});

Deno.test("DirectoryStore reads on from a file that is damaged and made good again", async () => {
  const sample = await sampleTable("t", 1);
  await using at = await withTable(sample);
  const bytes = await Deno.readFile(at.path);
  const store = await at.open();
  await Deno.truncate(at.path, 10);
  await assertFlightError(() => store.get("t"), "DATA_LOSS");
  assertEquals(await collect(store.list("")), []);
  await Deno.writeFile(at.path, bytes);
  await assertHas(store, sample);
});
