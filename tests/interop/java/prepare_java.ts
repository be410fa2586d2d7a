/**
 * The programs in Java with which ours have to agree.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { fileURLToPath } from "node:url";
import { exist, run } from "../install.ts";

/** The least version of Java for which the programs are compiled. */
const MIN_JAVA = 17;
const SOURCE = new URL("./", import.meta.url);
/** Arrow reaches into memory that Java keeps to itself unless it is told. */
const OPENED = "--add-opens=java.base/java.nio=ALL-UNNAMED";

/**
 * Compiles the programs into this directory, unless just these are there already, and
 * gives the environment variable by which the tests find them.
 *
 * @throws {Error} that says what is missing, and how to get it.
 */
export async function prepareJava(
  directory: URL,
): Promise<{ TINYFLIGHT_JAVA: string }> {
  await checkJava();
  const folder = fileURLToPath(new URL("java", directory));
  const marker = `${folder}/${await hashOf(fileURLToPath(SOURCE))}`;
  if (!await exist(marker)) {
    console.log(`Building the programs in Java in ${folder}`);
    await build(folder);
    await Deno.writeTextFile(marker, "");
  }
  return { TINYFLIGHT_JAVA: folder };
}

/** The command line that runs the programs with these words. */
export async function javaCommand(...words: string[]): Promise<string[]> {
  const folder = Deno.env.get("TINYFLIGHT_JAVA");
  if (folder === undefined) {
    throw new Error("Cannot run the interop tests: TINYFLIGHT_JAVA is not set");
  }
  const libraries = await Deno.readTextFile(`${folder}/classpath`);
  return [
    ...["java", OPENED, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"],
    ...["-cp", `${folder}/classes:${libraries.trim()}`, "tinyflight.Peer", ...words],
  ];
}

/** What tells these sources from others. */
async function hashOf(folder: string): Promise<string> {
  const hash = createHash("sha256");
  const sources = [...Deno.readDirSync(`${folder}src/tinyflight`)]
    .map(({ name }) => `src/tinyflight/${name}`);
  for (const path of ["pom.xml", ...sources.sort()]) {
    hash.update(path).update(await Deno.readTextFile(folder + path));
  }
  return hash.digest("hex").slice(0, 16);
}

async function checkJava(): Promise<void> {
  const { output } = await run("java", ["-version"]);
  const version = Number(/version "(\d+)/.exec(output)?.[1]);
  if (version >= MIN_JAVA) return;
  throw new Error(
    `Cannot find Java ${MIN_JAVA} or later: ${
      Number.isNaN(version) ? "there is no `java`" : `there is only ${version}`
    }. Install it (on Debian: apt-get install openjdk-17-jdk-headless maven) and try again`,
  );
}

async function build(folder: string): Promise<void> {
  const goals = ["-q", "-B", "clean", "compile", "dependency:build-classpath"];
  const pom = fileURLToPath(new URL("pom.xml", SOURCE));
  const args = ["-f", pom, ...goals, `-Doutput=${folder}`];
  // What was fetched before need not be asked for again.
  if ((await run("mvn", ["-o", ...args])).success) return;
  const { success, output } = await run("mvn", args);
  if (success) return;
  throw new Error(
    `Cannot build the programs in Java: is there \`mvn\` (on Debian: apt-get install maven), and is Maven Central within reach? It said:\n${output}`,
  );
}
