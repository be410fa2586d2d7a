/**
 * The options that all commands have that speak to a server.
 *
 * @module
 */
import { HELP, type Option, type OptionGroup } from "../options/option.ts";

/** Where a server is when nobody says it. */
export const DEFAULT_LOCATION = "grpc://localhost:5678";

/** Where the server is. */
const LOCATION: Option = {
  name: "location",
  short: "l",
  kind: "text",
  value: "LOCATION",
  help: "the server",
  byDefault: DEFAULT_LOCATION,
};

/** How the caller shows who it is, and how TLS is spoken. */
const LOGIN_AND_TLS: readonly Option[] = [
  { name: "token", kind: "text", value: "TOKEN", help: "log in with this token" },
  {
    name: "user",
    kind: "text",
    value: "NAME",
    help: "log in with a password, which is asked for",
  },
  {
    name: "handshake",
    kind: "flag",
    help: "with --user, log in by a handshake, as older servers do",
  },
  {
    name: "ca",
    kind: "file",
    value: "FILE",
    help: "trust the certificates of these authorities (PEM)",
  },
  {
    name: "cert",
    kind: "file",
    value: "FILE",
    help: "show this certificate of your own (PEM)",
  },
  { name: "key", kind: "file", value: "FILE", help: "its private key (PEM)" },
  {
    name: "server-name",
    kind: "text",
    value: "NAME",
    help: "the name that the server's certificate has to have",
  },
  {
    name: "insecure",
    kind: "flag",
    help: "DANGEROUS: accept any certificate, anybody's",
  },
  {
    name: "header",
    kind: "list",
    value: "NAME:VALUE",
    help: "send this header with each call; can be repeated",
  },
  {
    name: "wait",
    kind: "time",
    value: "TIME",
    help: "try for so long, such as 30s, until the server is there",
  },
];

/** Which server, and how it is reached. */
export const SERVER: OptionGroup = {
  title: "The server",
  hasVariables: true,
  options: [LOCATION, ...LOGIN_AND_TLS],
};

/** The same for a command that names servers by other options. */
export const SERVERS: OptionGroup = {
  title: "The servers",
  hasVariables: true,
  options: [
    { ...LOCATION, help: "in place of --from or --to" },
    ...LOGIN_AND_TLS,
  ],
};

/** What a name is on servers that ask for more than a table's name. */
export const NAMING: readonly Option[] = [
  {
    name: "path",
    kind: "flag",
    help: "NAME is a path: its parts are divided by /",
  },
  {
    name: "command",
    kind: "flag",
    help: "NAME is a command for the server, such as a query",
  },
];

/** Prints less. */
export const QUIET: Option = {
  name: "quiet",
  short: "q",
  kind: "flag",
  help: "print no line about what was done, and no progress",
};

/** For programs that read the output. */
export const JSON_OUTPUT: Option = { name: "json", kind: "flag", help: "print JSON" };

/** The end of each list of options. */
export function other(...options: readonly Option[]): OptionGroup {
  return { title: "Other", options: [...options, HELP] };
}
