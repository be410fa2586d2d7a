/**
 * The commands that speak to a server.
 *
 * @module
 */
import type { Command } from "../command.ts";
import { OptionList } from "../options/option.ts";
import {
  JSON_OUTPUT,
  NAMING,
  other,
  QUIET,
  SERVER,
  SERVERS,
} from "./client_options.ts";
import { AS, COLUMNS, DELIMITER } from "./file_options.ts";

/** The most operands of a command that takes any number. */
const MANY = Infinity;

const PUT: Command = {
  name: "put",
  operands: "FILE...",
  count: [1, MANY],
  completes: "files",
  summary: "put files on the server as tables",
  options: new OptionList([
    {
      title: "The table",
      options: [
        {
          name: "name",
          kind: "text",
          value: "NAME",
          help: "the table's name",
          byDefault: "the file's, without ending",
        },
        AS,
        ...NAMING,
      ],
    },
    {
      title: "Files of CSV and, of these, types of JSON",
      options: [
        { ...DELIMITER, byDefault: "found" },
        { name: "no-header", kind: "flag", help: "the first row has no names" },
        {
          name: "types",
          kind: "text",
          value: "TYPES",
          help: "types of columns: id=int64,day=date32",
          byDefault: "found",
        },
        {
          name: "nulls",
          kind: "list",
          value: "TEXTS",
          help: "what is null beside nothing, such as NA,null",
        },
      ],
    },
    SERVER,
    other(QUIET),
  ]),
  examples: [
    { line: "put quakes.csv", does: "becomes the table quakes" },
    { line: "put data.parquet --name sales/2024", does: "under another name" },
    { line: "put *.csv", does: "a table for each" },
    {
      line: "put - --as ndjson --name events < events.log",
      does: "from standard input",
    },
    {
      line: "put q.csv --types 'id=int64,at=timestamp[ms]'",
      does: "with these types",
    },
  ],
  notes:
    `A table of this name is replaced once all of the new one has arrived: after a failure
or Ctrl+C the server has what it had before.`,
  run: async (call) => await (await import("./put.ts")).put(call),
};

const GET: Command = {
  name: "get",
  operands: "NAME",
  count: [1, 1],
  completes: "tables",
  summary: "get a table as a file",
  options: new OptionList([
    {
      title: "The file",
      options: [
        {
          name: "output",
          short: "o",
          kind: "file",
          value: "FILE",
          help: "where it goes; - is standard output",
          byDefault: "-",
        },
        { ...AS, byDefault: "from -o, or csv" },
        COLUMNS,
        {
          name: "compression",
          kind: ["none", "lz4", "zstd", "snappy", "gzip"],
          value: "METHOD",
          help: "of Arrow: lz4, zstd; of Parquet snappy, gzip, too",
        },
        { ...DELIMITER, byDefault: "," },
        { name: "no-header", kind: "flag", help: "CSV without the row of names" },
        {
          name: "binary",
          kind: ["hex", "base64"],
          value: "FORM",
          help: "how CSV has binary values: hex or base64",
        },
      ],
    },
    { title: "The table", options: NAMING },
    SERVER,
    other(QUIET),
  ]),
  examples: [
    { line: "get quakes -o quakes.parquet", does: "as Parquet" },
    { line: "get quakes", does: "as CSV on standard output" },
    { line: "get quakes --columns depth,mag | sort", does: "two columns, for a pipe" },
    { line: "get quakes -o quakes.csv.gz", does: "as CSV, compressed" },
    {
      line: 'get --command "SELECT 1" -l grpc://example.org:31337',
      does: "what a server answers to a query",
    },
  ],
  notes:
    `The file is there when all of it is: after a failure or Ctrl+C it is as it was before.`,
  run: async (call) => await (await import("./get.ts")).get(call),
};

const LS: Command = {
  name: "ls",
  operands: "",
  count: [0, 0],
  summary: "list the tables",
  options: new OptionList([
    {
      title: "The list",
      options: [
        JSON_OUTPUT,
        { name: "names", kind: "flag", help: "print the names only, one a line" },
      ],
    },
    SERVER,
    other(),
  ]),
  examples: [
    { line: "ls", does: "names, rows, bytes and columns" },
    { line: "ls --json | jq '.[].name'", does: "for programs" },
    { line: "ls --names | xargs tinyflight drop", does: "for other commands" },
  ],
  notes: "A - stands for what the server does not tell; in JSON it is null.",
  run: async (call) => await (await import("./ls.ts")).ls(call),
};

