/** A folder that is taken from beneath a store: removed, unmounted, or forbidden. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { FlightError } from "../../mod.ts";
import type { FileSystem } from "../../stores/directory/file_system.ts";
import { FolderStore } from "../../stores/directory/folder_store.ts";
import { DirectoryStore, type TableStore } from "../../stores/directory/mod.ts";
import {
  assertHas,
  listNames,
  putSample,
  sampleTable,
} from "../../stores/testing/samples.ts";
import { assertFlightError } from "../helpers/serving.ts";
import { LossyFiles } from "./lossy_files.ts";

const SAMPLE = await sampleTable("t", 1);
const OTHER = await sampleTable("t", 2);

/** All that a caller can do with a store, apart from reading a table that is there. */
function calls(store: TableStore): { [call: string]: () => Promise<unknown> } {
  return {
    "get none": () => store.get("none"),
    list: () => listNames(store),
    put: () => putSample(store, OTHER),
    "put new": () =>
      store.put("t", OTHER.descriptor, unread(), { replaces: "another revision" }),
    drop: () => store.drop("t"),
  };
}

async function* unread() {
  yield* OTHER.messages;
}

/** Fails unless every call is UNAVAILABLE, for this reason; gives the last error. */
async function assertUnavailable(
  store: TableStore,
  reason: string,
): Promise<FlightError> {
  let last: FlightError | undefined;
  for (const [call, run] of Object.entries(calls(store))) {
    last = await assertFlightError(run, "UNAVAILABLE");
    assert(last.message.includes(reason), `${call}: ${last.message}`);
  }
  return last!;
}

Deno.test("DirectoryStore is UNAVAILABLE while its folder is gone, and then has all tables", async () => {
  const above = await Deno.makeTempDir();
  try {
    const folder = `${above}/tables`;
    const store = await DirectoryStore.open(folder);
    await putSample(store, SAMPLE);
    await Deno.rename(folder, `${above}/elsewhere`);
    await assertUnavailable(store, "the store's folder is gone");
    await assertFlightError(() => store.get("t"), "UNAVAILABLE");
    // The mount point of a disk that is not mounted.
    await Deno.mkdir(folder);
    await assertUnavailable(store, "the store's folder is gone");
    const error = await assertFlightError(() => store.get("t"), "UNAVAILABLE");
    assertMatch(String(error.cause), /There is no folder ".*": was it removed/);
    assertEquals([...Deno.readDirSync(folder)], []);
    await Deno.remove(folder);
    await Deno.writeTextFile(folder, "a file");
    await assertUnavailable(store, "the store's folder is gone");
    await Deno.remove(folder);
    await Deno.rename(`${above}/elsewhere`, folder);
    await assertHas(store, SAMPLE);
    await putSample(store, OTHER);
    await assertHas(store, OTHER);
    assertEquals([...Deno.readDirSync(`${folder}/.tinyflight`)].length, 1);
  } finally {
    await Deno.remove(above, { recursive: true });
  }
});

/** A file system whose every method fails with the system's error of this code. */
function failing(files: FileSystem, code: () => string | undefined): FileSystem {
  return new Proxy(files, {
    get(target, name: keyof FileSystem) {
      const method = target[name].bind(target) as (...args: unknown[]) => unknown;
      return (...args: unknown[]) => {
        const now = code();
        if (now === undefined) return method(...args);
        return Promise.reject(Object.assign(new Error(now), { code: now }));
      };
    },
  });
}

const REASONS: Readonly<Record<string, string>> = {
  EACCES: "the server lacks the permission for its folder",
  EPERM: "the server lacks the permission for its folder",
  EROFS: "the disk can only be read",
  EIO: "the disk has failed",
  ESTALE: "the disk has gone away",
};

for (const [code, reason] of Object.entries(REASONS)) {
  Deno.test(`FolderStore is UNAVAILABLE while the system says ${code}, and loses nothing`, async () => {
    let now: string | undefined;
    const files = failing(new LossyFiles(), () => now);
    const store = new FolderStore(files, "/d", () => {});
    await store.start();
    await putSample(store, SAMPLE);
    now = code;
    await assertUnavailable(store, reason);
    const error = await assertFlightError(() => store.get("t"), "UNAVAILABLE");
    assert(error.message.includes(reason), error.message);
    now = undefined;
    await assertHas(store, SAMPLE);
    await putSample(store, OTHER);
    await assertHas(store, OTHER);
  });
}

Deno.test("FolderStore.put() tells why it failed, though what it wrote cannot be removed", async () => {
  let now: string | undefined;
  const files = failing(new LossyFiles(), () => now);
  const store = new FolderStore(files, "/d", () => {});
  await store.start();
  await putSample(store, SAMPLE);
  const messages = async function* () {
    yield* OTHER.messages;
    now = "EROFS";
  };
  const put = store.put("t", OTHER.descriptor, messages());
  const error = await assertFlightError(() => put, "UNAVAILABLE");
  assert(error.message.includes("the disk can only be read"), error.message);
  now = undefined;
  await assertHas(store, SAMPLE);
});
