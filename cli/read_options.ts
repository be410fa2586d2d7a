/**
 * Collects the options of `serve`: those of the command line come before those of the
 * environment, and these before those of the configuration file.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { nearestNames } from "../base/nearest_names.ts";
import {
  configName,
  FLAGS_ONLY,
  type Option,
  OPTIONS,
  variableName,
} from "./options.ts";
import { readText } from "./files.ts";
import { UsageError } from "./usage_error.ts";
import { type OptionValue, readValue } from "./values.ts";

/** Options that were set, by name. */
export class ServeOptions {
  readonly #values: ReadonlyMap<string, OptionValue>;

  /** These options. */
  constructor(values: ReadonlyMap<string, OptionValue>) {
    this.#values = values;
  }

  /** A text, or undefined when the option is not set. */
  text(name: string): string | undefined {
    return this.#get(name) as string | undefined;
  }

  /** A number: of bytes, or of milliseconds. */
  number(name: string): number | undefined {
    return this.#get(name) as number | undefined;
  }

  /** A list of texts. */
  list(name: string): readonly string[] | undefined {
    return this.#get(name) as readonly string[] | undefined;
  }

  /** Whether a flag is set. */
  flag(name: string): boolean {
    return this.#get(name) === true;
  }

  /** Which of these options are set. */
  among(...names: readonly string[]): string[] {
    return names.filter((name) => this.#get(name) !== undefined);
  }

  #get(name: string): OptionValue | undefined {
    if (!OPTIONS.has(name)) throw new TypeError(`There is no option "${name}"`);
    return this.#values.get(name);
  }
}

/** The options that the flags, the environment and the configuration file set. */
export async function readOptions(
  flags: ReadonlyMap<string, string | boolean>,
): Promise<ServeOptions> {
  const values = new Map<string, OptionValue>();
  const config = flags.get("config") ?? variable("TINYFLIGHT_CONFIG");
  if (typeof config === "string") {
    for (const [name, value] of await readConfig(config)) values.set(name, value);
  }
  for (const [name, option] of OPTIONS) {
    if (FLAGS_ONLY.includes(name)) continue;
    const given = variable(variableName(option));
    if (given === undefined) continue;
    values.set(name, readValue(option, given, variableName(option)));
  }
  for (const [name, given] of flags) {
    if (FLAGS_ONLY.includes(name)) continue;
    values.set(name, readValue(OPTIONS.get(name)!, given, `--${name}`));
  }
  return new ServeOptions(values);
}

/** The options in a configuration file, whose paths are relative to its folder. */
async function readConfig(path: string): Promise<Map<string, OptionValue>> {
  const text = await readText(path, "configuration");
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`Cannot read the configuration "${path}": it is no JSON`, {
      cause: error,
    });
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) {
    throw new UsageError(`Cannot read the configuration "${path}": it is no object`);
  }
  const known = new Map<string, Option>();
  for (const [name, option] of OPTIONS) {
    if (!FLAGS_ONLY.includes(name)) known.set(configName(option), option);
  }
  const values = new Map<string, OptionValue>();
  for (const [name, given] of Object.entries(parsed)) {
    if (name === "$schema") continue;
    const option = known.get(name);
    if (option === undefined) {
      const [near] = nearestNames(name, [...known.keys()]);
      const hint = near === undefined ? "" : `; perhaps you mean "${near}"`;
      throw new UsageError(
        `Cannot use "${name}" of the configuration "${path}": there is no such option${hint}`,
      );
    }
    const value = readValue(option, given, `"${name}" of the configuration "${path}"`);
    values.set(
      option.name,
      option.kind === "file" ? resolve(dirname(path), String(value)) : value,
    );
  }
  return values;
}

/** A variable of the environment, if this process may read it. */
function variable(name: string): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: name });
  return state === "granted" ? Deno.env.get(name) : undefined;
}