const INFO: Command = {
  name: "info",
  operands: "NAME",
  count: [1, 1],
  completes: "tables",
  summary: "show a table's columns, size and endpoints",
  options: new OptionList([
    { title: "The table", options: [JSON_OUTPUT, ...NAMING] },
    SERVER,
    other(),
  ]),
  examples: [
    { line: "info quakes", does: "its columns, size and endpoints" },
    { line: "info quakes --json | jq .rows", does: "for programs" },
  ],
  run: async (call) => await (await import("./info.ts")).info(call),
};

const HEAD: Command = {
  name: "head",
  operands: "NAME",
  count: [1, 1],
  completes: "tables",
  summary: "show a table's first rows",
  options: new OptionList([
    {
      title: "The rows",
      options: [
        {
          name: "rows",
          short: "n",
          kind: "count",
          value: "NUMBER",
          help: "how many",
          byDefault: "10",
        },
        COLUMNS,
        { ...AS, byDefault: "for people" },
        ...NAMING,
      ],
    },
    SERVER,
    other(),
  ]),
  examples: [
    { line: "head quakes", does: "the first ten rows" },
    { line: "head quakes -n 3 -c depth,mag", does: "three rows of two columns" },
    { line: "head quakes --as csv", does: "as CSV" },
  ],
  run: async (call) => await (await import("./head.ts")).head(call),
};

const DROP: Command = {
  name: "drop",
  operands: "NAME...",
  count: [1, MANY],
  completes: "tables",
  summary: "drop tables",
  options: new OptionList([SERVER, other(QUIET)]),
  examples: [
    { line: "drop quakes", does: "forget this table" },
    { line: "drop old/a old/b", does: "forget these two" },
  ],
  notes: "It runs the action drop_table, which not every Flight server has.",
  run: async (call) => await (await import("./actions.ts")).drop(call),
};

const COPY: Command = {
  name: "copy",
  operands: "NAME",
  count: [1, 1],
  completes: "tables",
  summary: "copy a table to another server, or name",
  options: new OptionList([
    {
      title: "The copy",
      options: [
        { name: "from", kind: "text", value: "LOCATION", help: "where the table is" },
        { name: "to", kind: "text", value: "LOCATION", help: "where the copy goes" },
        {
          name: "name",
          kind: "text",
          value: "NAME",
          help: "the copy's name",
          byDefault: "the same",
        },
        ...NAMING,
      ],
    },
    {
      title: "Their tokens, where they differ",
      hasVariables: true,
      options: [
        { name: "from-token", kind: "text", value: "TOKEN", help: "for --from" },
        { name: "to-token", kind: "text", value: "TOKEN", help: "for --to" },
      ],
    },
    SERVERS,
    other(QUIET),
  ]),
  examples: [
    {
      line: "copy quakes --from grpc://a:5678 --to grpc://b:5678",
      does: "from one server to another",
    },
    { line: "copy quakes --name quakes/backup", does: "on the same server" },
  ],
  notes:
    `Every type of Arrow is copied as it is. --token, --user, --ca and so on are for both
servers, unless --from-token or --to-token say something else.`,
  run: async (call) => await (await import("./copy.ts")).copy(call),
};

const PING: Command = {
  name: "ping",
  operands: "",
  count: [0, 0],
  summary: "say whether the server answers",
  options: new OptionList([SERVER, other(QUIET)]),
  examples: [
    { line: "ping", does: "how fast it answers" },
    { line: "ping -q --wait 30s && tinyflight put a.csv", does: "once it is there" },
  ],
  run: async (call) => await (await import("./actions.ts")).ping(call),
};

const SHUTDOWN: Command = {
  name: "shutdown",
  operands: "",
  count: [0, 0],
  summary: "shut the server down",
  options: new OptionList([SERVER, other(QUIET)]),
  examples: [{ line: "shutdown", does: "once its running calls have ended" }],
  notes: "It runs the action shutdown, which not every Flight server has, or allows.",
  run: async (call) => await (await import("./actions.ts")).shutdown(call),
};

/** The commands, as the help shows them. */
export const CLIENT_COMMANDS: readonly Command[] = [
  PUT,
  GET,
  LS,
  HEAD,
  INFO,
  DROP,
  COPY,
  PING,
  SHUTDOWN,
];
