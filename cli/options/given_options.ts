/**
 * Collects the options of a command: those of the command line come before those of the
 * environment, and these before those of a configuration file.
 *
 * @module
 */
import { dirname, resolve } from "node:path";
import { meantHint } from "../../base/nearest_names.ts";
import { configName, type Option, type OptionList, variableName } from "./option.ts";
import { readText } from "./read_files.ts";
import { UsageError } from "./command_error.ts";
import { type OptionValue, readValue } from "./values.ts";
import { readVariable } from "./variables.ts";

/** The flags of a command line, by their names. */
export type Flags = ReadonlyMap<string, string | boolean>;

/** Options that were set, by name. */
export class GivenOptions {
  readonly #known: OptionList;
  readonly #values: ReadonlyMap<string, OptionValue>;

  /** These options. */
  constructor(known: OptionList, values: ReadonlyMap<string, OptionValue>) {
    this.#known = known;
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
    if (!this.#known.all.has(name)) {
      throw new TypeError(`There is no option "${name}"`);
    }
    return this.#values.get(name);
  }
}

/**
 * The options that the flags, the environment and, for commands that have one, the
 * configuration file set.
 *
 * @throws {UsageError} when one of them is wrong.
 */
export async function readOptions(
  known: OptionList,
  flags: Flags,
): Promise<GivenOptions> {
  const values = new Map<string, OptionValue>();
  const config = known.all.has("config")
    ? flags.get("config") ?? readVariable("TINYFLIGHT_CONFIG")
    : undefined;
  if (typeof config === "string") {
    for (const [name, value] of await readConfig(known, config)) {
      values.set(name, value);
    }
  }
  for (const [name, option] of known.variables) {
    const variable = variableName(option);
    const given = readVariable(variable);
    if (given !== undefined) values.set(name, readValue(option, given, variable));
  }
  for (const [name, given] of flags) {
    values.set(name, readValue(known.all.get(name)!, given, `--${name}`));
  }
  return new GivenOptions(known, values);
}

/** The options in a configuration file, whose paths are relative to its folder. */
async function readConfig(
  list: OptionList,
  path: string,
): Promise<Map<string, OptionValue>> {
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
  for (const option of list.variables.values()) known.set(configName(option), option);
  const values = new Map<string, OptionValue>();
  for (const [name, given] of Object.entries(parsed)) {
    if (name === "$schema") continue;
    const option = known.get(name);
    if (option === undefined) {
      const hint = meantHint(name, known.keys());
      throw new UsageError(
        `Cannot use "${name}" of the configuration "${path}": there is no such option${
          hint === undefined ? "" : `; ${hint}`
        }`,
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
