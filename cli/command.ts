/**
 * What a subcommand is. The help, the completion and the check of a command line come
 * from its description.
 *
 * @module
 */
import type { GivenOptions } from "./options/given_options.ts";
import type { OptionList } from "./options/option.ts";

/** A command line that was read. */
export interface CommandCall {
  /** What is no option. */
  readonly operands: readonly string[];
  /** The options. */
  readonly options: GivenOptions;
}

/** What stands where an operand or a value is typed, for the completion. */
export type Completed = "files" | "tables" | "shells" | "commands";

/** An example in the help. */
export interface Example {
  /** What is typed. */
  readonly line: string;
  /** What it does, in a few words. */
  readonly does: string;
}

/** A subcommand. */
export interface Command {
  /** Its name. */
  readonly name: string;
  /** What follows the name, such as `FILE...`. */
  readonly operands: string;
  /** How many operands there are: at least, and at most. */
  readonly count: readonly [least: number, most: number];
  /** What the operands are. */
  readonly completes?: Completed;
  /** What it does, in one line. */
  readonly summary: string;
  /** Its options. */
  readonly options: OptionList;
  /** How it is used. */
  readonly examples: readonly Example[];
  /** What else its help says. */
  readonly notes?: string;
  /** Runs it. */
  run(call: CommandCall): Promise<void> | void;
}
