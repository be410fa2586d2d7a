/**
 * The blocks of code on the pages of documentation.
 *
 * @module
 */
import { ROOT } from "./processes/deno_process.ts";

/** Where the pages' servers and clients are; the tests put free ports in its place. */
export const LOCATION = "grpc://localhost:5678";
/** The port on which the pages' servers serve HTTP. */
export const HTTP_PORT = "5679";

/** A page of documentation. */
export interface Page {
  /** Its path in the repository. */
  readonly path: string;
  readonly text: string;
}

/** A block of code. */
export interface Block {
  /** The path of the page that it is on. */
  readonly path: string;
  /** The line of its opening fence, counted from 1. */
  readonly line: number;
  /** The word after the opening fence. */
  readonly language: string;
  readonly code: string;
}

/** The pages: README.md and those beside it, in docs/ and in examples/. */
export async function docPages(): Promise<Page[]> {
  const paths: string[] = [];
  for (const folder of ["", "docs/", "examples/"]) {
    for await (const { name } of Deno.readDir(ROOT + folder)) {
      if (name.endsWith(".md")) paths.push(folder + name);
    }
  }
  return await Promise.all(
    paths.sort().map(async (path) => ({
      path,
      text: await Deno.readTextFile(ROOT + path),
    })),
  );
}

/** The blocks of code of all pages, or of some languages, in order. */
export async function docBlocks(...languages: string[]): Promise<Block[]> {
  return (await docPages()).flatMap(({ path, text }) =>
    [...text.matchAll(/^```(.*)\n([^]*?)^```$/gm)].map((match) => ({
      path,
      line: text.slice(0, match.index).split("\n").length,
      language: match[1],
      code: match[2],
    }))
  ).filter(({ language }) => languages.length === 0 || languages.includes(language));
}

/** The lines of a block, of which each that ends with a backslash goes on in the next. */
export function commandsOf({ code }: Block): string[] {
  return code.replaceAll(/\\\n\s*/g, "").trimEnd().split("\n");
}

/**
 * A folder in which code of the pages runs: it has the files of examples/data, and the
 * certificates that the commands of docs/tls.md make.
 */
export async function makeDocFolder(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await makeCertificates(folder);
  for await (const { name } of Deno.readDir(`${ROOT}examples/data`)) {
    await Deno.copyFile(`${ROOT}examples/data/${name}`, `${folder}/${name}`);
  }
  return folder;
}

/** Runs the commands of docs/tls.md that begin with `openssl`. */
async function makeCertificates(folder: string): Promise<void> {
  const commands = (await docBlocks("sh")).filter(({ path }) => path === "docs/tls.md")
    .flatMap(commandsOf)
    .filter((line) => line.startsWith("openssl "));
  const { success, stderr } = await new Deno.Command("bash", {
    args: ["-euc", commands.join("\n")],
    cwd: folder,
    stdin: "null",
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/**
 * What is missing of the output that a block's comments promise, undefined when nothing
 * is. A comment beside a call that prints, `console.log(x); // 2` or `print(x)  # 2`, is
 * a line of the output. Spaces do not matter, and `...` stands for any text.
 */
export function missingOutput(code: string, output: string): string | undefined {
  const promised = code.matchAll(
    /^\s*(?:console\.log|print)\(.*\);?\s+(?:\/\/|#) (.+)$/gm,
  );
  const lines = output.split("\n").map((line) => line.replaceAll(" ", ""));
  let from = 0;
  for (const [_, comment] of promised) {
    const parts = comment.replaceAll(" ", "").split("...").map(RegExp.escape);
    const pattern = new RegExp(`^${parts.join(".*")}$`);
    const index = lines.findIndex((line, at) => at >= from && pattern.test(line));
    if (index < 0) return comment;
    from = index + 1;
  }
}
