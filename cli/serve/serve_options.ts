/**
 * The options of the command `serve`: one list, from which come its flags, variables of
 * the environment, configuration file, JSON schema and help.
 *
 * @module
 */
import { HELP, OptionList } from "../options/option.ts";

/** How a log may look. */
export const LOG_FORMS = ["short", "text", "json"] as const;

/** All options of `serve`, as the help shows them. */
export const SERVE_OPTIONS: OptionList = new OptionList([
  {
    title: "Where it listens",
    hasVariables: true,
    options: [
      {
        name: "hostname",
        kind: "text",
        value: "NAME",
        help: "the host name or IP address to listen on",
        byDefault: "localhost",
      },
      {
        name: "port",
        kind: "port",
        value: "NUMBER",
        help: "the port to listen on; 0 picks a free one",
        byDefault: "5678",
      },
      {
        name: "http",
        kind: "port",
        value: "NUMBER",
        help: "serve the tables over HTTP, too, on this port",
      },
      {
        name: "http-hosts",
        kind: "list",
        value: "NAMES",
        help: "host names by which HTTP reaches it; * for any",
      },
      {
        name: "http-advertise",
        kind: "text",
        value: "URL",
        help: "where clients find HTTP, such as https://example.org",
      },
      {
        name: "cors",
        kind: "list",
        value: "ORIGINS",
        help: "origins of web pages that may use HTTP; * for all",
      },
      {
        name: "advertise",
        kind: "text",
        value: "LOCATION",
        help: "where clients find it, such as grpc+tls://example.org",
      },
      {
        name: "tls-cert",
        kind: "file",
        value: "FILE",
        help: "speak TLS with this certificate (PEM)",
      },
      { name: "tls-key", kind: "file", value: "FILE", help: "its private key (PEM)" },
      {
        name: "client-ca",
        kind: "file",
        value: "FILE",
        help: "accept certificates of these authorities (PEM)",
      },
    ],
  },
  {
    title: "Where tables live",
    hasVariables: true,
    options: [
      {
        name: "dir",
        kind: "file",
        value: "PATH",
        help: "keep the tables in this folder",
      },
      {
        name: "s3",
        kind: "text",
        value: "s3://B/P",
        help: "keep the tables in the bucket B, in objects below P/",
      },
      {
        name: "piece-bytes",
        kind: "bytes",
        value: "SIZE",
        help: "with --s3, keep larger tables in objects of this size",
      },
      {
        name: "cache-bytes",
        kind: "bytes",
        value: "SIZE",
        help: "with --dir or --s3, keep so much of them in memory, too",
      },
      {
        name: "ttl",
        kind: "time",
        value: "TIME",
        help: "forget a table so long after it was put",
      },
    ],
  },
  {
    title: "Who may call",
    hasVariables: true,
    options: [
      {
        name: "users",
        kind: "file",
        value: "FILE",
        help: "users with passwords, one line each: see hash-password",
      },
      {
        name: "token-file",
        kind: "file",
        value: "FILE",
        help: "tokens of programs, one line each: see new-token",
      },
      {
        name: "signing-key",
        kind: "file",
        value: "FILE",
        help: "a secret of 32 bytes or more, the same for all replicas",
      },
      {
        name: "login-time",
        kind: "time",
        value: "TIME",
        help: "how long a login is valid",
        byDefault: "12h",
      },
      {
        name: "max-failed-logins",
        kind: "count",
        value: "NUMBER",
        help: "wrong passwords of one address in a minute",
        byDefault: "10",
      },
      {
        name: "jwks",
        kind: "text",
        value: "URL",
        help: "accept JSON Web Tokens that these keys have signed",
      },
      {
        name: "jwt-key",
        kind: "file",
        value: "FILE",
        help: "accept JSON Web Tokens that this key has signed (PEM)",
      },
      {
        name: "jwt-issuer",
        kind: "text",
        value: "TEXT",
        help: "who has to have issued such a token",
      },
      {
        name: "jwt-audience",
        kind: "list",
        value: "TEXTS",
        help: "for whom such a token has to be",
      },
      {
        name: "jwt-claim",
        kind: "text",
        value: "NAME",
        help: "the claim that is the identity",
        byDefault: "sub",
      },
      {
        name: "certificate-identity",
        kind: ["commonName", "alternativeName", "fingerprint"],
        value: "PART",
        help: "what of a certificate is the identity",
        byDefault: "commonName",
      },
      {
        name: "rules",
        kind: "file",
        value: "FILE",
        help: "who may read, write and drop which tables (JSON)",
      },
      {
        name: "allow-shutdown",
        kind: "flag",
        help: "let callers shut it down; with rules, those allowed",
      },
      {
        name: "allow-open",
        kind: "flag",
        help: "let strangers in: other machines, without logins",
      },
    ],
  },
  {
    title: "What it accepts at most",
    hasVariables: true,
    options: [
      {
        name: "max-bytes",
        kind: "bytes",
        value: "SIZE",
        help: "bytes of all tables in memory",
      },
      { name: "max-tables", kind: "count", value: "NUMBER", help: "tables in memory" },
      {
        name: "max-table-bytes",
        kind: "bytes",
        value: "SIZE",
        help: "bytes of one table",
      },
      {
        name: "max-caller-bytes",
        kind: "bytes",
        value: "SIZE",
        help: "bytes of all tables that one caller has put",
      },
      {
        name: "max-message-bytes",
        kind: "bytes",
        value: "SIZE",
        help: "bytes of one message",
      },
      {
        name: "max-concurrent-calls",
        kind: "count",
        value: "NUMBER",
        help: "calls at the same time",
        byDefault: "1000",
      },
      {
        name: "max-caller-calls",
        kind: "count",
        value: "NUMBER",
        help: "of these, of one caller",
      },
      {
        name: "max-connections",
        kind: "count",
        value: "NUMBER",
        help: "connections at the same time",
        byDefault: "1000",
      },
      {
        name: "max-peer-connections",
        kind: "count",
        value: "NUMBER",
        help: "of these, from one address",
      },
      {
        name: "max-idle-time",
        kind: "time",
        value: "TIME",
        help: "how long a client may send nothing",
        byDefault: "5m",
      },
    ],
  },
  {
    title: "What an operator sees",
    hasVariables: true,
    options: [
      {
        name: "log",
        kind: LOG_FORMS,
        value: "FORM",
        help: "how a call's line looks: short, text or json",
        byDefault: "short",
      },
      { name: "quiet", kind: "flag", help: "print no line for each call" },
      {
        name: "metrics",
        kind: "flag",
        help: "give /metrics over HTTP, to those whom the rules let",
      },
      {
        name: "metrics-port",
        kind: "port",
        value: "NUMBER",
        help: "give /metrics on a port of its own, to everyone",
      },
      {
        name: "metrics-hostname",
        kind: "text",
        value: "NAME",
        help: "the host name or IP address for that port",
        byDefault: "localhost",
      },
      {
        name: "reflection",
        kind: "flag",
        help: "tell tools such as grpcurl which methods there are",
      },
      {
        name: "traces",
        kind: "flag",
        help: "make spans of OpenTelemetry (with OTEL_DENO=true)",
      },
      {
        name: "drain-delay",
        kind: "time",
        value: "TIME",
        help: "say NOT_SERVING for so long before calls are refused",
        byDefault: "0s",
      },
    ],
  },
  {
    title: "Other",
    options: [
      {
        name: "config",
        kind: "file",
        value: "FILE",
        help: "read options from this file (JSON)",
      },
      { name: "version", kind: "flag", help: "print the name and version" },
      HELP,
    ],
  },
]);
