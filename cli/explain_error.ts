/**
 * Turns what went wrong into one line that says what to do, and into an exit code.
 *
 * @module
 */
import { oneLine } from "../base/one_line.ts";
import { FlightError, type FlightErrorCode } from "../flight/errors.ts";
import { CommandError, EXIT } from "./options/command_error.ts";
import { fileReason } from "./options/read_files.ts";

/** The exit codes of errors of the protocol; of all others FAILURE. */
const EXIT_CODES: { readonly [code in FlightErrorCode]?: number } = {
  NOT_FOUND: EXIT.NOT_FOUND,
  UNAVAILABLE: EXIT.NOT_REACHED,
  UNAUTHENTICATED: EXIT.NOT_ALLOWED,
  PERMISSION_DENIED: EXIT.NOT_ALLOWED,
};

/** What can be done about errors, by their codes and messages. The first counts. */
const HINTS: readonly {
  readonly code: FlightErrorCode;
  readonly message?: RegExp;
  readonly hint: string;
}[] = [
  {
    code: "UNAVAILABLE",
    message: /refused|no such host|no Unix socket|no answer|has answered there within/,
    hint:
      "`tinyflight serve` starts a server, --location (or TINYFLIGHT_LOCATION) says where another one is",
  },
  {
    code: "UNAVAILABLE",
    message: /does not speak TLS/,
    hint: "without TLS its location begins with grpc://",
  },
  {
    code: "UNAVAILABLE",
    message: /authority that is not trusted/,
    hint: "--ca FILE says which authority to trust",
  },
  {
    code: "UNAVAILABLE",
    message: /client certificate|Required|closed the connection right after/i,
    hint: "--cert FILE and --key FILE show one",
  },
  {
    code: "UNAVAILABLE",
    message: /certificate of .* (cannot be used|is not for)/,
    hint: "--server-name NAME says by which name the certificate knows the server",
  },
  {
    code: "UNAVAILABLE",
    message: /before HTTP\/2|HTTP\/2|closed|reset|lost/,
    hint: "if the server speaks TLS, its location begins with grpc+tls://",
  },
  {
    code: "UNKNOWN",
    message: /speaks HTTP, not gRPC/,
    hint: "the Flight server has another port, which `serve` prints first",
  },
  {
    code: "UNAUTHENTICATED",
    message: /shows no certificate/,
    hint: "--cert FILE and --key FILE show one",
  },
  {
    code: "UNAUTHENTICATED",
    hint:
      "log in with --token TOKEN (TINYFLIGHT_TOKEN), or with --user NAME (TINYFLIGHT_USER, TINYFLIGHT_PASSWORD)",
  },
];

/** The error as the command tells it. */
export function explain(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (error instanceof FlightError) {
    const { code } = error;
    const known = HINTS.find((entry) =>
      entry.code === code && (entry.message?.test(error.message) ?? true)
    );
    const hint = known === undefined ? "" : `; ${known.hint}`;
    const message = error.message === ""
      ? `The server answered ${code}`
      : error.message;
    return new CommandError(EXIT_CODES[code] ?? EXIT.FAILURE, message + hint, {
      cause: error,
    });
  }
  const isSystem = error instanceof Error &&
    (error.name === "NotCapable" || "syscall" in error);
  const message = isSystem
    ? `${error.message.split(":")[0]}: ${fileReason(error)}`
    : error instanceof Error
    ? error.message
    : String(error);
  return new CommandError(EXIT.FAILURE, message, { cause: error });
}

/** The line that the command prints of an error. */
export function errorLine(error: CommandError): string {
  return `tinyflight: ${oneLine(error.message.replaceAll(/\s*\n\s*/g, " "))}`;
}
