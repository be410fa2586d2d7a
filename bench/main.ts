/**
 * Every benchmark, one after the other, or those that are named, with their options;
 * "figures" writes docs/performance.md from what the others have written:
 *
 *     deno task bench
 *     deno task bench stores many_stored
 *     deno task bench stores --rounds 1 --megabytes 500
 *
 * @module
 */
import { fileURLToPath } from "node:url";

const ALL = ["codec", "crowd", "scale", "stores", "many_stored", "transfer", "figures"];

const isOption = (argument: string) => argument.startsWith("-");
const first = Deno.args.findIndex(isOption);
const names = first < 0 ? Deno.args : Deno.args.slice(0, first);
const options = first < 0 ? [] : Deno.args.slice(first);
const unknown = names.filter((name) => !ALL.includes(name));
if (unknown.length > 0) {
  console.error(
    `There is no benchmark ${unknown.join(", ")}; there are ${ALL.join(", ")}`,
  );
  Deno.exit(2);
}
for (const name of names.length > 0 ? names : ALL) {
  console.log(`\n${name}`);
  const program = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  const args = ["run", "-A", program, ...options];
  const { code } = await new Deno.Command(Deno.execPath(), { args }).spawn().status;
  if (code !== 0) Deno.exit(code);
}
