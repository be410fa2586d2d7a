/** The files of the directory store, opened by pyarrow. */
import { assertEquals } from "@std/assert";
import { verifiedMessages } from "../../tables/verified_messages.ts";
import { DirectoryStore } from "../../stores/directory/mod.ts";
import { readStream, splitStream, streamNames } from "../helpers/arrow_stream.ts";
import { pythonScript } from "./python_cases.ts";
import { runPython } from "./python.ts";

Deno.test("pyarrow opens every file of a DirectoryStore, and finds what was put", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const store = await DirectoryStore.open(folder);
    for (const name of streamNames()) {
      const messages = verifiedMessages(
        ReadableStream.from(splitStream(readStream(name))),
      );
      const cmd = new TextEncoder().encode(name);
      await store.put(name, { type: "CMD", cmd, path: [] }, messages);
    }
    const data = new URL("../data/", import.meta.url).pathname;
    const output = await runPython(pythonScript("open_files"), folder, data);
    assertEquals(
      output.trim().split("\n"),
      streamNames().map((name) => `${name} same`),
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
