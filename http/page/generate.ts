/**
 * Writes files.json: the files of the page as texts, with its scripts as JavaScript. A
 * module on JSR cannot read a file that lies beside it, but can import this JSON.
 *
 * @module
 */
import { stripTypeScriptTypes } from "node:module";

const SOURCES = new URL("./browser/", import.meta.url);

/** The texts of the page's files by their names, as JSON. */
export async function generateFiles(): Promise<string> {
  const files: Record<string, string> = {};
  const names = [...Deno.readDirSync(SOURCES)].map(({ name }) => name)
    .filter((name) => !name.endsWith(".json")).sort();
  for (const name of names) {
    const text = await Deno.readTextFile(new URL(name, SOURCES));
    if (name.endsWith(".ts")) files[name.replace(/ts$/, "js")] = scriptOf(text);
    else files[name] = text;
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
