/**
 * The command `put`: files to a server.
 *
 * @module
 */
import process from "node:process";
import type { FlightClient } from "../../flight/mod.ts";
import {
  type FileFormat,
  formatOf,
  readFile,
  type ReadFileOptions,
  tableNameOf,
} from "../../files/mod.ts";
import { FILE_FORMATS } from "../../files/file_format.ts";
import type { CommandCall } from "../command.ts";
import { UsageError } from "../options/command_error.ts";
import type { GivenOptions } from "../options/given_options.ts";
import { formatBytes } from "../options/units.ts";
import { printLine } from "../terminal/output.ts";
import { Passed } from "../flights/count_rows.ts";
import { checkFormatOptions } from "./file_options.ts";
import { delimiterOf, typesOf } from "./text_options.ts";
import { type Naming, namingOf } from "../flights/flight_name.ts";
import { type Transfer, withProgress } from "../terminal/progress.ts";
import { putMessages } from "../flights/put_messages.ts";
import { withServer } from "../flights/with_server.ts";

/** Standard input, as a file. */
const STDIN = "-";

/** Puts each file as a table. */
export async function put({ operands, options }: CommandCall): Promise<void> {
  const files = operands.map((file) => planOf(file, operands.length, options));
  const tables = new Set(files.map(({ table }) => table));
  if (tables.size < files.length) {
    throw new UsageError("Cannot put two files as one table: give them one by one");
  }
  const naming = namingOf(options, ...tables);
  const isQuiet = options.flag("quiet");
  await withServer(options, async (client, signal) => {
    for (const file of files) await putFile(client, file, { naming, isQuiet, signal });
  });
}

/** A file, and what it becomes. */
interface Plan {
  readonly file: string;
  readonly table: string;
  /** How it is read. */
  readonly reading: ReadFileOptions;
}

/** How files are put. */
interface PutOptions {
  readonly naming: Naming;
  readonly isQuiet: boolean;
  readonly signal: AbortSignal;
}

function planOf(file: string, count: number, options: GivenOptions): Plan {
  const name = options.text("name");
  if (name !== undefined && count > 1) {
    throw new UsageError("Cannot use --name for several files: give them one by one");
  }
  const shown = file === STDIN ? "standard input" : JSON.stringify(file);
  const table = name ?? (file === STDIN ? undefined : tableNameOf(file));
  if (table === undefined) {
    throw new UsageError(`Cannot name the table from ${shown}: say --name NAME`);
  }
  const given = options.text("as") as FileFormat | undefined;
  const format = given ?? (file === STDIN ? undefined : formatOf(file));
  if (format === undefined) {
    throw new UsageError(
      `Cannot tell the format of ${shown}: say --as ${FILE_FORMATS.join("|")}`,
    );
  }
  return { file, table, reading: { format, ...textOptions(format, options) } };
}

async function putFile(
  client: FlightClient,
  { file, table, reading }: Plan,
  { naming, isQuiet, signal }: PutOptions,
): Promise<void> {
  let read: Transfer = { done: 0, total: undefined };
  const open = () =>
    readFile(file === STDIN ? process.stdin : file, {
      name: file === STDIN ? "standard input" : file,
      signal,
      onRead: (done, total) => read = { done, total },
      ...reading,
    });
  // The types of CSV and JSON are found before anything is sent.
  await using opened = await withProgress(
    `${table} (types)`,
    () => read,
    isQuiet,
    open,
  );
  const passed = new Passed();
  read = { done: 0, total: undefined };
  const sent = () => read.total === undefined ? passed.transfer() : read;
  await withProgress(table, sent, isQuiet, () =>
    putMessages(client, {
      name: table,
      naming,
      messages: passed.count(opened.messages()),
      signal,
    }));
  if (!isQuiet) {
    await printLine(`put ${table}: ${passed.rows} rows, ${formatBytes(passed.bytes)}`);
  }
}

function textOptions(format: FileFormat, options: GivenOptions) {
  checkFormatOptions(format, options, "delimiter", "no-header", "nulls", "types");
  return {
    delimiter: delimiterOf(options),
    header: options.flag("no-header") ? false : undefined,
    nulls: options.list("nulls"),
    types: typesOf(options),
  };
}
