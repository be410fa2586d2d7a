/**
 * Finds the flight of a name on any server.
 *
 * @module
 */
import { MAX_COMPARED, meantHint } from "../../base/nearest_names.ts";
import {
  type FlightClient,
  FlightError,
  type FlightErrorCode,
  type FlightInfo,
  ticketOf,
} from "../../flight/mod.ts";
import { CommandError, EXIT } from "../options/command_error.ts";
import { descriptorsOf, nameOf, type Naming } from "./flight_name.ts";

/** With these codes a server says no to whatever it is asked. */
const FINAL: readonly FlightErrorCode[] = [
  "UNAUTHENTICATED",
  "PERMISSION_DENIED",
  "UNAVAILABLE",
  "CANCELLED",
  "DEADLINE_EXCEEDED",
  "RESOURCE_EXHAUSTED",
];

/** How a flight is looked for. */
export interface FindOptions {
  /** How its name is meant. */
  readonly naming: Naming;
  /** Aborted when it is not wanted any more. */
  readonly signal: AbortSignal;
}

/**
 * What the server says of the flight of this name. Servers differ in how they name
 * flights: the name is tried as a command and as a path, and then looked up in the list
 * of flights. A server that tells nothing of its flights is asked for the ticket of the
 * name.
 *
 * @throws {CommandError} NOT_FOUND, with names that are near.
 * @throws {FlightError} when the server does not answer.
 */
export async function findFlight(
  client: FlightClient,
  name: string,
  { naming, signal }: FindOptions,
): Promise<FlightInfo> {
  const errors: FlightError[] = [];
  for (const descriptor of descriptorsOf(name, naming)) {
    try {
      return await client.getFlightInfo(descriptor, { signal });
    } catch (error) {
      if (!(error instanceof FlightError) || isFinal(error)) throw error;
      errors.push(error);
    }
  }
  const isUnknown = errors.some(({ code }) => code === "NOT_FOUND");
  // Its own words say more of a command that is wrong.
  if (naming !== "any" && !isUnknown) throw errors[0];
  const { flight, names } = await findInList(client, name, signal);
  if (flight !== undefined) return flight;
  if (errors.every(({ code }) => code === "UNIMPLEMENTED") && names === undefined) {
    return flightOfTicket(name);
  }
  if (names === undefined && !isUnknown) throw errors[0];
  throw notFound(client, name, names);
}

/** What a table that is not there is told, with the names that are near. */
export function notFound(
  { location }: FlightClient,
  name: string,
  names: readonly string[] | undefined,
): CommandError {
  const hint = meantHint(name, names ?? []) ??
    (names?.length === 0
      ? "there are no tables"
      : "`tinyflight ls` shows those that are there");
  return new CommandError(
    EXIT.NOT_FOUND,
    `Cannot find ${JSON.stringify(name)} at "${location}": ${hint}`,
  );
}

/** The names of the flights; undefined when the server does not list them. */
export async function namesAt(
  client: FlightClient,
  signal: AbortSignal,
): Promise<readonly string[] | undefined> {
  return (await findInList(client, undefined, signal)).names;
}

async function findInList(
  client: FlightClient,
  name: string | undefined,
  signal: AbortSignal,
): Promise<{ flight?: FlightInfo; names?: readonly string[] }> {
  const names: string[] = [];
  try {
    for await (const flight of client.listFlights({}, { signal })) {
      const found = nameOf(flight.flightDescriptor);
      if (found === undefined) continue;
      if (found === name) return { flight };
      if (names.length < MAX_COMPARED) names.push(found);
    }
    return { names };
  } catch (error) {
    if (!(error instanceof FlightError) || isFinal(error)) throw error;
    return {};
  }
}

function isFinal({ code }: FlightError): boolean {
  return FINAL.includes(code);
}

function flightOfTicket(name: string): FlightInfo {
  const ticket = { ticket: ticketOf(name).ticket ?? new Uint8Array(0) };
  return {
    schema: new Uint8Array(0),
    flightDescriptor: undefined,
    endpoint: [{
      ticket,
      location: [],
      expirationTime: undefined,
      appMetadata: new Uint8Array(0),
    }],
    totalRecords: -1n,
    totalBytes: -1n,
    ordered: false,
    appMetadata: new Uint8Array(0),
  };
}
