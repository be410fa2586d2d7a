/**
 * The command `ls`: the tables of a server.
 *
 * @module
 */
import { oneLine } from "../../base/one_line.ts";
import { FlightError, type FlightInfo } from "../../flight/mod.ts";
import type { CommandCall } from "../command.ts";
import { UsageError } from "../options/command_error.ts";
import { formatBytes } from "../options/units.ts";
import { outIsTerminal, printLine, printNote } from "../terminal/output.ts";
import { describeDescriptor, nameOf } from "../flights/flight_name.ts";
import { columnsOf } from "../flights/schema_columns.ts";
import { textTable } from "../terminal/text_table.ts";
import { withServer } from "../flights/with_server.ts";

/** A table in the list. What the server does not tell is null. */
interface Listed {
  readonly name: string;
  readonly rows: number | null;
  readonly bytes: number | null;
  readonly columns: number | null;
}

/** Lists the tables. */
export async function ls({ options }: CommandCall): Promise<void> {
  if (options.flag("json") && options.flag("names")) {
    throw new UsageError("Cannot print --json and --names at the same time");
  }
  await withServer(options, async (client, signal) => {
    const tables: Listed[] = [];
    for await (const flight of client.listFlights({}, { signal })) {
      tables.push(listed(flight));
    }
    tables.sort((a, b) => a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
    if (options.flag("json")) return await printLine(JSON.stringify(tables, null, 2));
    if (options.flag("names")) {
      // A name is for other commands as it is; a terminal would obey what is in it.
      const shown = outIsTerminal() ? oneLine : (name: string) => name;
      for (const { name } of tables) await printLine(shown(name));
      return;
    }
    if (tables.length === 0) {
      const hint = outIsTerminal() ? "; `tinyflight put FILE` puts one there" : "";
      return await printNote(`There are no tables at ${client.location}${hint}`);
    }
    const rows = tables.map(({ name, rows, bytes, columns }) => [
      name,
      shown(rows),
      bytes === null ? "-" : formatBytes(bytes),
      shown(columns),
    ]);
    const lines = textTable([["NAME", "ROWS", "BYTES", "COLUMNS"], ...rows], {
      right: [false, true, true, true],
      maxWidth: Infinity,
    });
    for (const line of lines) await printLine(line);
  });
}

function listed(flight: FlightInfo): Listed {
  const { flightDescriptor, totalRecords, totalBytes, schema } = flight;
  return {
    name: nameOf(flightDescriptor) ?? `<${describeDescriptor(flightDescriptor)}>`,
    rows: known(totalRecords),
    bytes: known(totalBytes),
    columns: columnCount(schema),
  };
}

function columnCount(schema: Uint8Array): number | null {
  try {
    return columnsOf(schema)?.length ?? null;
  } catch (error) {
    // One schema that is not sound does not hide the other tables.
    if (error instanceof FlightError) return null;
    throw error;
  }
}

/** A number that the server tells; servers say -1 for what they do not know. */
export function known(number: bigint): number | null {
  return number < 0n ? null : Number(number);
}

/** A number that may not be known. */
export function shown(number: number | null): string {
  return number === null ? "-" : String(number);
}
