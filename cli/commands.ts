/**
 * The subcommands. What a command does is loaded when it is run.
 *
 * @module
 */
import { CLIENT_COMMANDS } from "./client/client_commands.ts";
import type { Command } from "./command.ts";
import { HELP, OptionList } from "./options/option.ts";
import { SERVE_OPTIONS } from "./serve/serve_options.ts";

const NO_OPTIONS = new OptionList([{ title: "Other", options: [HELP] }]);

const SERVER_COMMANDS: readonly Command[] = [
  {
    name: "serve",
    operands: "",
    count: [0, 0],
    summary: "start a server that keeps tables",
    options: SERVE_OPTIONS,
    examples: [
      { line: "serve", does: "on localhost, port 5678, tables in memory" },
      { line: "serve --dir tables --http 8080", does: "in a folder, and over HTTP" },
      {
        line:
          "serve --hostname 0.0.0.0 --users users.txt --tls-cert c.pem --tls-key k.pem",
        does: "for other machines",
      },
    ],
    notes:
      `Sizes are such as 64MiB, times such as 90s or 5m, lists have commas. Each option is also a
variable, such as TINYFLIGHT_MAX_BYTES for --max-bytes, and a member of the file of
--config, such as "maxBytes". A flag comes before a variable, a variable before the file.

It ends on SIGINT (Ctrl+C) or SIGTERM, once the running calls have ended, or at once
with a second signal that comes half a second later or after. On SIGHUP it reads its
certificates, users, tokens and rules again.`,
    run: async (call) => (await import("./serve/serve.ts")).serve(call),
  },
  {
    name: "hash-password",
    operands: "NAME",
    count: [1, 1],
    summary: "print a line for the file of serve --users",
    options: NO_OPTIONS,
    examples: [{
      line: "hash-password ada >> users.txt",
      does: "asks for the password",
    }],
    run: async (call) => (await import("./serve/credentials.ts")).printUser(call),
  },
  {
    name: "new-token",
    operands: "NAME [DAYS]",
    count: [1, 2],
    summary: "print a token, and a line for serve --token-file",
    options: NO_OPTIONS,
    examples: [{ line: "new-token backup 90", does: "valid for 90 days" }],
    run: async (call) => (await import("./serve/credentials.ts")).printToken(call),
  },
];

const OTHER_COMMANDS: readonly Command[] = [
  {
    name: "completion",
    operands: "SHELL",
    count: [1, 1],
    completes: "shells",
    summary: "print what makes bash, zsh or fish complete commands",
    options: NO_OPTIONS,
    examples: [
      { line: "completion bash >> ~/.bashrc", does: "for bash" },
      { line: "completion zsh >> ~/.zshrc", does: "for zsh, after compinit" },
      {
        line: "completion fish > ~/.config/fish/completions/tinyflight.fish",
        does: "for fish",
      },
    ],
    run: async (call) => (await import("./completion.ts")).completion(call, COMMANDS),
  },
];

/** A group of commands in the help. */
export interface CommandGroup {
  /** What they have in common. */
  readonly title: string;
  /** The commands. */
  readonly commands: readonly Command[];
}

/** The commands, as the help shows them. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: "Tables on a server", commands: CLIENT_COMMANDS },
  { title: "A server", commands: SERVER_COMMANDS },
  { title: "Other", commands: OTHER_COMMANDS },
];

/** All commands. */
export const COMMANDS: readonly Command[] = COMMAND_GROUPS.flatMap(({ commands }) =>
  commands
);
