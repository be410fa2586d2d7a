/**
 * gRPC's own test programs in Go, in processes of their own.
 *
 * @module
 */
import { LineProcess } from "../../helpers/processes/line_process.ts";
import type { Certificate } from "./certificate.ts";

/** No case takes as long as this, in milliseconds. */
const MAX_DURATION = 60_000;

/** Go's server of the test service; it runs until it is disposed of. */
export class GoServer extends LineProcess {
  /** The port on which it listens. */
  port = 0;

  /** Starts the program, and waits until it says where it listens. */
  static async start(
    program: string,
    options: { tls?: Certificate } = {},
  ): Promise<GoServer> {
    const { tls } = options;
    const words = tls === undefined ? [] : [
      "-use_tls",
      ...["-tls_cert_file", tls.files.cert],
      ...["-tls_key_file", tls.files.key],
    ];
    // It says where it listens in its log, which goes to where errors go.
    const server = new GoServer(
      "sh",
      ["-c", 'exec "$0" "$@" 2>&1', program, "-port", "0", ...words],
      { env: { GRPC_GO_LOG_SEVERITY_LEVEL: "info" }, stdin: "null" },
    );
    for (let line; (line = await server.readLine()) !== undefined;) {
      const listening = /interop server listening on \S+:(\d+)$/.exec(line);
      if (listening === null) continue;
      server.port = Number(listening[1]);
      return server;
    }
    throw new Error(`Cannot start ${program}: it has ended with ${await server.code}`);
  }
}

/** Where Go's client finds a server, and what it tries. */
export interface GoClientOptions {
  readonly port: number;
  /** A case, by its name in gRPC's documents. */
  readonly testCase: string;
  readonly tls?: Certificate;
}

/** Runs Go's client, and gives what it says when it fails; undefined when it succeeds. */
export async function runGoClient(
  program: string,
  { port, testCase, tls }: GoClientOptions,
): Promise<string | undefined> {
  const words = tls === undefined
    ? []
    : ["-use_tls", "-use_test_ca", "-ca_file", tls.files.ca];
  const { code, signal, stderr } = await new Deno.Command(program, {
    args: ["-server_port", `${port}`, "-test_case", testCase, ...words],
    env: { GRPC_GO_LOG_SEVERITY_LEVEL: "error" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    signal: AbortSignal.timeout(MAX_DURATION),
  }).output();
  if (code === 0) return undefined;
  return `It ended with ${signal ?? code}:\n${new TextDecoder().decode(stderr)}`;
}
