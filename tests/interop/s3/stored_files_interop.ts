/** The files and objects of the stores, opened by pyarrow. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { DirectoryStore, type TableStore } from "../../../stores/directory/mod.ts";
import { verifiedMessages } from "../../../tables/verified_messages.ts";
import {
  readStream,
  splitStream,
  streamNames,
} from "../../helpers/tables/arrow_stream.ts";
import { runPython } from "../python/python.ts";
import { pythonScript } from "../python/python_cases.ts";
import { Gateway } from "./s3_gateway.ts";

const STREAMS = fileURLToPath(new URL("../../data/", import.meta.url));

/** Puts every stream of tests/data. */
async function putStreams(store: TableStore): Promise<void> {
  for (const name of streamNames()) {
    const stream = ReadableStream.from(splitStream(readStream(name)));
    const cmd = new TextEncoder().encode(name);
    await store.put(name, { type: "CMD", cmd, path: [] }, verifiedMessages(stream));
  }
}

/** Fails unless pyarrow finds in each file of the folder what tests/data has in it. */
async function assertOpened(folder: string): Promise<void> {
  const output = await runPython(pythonScript("s3/open_files"), folder, STREAMS);
  assertEquals(output.trim().split("\n"), streamNames().map((name) => `${name} same`));
}

Deno.test("pyarrow opens every file of a DirectoryStore, and finds what was put", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await putStreams(await DirectoryStore.open(folder));
    await assertOpened(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("pyarrow opens every object of an S3Store, and finds what was put", async () => {
  await using gateway = await Gateway.start();
  await putStreams(await gateway.store("prefix"));
  // The gateway keeps each object as a file.
  await assertOpened(gateway.files()[0].replace(/[^/]+$/, ""));
});
