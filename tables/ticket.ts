/**
 * What a ticket stands for: a table by its name, or a piece of one.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import { bytesOfName, nameOfBytes } from "./table_name.ts";

/** What is had for a ticket. */
export interface TableTicket {
  /** The table's name. */
  readonly name: string;
  /** What its store knows the piece by; undefined for the whole table. */
  readonly piece?: string;
}

/** No name begins with this byte, as it is none of UTF-8. */
const PIECE_MARK = 0xff;

/** The bytes of a ticket: the table's name, or JSON after a mark for a piece. */
export function bytesOfTicket({ name, piece }: TableTicket): Uint8Array {
  if (piece === undefined) return bytesOfName(name);
  const json = new TextEncoder().encode(JSON.stringify({ name, piece }));
  const bytes = new Uint8Array(1 + json.length);
  bytes[0] = PIECE_MARK;
  bytes.set(json, 1);
  return bytes;
}

/**
 * What the ticket of these bytes stands for.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when it is no ticket of a table.
 */
export function readTicket(bytes: Uint8Array): TableTicket {
  if (bytes[0] !== PIECE_MARK) return { name: nameOfBytes(bytes) };
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder().decode(bytes.subarray(1)));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  const { name, piece } = Object(json);
  if (typeof name === "string" && typeof piece === "string") {
    return { name: nameOfBytes(new TextEncoder().encode(name)), piece };
  }
  throw new FlightError(
    "INVALID_ARGUMENT",
    "Cannot read the ticket: it is neither a table's name nor one of a FlightInfo",
  );
}
