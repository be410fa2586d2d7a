/**
 * Makes the package for npm: what `deno pack` makes, with the command `tinyflight`, of
 * which `deno pack` knows nothing. The tarball's name can be given.
 *
 * @module
 */
import { gunzipSync, gzipSync } from "node:zlib";
import config from "../deno.json" with { type: "json" };

/** The program of the command, in the package. */
const BIN = "bin/tinyflight.js";
const PROGRAM = `#!/usr/bin/env node
import process from "node:process";
import { run } from "../cli.js";

process.exit(await run(process.argv.slice(2)));
`;
const ROOT = new URL("../", import.meta.url);
/** A tarball consists of blocks of so many bytes. */
const BLOCK = 512;
/** Where the fields of a file's header are. */
const [NAME, MODE, SIZE, CHECKSUM] = [[0, 100], [100, 8], [124, 12], [148, 8]];

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A file in a tarball: its header, and its content. */
interface Entry {
  readonly header: Uint8Array;
  readonly content: Uint8Array;
}

async function pack(path: string): Promise<void> {
  const command = new Deno.Command(Deno.execPath(), {
    args: ["pack", "--allow-dirty", "--output", path],
    cwd: ROOT,
  });
  const { success } = await command.spawn().status;
  if (!success) throw new Error("Cannot pack: deno pack has failed");
  const tar = new Uint8Array(gunzipSync(await Deno.readFile(path)));
  const entries = [...entriesOf(tar)];
  const changed = entries.map((entry) =>
    nameOf(entry) === "package/package.json" ? withBin(entry) : entry
  );
  const program = entryLike(
    entries[0],
    `package/${BIN}`,
    encoder.encode(PROGRAM),
    0o755,
  );
  await Deno.writeFile(path, gzipSync(joined([...changed, program])));
}

/** The files of a tarball, in order. */
function* entriesOf(tar: Uint8Array): Generator<Entry> {
  for (let at = 0; at + BLOCK <= tar.length && tar[at] !== 0;) {
    const header = tar.subarray(at, at + BLOCK);
    const size = parseInt(text(header, SIZE), 8);
    yield { header, content: tar.subarray(at + BLOCK, at + BLOCK + size) };
    at += BLOCK + padded(size);
  }
}

function withBin(entry: Entry): Entry {
  const manifest = JSON.parse(decoder.decode(entry.content));
  const bin = { tinyflight: `./${BIN}` };
  const content = encoder.encode(JSON.stringify({ ...manifest, bin }, null, 2));
  return entryLike(entry, nameOf(entry), content, 0o644);
}

/** An entry whose owner and time are those of another. */
function entryLike(
  { header }: Entry,
  name: string,
  content: Uint8Array,
  mode: number,
): Entry {
  const made = header.slice();
  write(made, NAME, name);
  write(made, MODE, mode.toString(8).padStart(7, "0"));
  write(made, SIZE, content.length.toString(8).padStart(11, "0"));
  // The sum counts its own field as spaces.
  write(made, CHECKSUM, " ".repeat(CHECKSUM[1]));
  const sum = made.reduce((sum, byte) => sum + byte, 0);
  write(made, CHECKSUM, `${sum.toString(8).padStart(6, "0")}\0 `);
  return { header: made, content };
}

/** The tarball of these files: it ends with two empty blocks. */
function joined(entries: readonly Entry[]): Uint8Array {
  const size = entries.reduce(
    (sum, { content }) => sum + BLOCK + padded(content.length),
    2 * BLOCK,
  );
  const tar = new Uint8Array(size);
  let at = 0;
  for (const { header, content } of entries) {
    tar.set(header, at);
    tar.set(content, at + BLOCK);
    at += BLOCK + padded(content.length);
  }
  return tar;
}

function nameOf({ header }: Entry): string {
  return text(header, NAME);
}

function text(header: Uint8Array, [start, length]: readonly number[]): string {
  return decoder.decode(header.subarray(start, start + length)).replace(/\0.*$/s, "");
}

function write(header: Uint8Array, [start, length]: readonly number[], text: string) {
  header.fill(0, start, start + length);
  header.set(encoder.encode(text), start);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}

const [path = `${config.name.slice(1).replace("/", "-")}-${config.version}.tgz`] =
  Deno.args;
await pack(path);
