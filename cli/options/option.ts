/**
 * What an option of the command is: its flag, its variable of the environment, its
 * member of a configuration file and its line in the help come from one description.
 *
 * @module
 */

/** What the value of an option is. */
export type OptionKind =
  | "text"
  | "file"
  | "list"
  | "flag"
  | "port"
  | "count"
  | "bytes"
  | "time"
  | readonly string[];

/** An option. */
export interface Option {
  /** Its name as a flag, without the dashes. */
  readonly name: string;
  /** Its letter, for options that are typed often. */
  readonly short?: string;
  /** What its value is; a list of texts has to be one of them. */
  readonly kind: OptionKind;
  /** What stands for the value in the help. */
  readonly value?: string;
  /** What it does, in a few words. */
  readonly help: string;
  /** What it is when it is left out, for the help. */
  readonly byDefault?: string;
}

/** A group of options in the help. */
export interface OptionGroup {
  /** What they have in common. */
  readonly title: string;
  /** Whether variables of the environment set them, too. @default false */
  readonly hasVariables?: boolean;
  /** The options. */
  readonly options: readonly Option[];
}

/** The options of a command. */
export class OptionList {
  /** As the help shows them. */
  readonly groups: readonly OptionGroup[];
  /** All of them, by their names. */
  readonly all: ReadonlyMap<string, Option>;
  /** Those that variables set, too, by their names. */
  readonly variables: ReadonlyMap<string, Option>;

  /** The options in these groups. */
  constructor(groups: readonly OptionGroup[]) {
    this.groups = groups;
    this.all = byName(groups);
    this.variables = byName(groups.filter(({ hasVariables }) => hasVariables));
  }
}

function byName(groups: readonly OptionGroup[]): ReadonlyMap<string, Option> {
  return new Map(
    groups.flatMap(({ options }) =>
      options.map((option) => [option.name, option] as const)
    ),
  );
}

/** The name of an option in a configuration file: `maxBytes` of `max-bytes`. */
export function configName({ name }: Option): string {
  return name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
}

/** The variable of the environment: `TINYFLIGHT_MAX_BYTES` of `max-bytes`. */
export function variableName({ name }: Option): string {
  return `TINYFLIGHT_${name.replaceAll("-", "_").toUpperCase()}`;
}

/** The options that every command has. */
export const HELP: Option = {
  name: "help",
  short: "h",
  kind: "flag",
  help: "print this",
};
