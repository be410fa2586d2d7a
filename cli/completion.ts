/**
 * The command `completion`: scripts by which shells complete commands.
 *
 * @module
 */
import type { Command, CommandCall } from "./command.ts";
import { UsageError } from "./options/command_error.ts";
import type { Option } from "./options/option.ts";
import { printLine } from "./terminal/output.ts";

const SHELLS: {
  readonly [shell: string]: (commands: readonly Command[]) => string;
} = { bash, zsh, fish };

/** Prints the script for a shell. */
export async function completion(
  { operands: [shell] }: CommandCall,
  commands: readonly Command[],
): Promise<void> {
  if (!Object.hasOwn(SHELLS, shell)) {
    throw new UsageError(
      `Cannot complete for "${shell}": the shells are ${
        Object.keys(SHELLS).join(", ")
      }`,
    );
  }
  await printLine(SHELLS[shell](commands));
}

/** What lists the names of tables, on the server of TINYFLIGHT_LOCATION. */
const NAMES = "tinyflight ls --names 2>/dev/null";

function bash(commands: readonly Command[]): string {
  const cases = commands.map((command) => {
    const { name, options } = command;
    const flags = [...options.all.values()].flatMap(flagsOf).join(" ");
    return `    ${name}) flags="${flags}" operands="${command.completes ?? ""}" ;;`;
  });
  const values = valuesOf(commands).map(([flags, words]) =>
    `    ${flags.join("|")}) COMPREPLY=($(compgen -W "${
      words.join(" ")
    }" -- "$word")); return ;;`
  );
  const files = fileFlags(commands).join("|");
  const others = otherFlags(commands).join("|");
  return `# bash completion of tinyflight
_tinyflight() {
  local word="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD - 1]}"
  local flags="" operands=""
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "${topWords(commands)}" -- "$word"))
    return
  fi
  case "$previous" in
${values.join("\n")}
    ${files}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    ${others}) return ;;
  esac
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
    help) operands="commands" ;;
  esac
  case "$word" in
    -*) COMPREPLY=($(compgen -W "$flags" -- "$word")); return ;;
  esac
  case "$operands" in
    files) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$word") ;;
    tables)
      # What a server calls its tables is never evaluated.
      local name
      while IFS= read -r name; do
        if [[ "$name" == "$word"* ]]; then COMPREPLY+=("$(printf '%q' "$name")"); fi
      done < <(${NAMES})
      ;;
    shells) COMPREPLY=($(compgen -W "${Object.keys(SHELLS).join(" ")}" -- "$word")) ;;
    commands) COMPREPLY=($(compgen -W "${names(commands)}" -- "$word")) ;;
  esac
}
complete -o bashdefault -F _tinyflight tinyflight`;
}

function zsh(commands: readonly Command[]): string {
  const described = commands.map(({ name, summary }) =>
    `    '${name}:${inQuotes(summary)}'`
  );
  const cases = commands.map((command) => {
    const specs = [...command.options.all.values()].map(zshOption);
    const many = command.count[1] > 1 ? "*" : "1";
    const operands = {
      files: `'${many}:file:_files'`,
      tables: `'${many}:table:_tinyflight_tables'`,
      shells: `'1:shell:(${Object.keys(SHELLS).join(" ")})'`,
      commands: "",
      none: "",
    }[command.completes ?? "none"];
    return [
      `    ${command.name}) _arguments -s`,
      ...specs,
      ...operands === "" ? [] : [operands],
    ].join(" \\\n      ") + " ;;";
  });
  return `#compdef tinyflight
# zsh completion of tinyflight
_tinyflight_tables() {
  local -a tables
  tables=("\${(@f)$(${NAMES})}")
  compadd -a tables
}
_tinyflight() {
  local -a commands
  commands=(
${described.join("\n")}
    'help:show the help'
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command="\${words[2]}"
  shift words
  (( CURRENT-- ))
  case "$command" in
${cases.join("\n")}
    help) _describe command commands ;;
  esac
}
compdef _tinyflight tinyflight`;
}

function zshOption(option: Option): string {
  const { name, short, kind, value, help } = option;
  const text = inQuotes(help).replaceAll("[", "(").replaceAll("]", ")")
    .replaceAll(":", "\\:");
  const argument = kind === "flag"
    ? ""
    : `:${inQuotes(value ?? name).replaceAll(":", "\\:")}:${
      kind === "file" ? "_files" : Array.isArray(kind) ? `(${kind.join(" ")})` : ""
    }`;
  const one = (flag: string) => `'${flag}[${text}]${argument}'`;
  return short === undefined
    ? one(`--${name}`)
    : `${one(`-${short}`)} ${one(`--${name}`)}`;
}

function fish(commands: readonly Command[]): string {
  const lines = [
    "# fish completion of tinyflight",
    "complete -c tinyflight -f",
    ...[...commands.map(({ name, summary }) => [name, summary]), [
      "help",
      "show the help",
    ]].map(([name, summary]) =>
      `complete -c tinyflight -n __fish_use_subcommand -a ${name} -d '${
        inFishQuotes(summary)
      }'`
    ),
  ];
  for (const { name, options, completes } of commands) {
    const when = `complete -c tinyflight -n '__fish_seen_subcommand_from ${name}'`;
    const operands = {
      files: `${when} -F`,
      tables: `${when} -a '(${NAMES})'`,
      shells: `${when} -a '${Object.keys(SHELLS).join(" ")}'`,
      commands: "",
      none: "",
    }[completes ?? "none"];
    if (operands !== "") lines.push(operands);
    for (const { name, short, kind, help } of options.all.values()) {
      const letter = short === undefined ? "" : ` -s ${short}`;
      const value = kind === "flag"
        ? ""
        : kind === "file"
        ? " -r -F"
        : Array.isArray(kind)
        ? ` -x -a '${kind.join(" ")}'`
        : " -x";
      lines.push(`${when} -l ${name}${letter}${value} -d '${inFishQuotes(help)}'`);
    }
  }
  return lines.join("\n");
}

function names(commands: readonly Command[]): string {
  return commands.map(({ name }) => name).join(" ");
}

function topWords(commands: readonly Command[]): string {
  return `${names(commands)} help --help --version`;
}

function flagsOf({ name, short }: Option): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

/** The options of all commands, one of each name. */
function allOptions(commands: readonly Command[]): Option[] {
  return [
    ...new Map(commands.flatMap(({ options }) => [...options.all])).values(),
  ];
}

/** The flags that take one of a few words. */
function valuesOf(commands: readonly Command[]): [string[], readonly string[]][] {
  return allOptions(commands).flatMap((option) =>
    typeof option.kind === "string" ? [] : [[flagsOf(option), option.kind]]
  );
}

function fileFlags(commands: readonly Command[]): string[] {
  return allOptions(commands).filter(({ kind }) => kind === "file").flatMap(flagsOf);
}

/** The flags whose values cannot be known. */
function otherFlags(commands: readonly Command[]): string[] {
  return allOptions(commands)
    .filter(({ kind }) =>
      typeof kind === "string" && kind !== "file" && kind !== "flag"
    )
    .flatMap(flagsOf);
}

/** A text as it stands within single quotes of zsh. */
function inQuotes(text: string): string {
  return text.replaceAll("'", "'\\''");
}

/** A text as it stands within single quotes of fish. */
function inFishQuotes(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll("'", "\\'");
}
