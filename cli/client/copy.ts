/**
 * The command `copy`: a table from a server to another.
 *
 * @module
 */
import { splitMessages } from "../../flight/arrow/split/split_messages.ts";
import type { FlightData } from "../../flight/mod.ts";
import type { CommandCall } from "../command.ts";
import { UsageError } from "../options/command_error.ts";
import { formatBytes } from "../options/units.ts";
import { printLine } from "../terminal/output.ts";
import { DEFAULT_LOCATION } from "./client_options.ts";
import { Passed, storedMessage } from "../flights/count_rows.ts";
import { findFlight } from "../flights/find_flight.ts";
import { namingOf } from "../flights/flight_name.ts";
import { withProgress } from "../terminal/progress.ts";
import { putMessages } from "../flights/put_messages.ts";
import { readMessages } from "../flights/read_messages.ts";
import { withServers } from "../flights/with_server.ts";

/** What every server accepts: those of Go take 4 MiB unless they are told otherwise. */
const MAX_MESSAGE_BYTES = 2 << 20;

/** Copies a table. Its messages are passed on, and never decoded. */
export async function copy({ operands: [name], options }: CommandCall): Promise<void> {
  const fallback = options.text("location") ?? DEFAULT_LOCATION;
  const from = options.text("from") ?? fallback;
  const to = options.text("to") ?? fallback;
  const target = options.text("name") ?? name;
  if (from === to && target === name) {
    throw new UsageError(
      `Cannot copy "${name}" onto itself: say --from LOCATION, --to LOCATION, or --name NAME`,
    );
  }
  const servers = [
    { location: from, token: options.text("from-token") },
    { location: to, token: options.text("to-token") },
  ];
  const isQuiet = options.flag("quiet");
  const naming = namingOf(options, name, target);
  await withServers(options, servers, async ([source, sink], signal) => {
    const flight = await findFlight(source, name, { naming, signal });
    const passed = new Passed();
    const transfer = () => passed.transfer(flight.totalBytes);
    const messages = stored(passed.count(readMessages(source, flight, { signal })));
    const { flightDescriptor } = flight;
    // A name that stays is put as it was: as a path, or as a command.
    const keeps = target === name && naming === "any" &&
      flightDescriptor !== undefined && flightDescriptor.type !== "UNKNOWN";
    await withProgress(name, transfer, isQuiet, () =>
      putMessages(sink, {
        name: target,
        naming,
        descriptor: keeps ? flightDescriptor : undefined,
        messages: splitMessages(messages, MAX_MESSAGE_BYTES),
        signal,
      }));
    if (!isQuiet) {
      const as = target === name ? "" : ` as ${target}`;
      await printLine(
        `copied ${name}${as}: ${passed.rows} rows, ${formatBytes(passed.bytes)}`,
      );
    }
  });
}

/** The messages as stores have them. Those without a header tell the reader only. */
async function* stored(messages: AsyncIterable<FlightData>) {
  for await (const message of messages) {
    if (message.dataHeader.length > 0) yield storedMessage(message);
  }
}
