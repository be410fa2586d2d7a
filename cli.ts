/**
 * The command: `deno run -A jsr:@tinyflight/flight/cli serve` starts a server.
 *
 * @example The server's own help
 * ```ts
 * import { run } from "@tinyflight/flight/cli";
 *
 * await run(["--help"]);
 * ```
 *
 * @module
 */
import { parseArgs } from "node:util";
import { openStore, type StoreChoice } from "./cli/open_store.ts";
import { parseBytes, parseDuration } from "./cli/units.ts";
import config from "./deno.json" with { type: "json" };
import { UnexpectedError } from "./flight/errors.ts";
import { HttpDoor } from "./http/mod.ts";
import { type CallRecord, describeCall, TinyServer } from "./server.ts";

const HELP =
  `Tiny Flight is a server that keeps Arrow tables and sends them over Arrow Flight.

Usage: tinyflight serve [options]

  --hostname NAME   the host name or IP address to listen on (localhost)
  --port NUMBER     the port to listen on; 0 picks a free one (5678)
  --http NUMBER     serve the tables over HTTP, too, on this port
  --allow-open      listen where other machines reach the server, which asks nobody
                    who they are
  --dir PATH        keep the tables in this folder, where they outlive the server
  --s3 s3://B/P     keep the tables in the bucket B, in objects whose keys begin with
                    P/; with the AWS command's environment variables and files
  --piece-bytes N   with --s3, keep larger tables in objects of so many bytes, which
                    clients can read at the same time, such as 256MiB
  --cache-bytes N   keep so many bytes of tables in memory in front of --dir or --s3,
                    such as 2GiB
  --ttl TIME        forget a table so long after it was put, such as 90s, 12h or 7d
  --quiet           print no line for each call
  --version         print the name and version
  --help            print this

It ends on SIGINT (Ctrl+C) or SIGTERM, once the running calls have ended, or at once
with a second signal that comes half a second later or after.`;

/**
 * Signals that follow the first one within this time are repetitions of it, in
 * milliseconds: on Ctrl+C the terminal and `deno task` send one each.
 */
const SAME_SIGNAL_MS = 500;

/** The command's arguments are wrong. */
class UsageError extends Error {}

/**
 * Runs the command with these arguments. Returns its exit code: 0, or 1 after it has
 * printed what is wrong, in one line on standard error.
 */
export async function run(args: readonly string[]): Promise<number> {
  try {
    await dispatch(args);
    return 0;
  } catch (error) {
    console.error(
      `tinyflight: ${error instanceof Error ? error.message : String(error)}`,
    );
    return 1;
  }
}

