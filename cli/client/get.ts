/**
 * The command `get`: a table from a server to a file.
 *
 * @module
 */
import {
  type FileCompression,
  type FileFormat,
  formatOf,
  writeFile,
  type WriteFileOptions,
  writeMessages,
} from "../../files/mod.ts";
import { FILE_FORMATS } from "../../files/file_format.ts";
import { decode, type FlightDataInit } from "../../flight/mod.ts";
import type { CommandCall } from "../command.ts";
import { UsageError } from "../options/command_error.ts";
import type { GivenOptions } from "../options/given_options.ts";
import { formatBytes } from "../options/units.ts";
import { outIsTerminal, printLine, writeOut } from "../terminal/output.ts";
import { Passed } from "../flights/count_rows.ts";
import { checkFormatOptions } from "./file_options.ts";
import { delimiterOf } from "./text_options.ts";
import { findFlight } from "../flights/find_flight.ts";
import { namingOf } from "../flights/flight_name.ts";
import { withProgress } from "../terminal/progress.ts";
import { readMessages } from "../flights/read_messages.ts";
import { withServer } from "../flights/with_server.ts";
import { writeWhole } from "./write_whole.ts";

/** Standard output, as a file. */
const STDOUT = "-";
/** The formats that a terminal shows. */
const TEXTS: readonly string[] = ["csv", "json", "ndjson"];

/** Gets a table, and writes it to a file or to standard output. */
export async function get({ operands: [name], options }: CommandCall): Promise<void> {
  const file = options.text("output") ?? STDOUT;
  const fileOptions = fileOptionsOf(file, options);
  const columns = options.list("columns");
  const naming = namingOf(options, name);
  const isQuiet = options.flag("quiet") || file === STDOUT;
  await withServer(options, async (client, signal) => {
    const flight = await findFlight(client, name, { naming, signal });
    const passed = new Passed();
    // On a terminal that shows the table, there is no room for a bar.
    const hasBar = !options.flag("quiet") && !(file === STDOUT && outIsTerminal());
    const transfer = () => passed.transfer(flight.totalBytes);
    const size = await withProgress(name, transfer, !hasBar, async () => {
      const messages = passed.count(readMessages(client, flight, { signal }));
      const chunks = await fileChunks(messages, columns, fileOptions);
      return file === STDOUT
        ? await printChunks(chunks)
        : await writeWhole(file, chunks, signal);
    });
    if (!isQuiet) {
      await printLine(
        `got ${name}: ${passed.rows} rows, ${formatBytes(size)} in ${file}`,
      );
    }
  });
}

async function printChunks(chunks: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0;
  for await (const chunk of chunks) {
    await writeOut(chunk);
    size += chunk.length;
  }
  return size;
}

/** The format that the options say, or the file's name. */
function formatFor(file: string, options: GivenOptions): FileFormat {
  const given = options.text("as") as FileFormat | undefined;
  // Text is what a pipe of a shell takes, and what a terminal shows.
  const format = given ?? (file === STDOUT ? "csv" : formatOf(file));
  if (format === undefined) {
    throw new UsageError(
      `Cannot tell the format from the name "${file}": say --as ${
        FILE_FORMATS.join("|")
      }`,
    );
  }
  if (file === STDOUT && outIsTerminal() && !TEXTS.includes(format)) {
    throw new UsageError(
      `Cannot show the format ${format} on a terminal: write it to a file with --output FILE`,
    );
  }
  checkFormatOptions(
    ...[format, options, "delimiter", "no-header", "binary", "compression"] as const,
  );
  return format;
}

/** How the file is written. */
function fileOptionsOf(file: string, options: GivenOptions): WriteFileOptions {
  const format = formatFor(file, options);
  return {
    format,
    name: file === STDOUT ? undefined : file,
    ...format === "csv"
      ? {
        delimiter: delimiterOf(options),
        header: options.flag("no-header") ? false : undefined,
        binary: options.text("binary") as "hex" | undefined,
      }
      : {},
    compression: options.text("compression") as FileCompression | undefined,
  };
}

/** The bytes of the file. Messages are decoded only where the format or columns need it. */
async function fileChunks(
  messages: AsyncIterable<FlightDataInit>,
  columns: readonly string[] | undefined,
  fileOptions: WriteFileOptions,
): Promise<AsyncGenerator<Uint8Array>> {
  // What Arrow compresses is encoded anew.
  const isDecoded = columns !== undefined ||
    fileOptions.format !== "parquet" && fileOptions.compression !== undefined;
  if (!isDecoded) return writeMessages(messages, fileOptions);
  const reader = decode(messages, { columns, code: "INTERNAL" });
  const schema = await reader.schema();
  return writeFile(reader.batches(), { ...fileOptions, schema });
}
