/**
 * Writes files.json: the files of the page as texts, with its scripts as JavaScript, each
 * with its ETag. A module on JSR cannot read a file that lies beside it, but can import
 * this JSON.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { stripTypeScriptTypes } from "node:module";

const SOURCES = new URL("./browser/", import.meta.url);

/** A file of the page. */
interface PageFile {
  readonly etag: string;
  readonly text: string;
}

/** The page's files by their names, as JSON. */
export async function generateFiles(): Promise<string> {
  const files: Record<string, PageFile> = {};
  const names = [...Deno.readDirSync(SOURCES)].map(({ name }) => name)
    .filter((name) => !name.endsWith(".json")).sort();
  for (const name of names) {
    const source = await Deno.readTextFile(new URL(name, SOURCES));
    const isScript = name.endsWith(".ts");
    const text = isScript ? scriptOf(source) : source;
    const hash = createHash("sha256").update(text).digest("base64url");
    files[isScript ? name.replace(/ts$/, "js") : name] = { etag: `"${hash}"`, text };
  }
  return JSON.stringify(files, null, 2) + "\n";
}

/** The script without its types, which leave spaces where they were. */
function scriptOf(source: string): string {
  return stripTypeScriptTypes(source)
    .replace(/^[ \t]+$|[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .replace(/(from "\.\/\w+)\.ts"/g, '$1.js"');
}

if (import.meta.main) {
  await Deno.writeTextFile(
    new URL("./files.json", import.meta.url),
    await generateFiles(),
  );
}
