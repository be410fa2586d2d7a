/**
 * The command `info`: what a server says of a table.
 *
 * @module
 */
import {
  dateOf,
  type FlightClient,
  type FlightEndpoint,
  FlightError,
  type FlightInfo,
} from "../../flight/mod.ts";
import { oneLine } from "../../base/one_line.ts";
import type { CommandCall } from "../command.ts";
import { formatBytes } from "../options/units.ts";
import { printLine } from "../terminal/output.ts";
import { findFlight } from "../flights/find_flight.ts";
import {
  describeDescriptor,
  nameOf,
  namingOf,
  showBytes,
} from "../flights/flight_name.ts";
import { known, shown } from "./ls.ts";
import { columnsOf, type SchemaColumn } from "../flights/schema_columns.ts";
import { textTable } from "../terminal/text_table.ts";
import { withServer } from "../flights/with_server.ts";

/** Prints what the server says of a table. */
export async function info({ operands: [name], options }: CommandCall): Promise<void> {
  const naming = namingOf(options, name);
  await withServer(options, async (client, signal) => {
    const flight = await findFlight(client, name, { naming, signal });
    const columns = columnsOf(await schemaOf(client, flight, signal));
    const lines = options.flag("json")
      ? [JSON.stringify(asJson(name, flight, columns), null, 2)]
      : asText(name, flight, columns);
    for (const line of lines) await printLine(line);
  });
}

/** The flight's schema, which some servers tell only when they are asked for it. */
async function schemaOf(
  client: FlightClient,
  { schema, flightDescriptor }: FlightInfo,
  signal: AbortSignal,
): Promise<Uint8Array> {
  if (schema.length > 0 || flightDescriptor === undefined) return schema;
  try {
    return (await client.getSchema(flightDescriptor, { signal })).schema;
  } catch (error) {
    if (error instanceof FlightError && !signal.aborted) return schema;
    throw error;
  }
}

function asJson(
  name: string,
  { flightDescriptor, endpoint, totalRecords, totalBytes, ordered }: FlightInfo,
  columns: readonly SchemaColumn[] | undefined,
) {
  return {
    name: nameOf(flightDescriptor) ?? name,
    rows: known(totalRecords),
    bytes: known(totalBytes),
    descriptor: flightDescriptor === undefined ? null : {
      type: flightDescriptor.type,
      command: nameOf({ ...flightDescriptor, type: "CMD" }),
      path: flightDescriptor.path,
    },
    ordered,
    endpoints: endpoint.map(({ ticket, location, expirationTime }) => ({
      ticket: showBytes(ticket?.ticket ?? new Uint8Array(0)),
      locations: location.map(({ uri }) => withoutSecrets(uri)),
      expires: expirationTime === undefined
        ? null
        : dateOf(expirationTime).toISOString(),
    })),
    columns: columns ?? null,
  };
}

function asText(
  name: string,
  { flightDescriptor, endpoint, totalRecords, totalBytes, ordered }: FlightInfo,
  columns: readonly SchemaColumn[] | undefined,
): string[] {
  const [rows, bytes] = [known(totalRecords), known(totalBytes)];
  const facts = [
    ["rows", shown(rows)],
    ["bytes", bytes === null ? "-" : exactBytes(bytes)],
    ["descriptor", describeDescriptor(flightDescriptor)],
    ["endpoints", `${endpoint.length}${ordered ? ", in order" : ""}`],
  ];
  const head = columns === undefined
    ? ["columns     the server does not tell"]
    : [`columns     ${columns.length}`];
  return [
    oneLine(nameOf(flightDescriptor) ?? name),
    ...facts.map(([what, value]) => `  ${what.padEnd(12)}${value}`),
    ...endpoint.map((one) => `    ${describeEndpoint(one)}`),
    ...head.map((line) => `  ${line}`),
    ...textTable(
      (columns ?? []).map(({ name, type, nullable }) => [
        name,
        type,
        nullable ? "" : "not null",
      ]),
      { maxWidth: 100 },
    ).map((line) => `    ${line}`),
  ];
}

function exactBytes(bytes: number): string {
  const short = formatBytes(bytes);
  return short === `${bytes} bytes` ? short : `${bytes} (${short})`;
}

function describeEndpoint(
  { ticket, location, expirationTime }: FlightEndpoint,
): string {
  const places = location.length === 0
    ? "this server"
    : location.map(({ uri }) => oneLine(withoutSecrets(uri))).join(", ");
  const until = expirationTime === undefined
    ? ""
    : `, until ${dateOf(expirationTime).toISOString()}`;
  return `ticket ${
    showBytes(ticket?.ticket ?? new Uint8Array(0))
  } at ${places}${until}`;
}

/** A location without its query, in which a signature may be. */
function withoutSecrets(uri: string): string {
  return /^https?:/i.test(uri) ? uri.replace(/\?.+$/s, "?…") : uri;
}
