/**
 * The command `tinyflight` in a process of its own, as a client.
 *
 * @module
 */
import { LineProcess } from "./line_process.ts";
import { type Ended, ROOT } from "./deno_process.ts";

/** After this time a command of the tests is killed, in milliseconds. */
const MAX_TIME = 300_000;

/** How a command is run. */
export interface RunOptions {
  /** The folder in which it runs. @default the repository */
  readonly cwd?: string;
  /** Variables of the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** What stands on its standard input. @default nothing */
  readonly stdin?: string | Uint8Array;
}

/** A folder for files, a server's location, and commands that use both. */
export class Shell implements AsyncDisposable {
  /** The folder in which the commands run. */
  readonly folder: string = Deno.makeTempDirSync();
  readonly #env: Readonly<Record<string, string>>;

  /** Commands that use the server at this location, unless they say another. */
  constructor(location: string, env: Readonly<Record<string, string>> = {}) {
    this.#env = { ...CLEAN, TINYFLIGHT_LOCATION: location, ...env };
  }

  /** Writes a file, and gives its name. */
  async write(name: string, content: string | Uint8Array): Promise<string> {
    const path = `${this.folder}/${name}`;
    if (typeof content === "string") await Deno.writeTextFile(path, content);
    else await Deno.writeFile(path, content);
    return name;
  }

  /** The text of a file. */
  async read(name: string): Promise<string> {
    return await Deno.readTextFile(`${this.folder}/${name}`);
  }

  /** The names of the files, hidden ones, too. */
  get files(): string[] {
    return [...Deno.readDirSync(this.folder)].map(({ name }) => name).sort();
  }

  /** Runs the command to its end. */
  async run(...args: string[]): Promise<Ended> {
    return await this.runWith({}, ...args);
  }

  /** Runs the command to its end, as the options say. */
  async runWith({ env, stdin = "" }: RunOptions, ...args: string[]): Promise<Ended> {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...PROGRAM, ...args],
      cwd: this.folder,
      env: { ...this.#env, ...env },
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      signal: AbortSignal.timeout(MAX_TIME),
    }).spawn();
    const bytes = typeof stdin === "string" ? new TextEncoder().encode(stdin) : stdin;
    const input = child.stdin.getWriter();
    const fed = input.write(bytes).then(() => input.close()).catch(() => {
      // It does not read what it does not need.
    });
    const { code, stdout, stderr } = await child.output();
    await fed;
    const [out, err] = [stdout, stderr].map((part) => new TextDecoder().decode(part));
    return { code, stdout: out, stderr: err };
  }

  /** Starts the command. */
  start(...args: string[]): LineProcess {
    return new LineProcess(Deno.execPath(), [...PROGRAM, ...args], {
      cwd: this.folder,
      env: this.#env,
      stdin: "null",
    });
  }

  /** Runs a line in bash, in which `tinyflight` is the command. */
  async bash(line: string): Promise<Ended> {
    const script = `set -o pipefail\ntinyflight() { "$DENO" ${
      PROGRAM.map((word) => `'${word}'`).join(" ")
    } "$@"; }\n${line}`;
    const command = new Deno.Command("bash", {
      args: ["-c", script],
      cwd: this.folder,
      env: {
        ...this.#env,
        DENO: Deno.execPath(),
        CONFIG: `${ROOT}deno.json`,
        CLI: `${ROOT}cli.ts`,
      },
      stdin: "null",
      signal: AbortSignal.timeout(MAX_TIME),
    });
    const { code, stdout, stderr } = await command.output();
    const [out, err] = [stdout, stderr].map((part) => new TextDecoder().decode(part));
    return { code, stdout: out, stderr: err };
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

const PROGRAM: readonly string[] = [
  ...[
    "run",
    "-q",
    "-A",
    "--no-prompt",
    "--config",
    `${ROOT}deno.json`,
    `${ROOT}cli.ts`,
  ],
];
/** A variable of whoever runs the tests changes nothing. */
const CLEAN: Readonly<Record<string, string>> = {
  NO_COLOR: "1",
};
