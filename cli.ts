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
import { HttpDoor } from "./http/mod.ts";
import { type CallRecord, describeCall, TinyServer } from "./server.ts";

const HELP = `Tiny Flight keeps Arrow tables and gives them back over Arrow Flight.

Usage: tinyflight serve [options]

  --hostname NAME   the host name or IP address to listen on (localhost)
  --port NUMBER     the port to listen on; 0 picks a free one (5678)
  --http NUMBER     give the tables over HTTP, too, at this port
  --quiet           print no line for each call
  --help            print this

It ends on SIGINT or SIGTERM, once the running calls have ended.`;

/** A mistake in the command's arguments. */
class UsageError extends Error {}

/**
 * Runs the command with these arguments, and gives its exit code: 0, or 1 after a
 * line on standard error that says what was wrong.
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
  const [command, ...rest] = positionals;
  if (command !== "serve" || rest.length > 0) {
    throw new UsageError(
      `Cannot run "${
        positionals.join(" ")
      }": the command is serve, and --help tells more`,
    );
  }
  if (values.hostname === "") {
    throw new UsageError("Cannot listen: the option --hostname is empty");
  }
  await serve({
    hostname: values.hostname,
    port: parsePort(values.port),
    http: values.http === undefined ? undefined : parsePort(values.http),
    quiet: values.quiet,
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
        quiet: { type: "boolean", default: false },
        help: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(`${reason.split(". ")[0]}; --help tells more`, {
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

/** What `serve` was told. */
interface ServeOptions {
  readonly hostname: string;
  readonly port: number;
  readonly http: number | undefined;
  readonly quiet: boolean;
}

async function serve(options: ServeOptions): Promise<void> {
  const { hostname, port, quiet } = options;
  const http = options.http === undefined
    ? undefined
    : new HttpDoor({ port: options.http });
  const onCall = (record: CallRecord) => log(record, quiet);
  const server = new TinyServer({ hostname, port, http, onCall });
  await server.listen();
  console.log(`listening on ${server.location}`);
  if (http !== undefined) console.log(`listening on ${http.location}`);
  const signals: Deno.Signal[] = ["SIGINT", "SIGTERM"];
  // A second signal does what it does to any process: it ends it.
  const ignore = () => {
    for (const signal of signals) Deno.removeSignalListener(signal, stop);
  };
  const stop = () => {
    ignore();
    server.shutdown();
  };
  for (const signal of signals) Deno.addSignalListener(signal, stop);
  await server.finished;
  ignore();
}

function log(record: CallRecord, quiet: boolean): void {
  if (!quiet) console.log(describeCall(record));
  // What nobody foresaw is told in full here, and nowhere else.
  if (record.error?.code === "INTERNAL") console.error(record.error.cause);
}

if (import.meta.main) Deno.exit(await run(Deno.args));