async function dispatch(args: readonly string[]): Promise<void> {
  const { values, positionals } = parse(args);
  if (values.help) return console.log(HELP);
  if (values.version) return console.log(`${config.name} ${config.version}`);
  const [command, ...rest] = positionals;
  if (command !== "serve" || rest.length > 0) {
    throw new UsageError(
      `Cannot run "${
        positionals.join(" ")
      }": the command is serve; --help shows its options`,
    );
  }
  if (values.hostname === "") {
    throw new UsageError("Cannot listen: the option --hostname is empty");
  }
  await serve({
    hostname: values.hostname,
    port: parsePort(values.port),
    http: values.http === undefined ? undefined : parsePort(values.http),
    allowOpen: values["allow-open"],
    quiet: values.quiet,
    store: parseStore(values),
  });
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        hostname: { type: "string", default: "localhost" },
        port: { type: "string", default: "5678" },
        http: { type: "string" },
        dir: { type: "string" },
        s3: { type: "string" },
        "piece-bytes": { type: "string" },
        "cache-bytes": { type: "string" },
        ttl: { type: "string" },
        "allow-open": { type: "boolean", default: false },
        quiet: { type: "boolean", default: false },
        version: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason.split(". ")[0]}; --help shows the options`, {
      cause: error,
    });
  }
}

function parsePort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port > 65535) {
    throw new UsageError(
      `Cannot use the port "${text}": it has to be a number from 0 to 65535`,
    );
  }
  return port;
}

/** The options that say where tables live, as they were written. */
interface StoreValues {
  readonly dir?: string;
  readonly s3?: string;
  readonly "piece-bytes"?: string;
  readonly "cache-bytes"?: string;
  readonly ttl?: string;
}

function parseStore(values: StoreValues): StoreChoice {
  const { dir, s3, "piece-bytes": piece, "cache-bytes": cache, ttl } = values;
  if (dir !== undefined && s3 !== undefined) {
    throw new UsageError("Cannot keep the tables in two places: --dir and --s3");
  }
  if (dir === "") {
    throw new UsageError("Cannot keep the tables: the option --dir is empty");
  }
  if (cache !== undefined && dir === undefined && s3 === undefined) {
    throw new UsageError(
      "Cannot use --cache-bytes without --dir or --s3: the tables are in memory anyway",
    );
  }
  if (piece !== undefined && s3 === undefined) {
    throw new UsageError("Cannot use --piece-bytes without --s3");
  }
  return {
    dir,
    s3,
    pieceBytes: parseWith(parseBytes, "--piece-bytes", piece, "bytes, such as 256MiB"),
    cacheBytes: parseWith(parseBytes, "--cache-bytes", cache, "bytes, such as 2GiB"),
    timeToLive: parseWith(
      parseDuration,
      "--ttl",
      ttl,
      "a time, such as 90s, 12h or 7d",
    ),
  };
}

function parseWith(
  parse: (text: string) => number | undefined,
  option: string,
  text: string | undefined,
  wanted: string,
): number | undefined {
  if (text === undefined) return undefined;
  const number = parse(text);
  if (number !== undefined) return number;
  throw new UsageError(`Cannot use ${option} "${text}": it has to be ${wanted}`);
}

/** The options of `serve`. */
interface ServeOptions {
  readonly hostname: string;
  readonly port: number;
  readonly http: number | undefined;
  readonly allowOpen: boolean;
  readonly quiet: boolean;
  readonly store: StoreChoice;
}

async function serve(options: ServeOptions): Promise<void> {
  const { hostname, port, allowOpen, quiet } = options;
  using open = await openStore(options.store, {
    env: (name) => Deno.env.get(name),
    tell: (line) => print(quiet ? undefined : line),
    warn: (line) => print(undefined, line),
  });
  const http = options.http === undefined
    ? undefined
    : new HttpDoor({ port: options.http });
  const onCall = (record: CallRecord) => log(record, quiet);
  const server = new TinyServer({
    hostname,
    port,
    allowOpen,
    http,
    onCall,
    store: open.store,
  });
  await server.listen();
  if (allowOpen && !server.loopback) {
    print(
      undefined,
      "warning: every client that reaches this port can change all tables",
    );
  }
  // A program that reads the first line may send a signal at once.
  const shutDown = untilShutDown(server);
  console.log(`listening on ${server.location}`);
  if (http !== undefined) console.log(`listening on ${http.location}`);
  await shutDown;
}

/** Waits until the server is shut down. A signal shuts it down. */
async function untilShutDown(server: TinyServer): Promise<void> {
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM"];
  // SIGHUP is sent when the terminal is closed. Under nohup there is no terminal.
  if (hasTerminal()) signals.push("SIGHUP");
  let timer: ReturnType<typeof setTimeout> | undefined;
  // Without a listener, a signal ends the process at once.
  const stopListening = () => {
    for (const signal of signals) Deno.removeSignalListener(signal, onSignal);
  };
  const onSignal = () => {
    if (timer !== undefined) return;
    timer = setTimeout(stopListening, SAME_SIGNAL_MS);
    Deno.unrefTimer(timer);
    server.shutdown();
  };
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  await server.finished;
  // After a signal its repetition may still come, and must not change the exit code.
  if (timer === undefined) stopListening();
}

function hasTerminal(): boolean {
  return [Deno.stdin, Deno.stdout, Deno.stderr].some((stream) => stream.isTerminal());
}

function log(record: CallRecord, quiet: boolean): void {
  // The client is not told the cause of an unexpected error, so it is printed here.
  const { error } = record;
  const cause = error instanceof UnexpectedError ? error.cause : undefined;
  print(quiet ? undefined : describeCall(record), cause);
}

/** Prints a line, and on standard error what went wrong. */
function print(line: string | undefined, wrong?: unknown): void {
  try {
    if (line !== undefined) console.log(line);
    if (wrong !== undefined) console.error(wrong);
  } catch {
    // The terminal or pipe was closed: the server goes on without a log.
  }
}

if (import.meta.main) Deno.exit(await run(Deno.args));
