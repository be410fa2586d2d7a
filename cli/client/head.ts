/**
 * The command `head`: the first rows of a table.
 *
 * @module
 */
import { DataType, type RecordBatch, type Schema } from "apache-arrow";
import { type FileFormat, writeFile } from "../../files/mod.ts";
import { decode } from "../../flight/mod.ts";
import type { CommandCall } from "../command.ts";
import { printLine, writeOut } from "../terminal/output.ts";
import { cellsOf } from "../terminal/cells.ts";
import { findFlight } from "../flights/find_flight.ts";
import { namingOf } from "../flights/flight_name.ts";
import { readMessages } from "../flights/read_messages.ts";
import { textTable } from "../terminal/text_table.ts";
import { withServer } from "../flights/with_server.ts";

const DEFAULT_ROWS = 10;

/** Prints the first rows of a table. No more of it is read. */
export async function head({ operands: [name], options }: CommandCall): Promise<void> {
  const count = options.number("rows") ?? DEFAULT_ROWS;
  const format = options.text("as") as FileFormat | undefined;
  const naming = namingOf(options, name);
  await withServer(options, async (client, signal) => {
    const flight = await findFlight(client, name, { naming, signal });
    await using reader = decode(readMessages(client, flight, { signal }), {
      columns: options.list("columns"),
      code: "INTERNAL",
    });
    const schema = await reader.schema();
    const batches: RecordBatch[] = [];
    let rows = 0;
    for await (const batch of reader.batches()) {
      batches.push(rows + batch.numRows > count ? batch.slice(0, count - rows) : batch);
      rows += batches[batches.length - 1].numRows;
      if (rows >= count) break;
    }
    if (format !== undefined) {
      const chunks = writeFile(batches, { format, schema });
      for await (const chunk of chunks) await writeOut(chunk);
    } else for (const line of linesOf(schema, batches)) await printLine(line);
  });
}

function linesOf({ fields }: Schema, batches: readonly RecordBatch[]): string[] {
  const columns = fields.map((_, index) =>
    batches.flatMap((batch) => cellsOf(batch.data.children[index]))
  );
  const rows = Array.from(
    { length: batches.reduce((sum, { numRows }) => sum + numRows, 0) },
    (_, row) => columns.map((cells) => cells[row]),
  );
  return textTable([fields.map(({ name }) => name), ...rows], {
    right: fields.map(({ type }) =>
      DataType.isInt(type) || DataType.isFloat(type) || DataType.isDecimal(type)
    ),
  });
}
