/**
 * Reads and writes files in every format, in any runtime.
 *
 * @module
 */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile as writeBytes } from "node:fs/promises";
import { join } from "node:path";
import { Buffer } from "node:buffer";
import process from "node:process";
import { FileError, readFile, writeFile } from "@tinyflight/flight/files";

const folder = await mkdtemp(join(process.cwd(), "files-"));
const csv = 'id,at,note\n9007199254740993,2024-02-29T12:30:00.25Z,\n-1,,"a\nb"\n';
const first = join(folder, "first.csv");
await writeBytes(first, csv);

let path = first;
for (
  const name of ["x.ndjson", "x.parquet", "x.json.gz", "x.arrow", "x.arrows", "x.csv"]
) {
  const file = await readFile(path);
  path = join(folder, name);
  await writeBytes(path, writeFile(file, { name }));
}
let text = "";
const last = await readFile(path);
for await (const chunk of writeFile(last, { format: "csv" })) {
  text += new TextDecoder().decode(chunk);
}
assert.equal(text, csv.replace(".25Z", ".250Z"));

// What the library for Parquet cannot read does not end the process.
const parquet: Uint8Array[] = [];
for await (const chunk of writeFile(await readFile(first), { format: "parquet" })) {
  parquet.push(chunk);
}
let refused = 0;
const bytes = Buffer.concat(parquet);
for (let at = 0; at < bytes.length; at += 7) {
  const damaged = Uint8Array.from(bytes);
  damaged[at] ^= 0xff;
  try {
    const file = await readFile(damaged, { format: "parquet" });
    for await (const _ of file);
  } catch (error) {
    assert.ok(error instanceof FileError, `byte ${at}: ${error}`);
    refused++;
  }
}
assert.ok(refused > 10, `${refused}`);
await rm(folder, { recursive: true });
console.log("done");
