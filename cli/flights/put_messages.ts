/**
 * Puts a table on any server.
 *
 * @module
 */
import {
  type FlightClient,
  type FlightDataInit,
  type FlightDescriptor,
  FlightError,
  type FlightErrorCode,
  type Init,
} from "../../flight/mod.ts";
import { type Naming, putDescriptor } from "./flight_name.ts";

/** What is put. */
export interface PutRequest {
  /** The table's name. */
  readonly name: string;
  /** How the name is meant. */
  readonly naming: Naming;
  /** The descriptor to put it under. @default the name's */
  readonly descriptor?: Init<FlightDescriptor>;
  /** The table, the schema first. When they throw, the put is given up. */
  readonly messages: AsyncIterable<FlightDataInit>;
  /** Gives the put up when it is aborted. */
  readonly signal: AbortSignal;
}

/** With these codes servers refuse what they do not understand or have. */
export const MISUNDERSTOOD: readonly FlightErrorCode[] = [
  "UNKNOWN",
  "INTERNAL",
  "INVALID_ARGUMENT",
  "UNIMPLEMENTED",
  "NOT_FOUND",
];

/**
 * Puts a table: all of it, or none.
 *
 * @throws {FlightError} when the server does not take it.
 */
export async function putMessages(
  client: FlightClient,
  { name, naming, descriptor, messages, signal }: PutRequest,
): Promise<void> {
  const flightDescriptor = descriptor ?? putDescriptor(name, naming);
  const described = describe(messages, flightDescriptor);
  try {
    for await (const _ of client.doPut(described, { signal }));
  } catch (error) {
    if (!(error instanceof FlightError) || naming !== "any" || signal.aborted) {
      throw error;
    }
    if (!MISUNDERSTOOD.includes(error.code)) throw error;
    const isPath = flightDescriptor.type === "PATH";
    throw new FlightError(
      error.code,
      `${error.message}; if this server names tables by ${
        isPath ? "commands, try --command" : "paths, try --path"
      }`,
      { cause: error },
    );
  }
}

/** The messages, of which the first has the descriptor. */
async function* describe(
  messages: AsyncIterable<FlightDataInit>,
  flightDescriptor: Init<FlightDescriptor>,
): AsyncGenerator<FlightDataInit> {
  let isFirst = true;
  for await (const message of messages) {
    yield isFirst ? { ...message, flightDescriptor } : message;
    isFirst = false;
  }
}
