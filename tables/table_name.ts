/**
 * The names of tables: one rule for descriptors, tickets, actions and all other places
 * that name a table.
 *
 * @module
 */
import type { FlightDescriptor } from "../proto/messages.ts";
import type { Init } from "../proto/message_type.ts";
import { FlightError } from "../flight/errors.ts";
import { sqlCommandIn } from "./sql_command.ts";

/** The most bytes that a table's name may have in UTF-8. */
export const MAX_NAME_BYTES: number = 16 * 1024;

// A byte order mark is a part of the name like any other character.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * The name that a descriptor gives a table: a command's bytes as UTF-8, or a
 * path's elements joined with `/`. Where there are several elements, `%` and `/`
 * inside them become `%25` and `%2F`, so that no two paths share a name.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when the descriptor names no table;
 * UNIMPLEMENTED, when it has a command of Flight SQL.
 */
export function nameOfDescriptor(descriptor: FlightDescriptor): string {
  if (descriptor.type === "CMD") return nameOfBytes(descriptor.cmd);
  if (descriptor.type === "PATH") return checkName(joinPath(descriptor.path));
  throw invalid("the descriptor has to be of type CMD or PATH");
}

/** The elements of a path as one name, of any length. */
export function joinPath(path: readonly string[]): string {
  return (path.length > 1 ? path.map(escapeElement) : path).join("/");
}

/**
 * The name in a ticket, or in an action's body: its bytes as UTF-8.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when the bytes name no table; UNIMPLEMENTED,
 * when they are a command of Flight SQL.
 */
export function nameOfBytes(bytes: Uint8Array): string {
  checkBytes(bytes);
  try {
    return checkName(decoder.decode(bytes));
  } catch (error) {
    if (error instanceof FlightError) throw error;
    throw invalid("a name has to be UTF-8");
  }
}

/**
 * The bytes of a name: those of a ticket, a command, or an action's body.
 *
 * @throws {TypeError} when it cannot be a name: it is empty, too long, or has a
 * lone surrogate.
 */
export function bytesOfName(name: string): Uint8Array {
  if (typeof name !== "string" || name === "" || !name.isWellFormed()) {
    throw new TypeError(
      `Cannot use ${
        JSON.stringify(name)
      } as a table's name: it has to be a non-empty text without lone surrogates`,
    );
  }
  const bytes = encoder.encode(name);
  if (bytes.length > MAX_NAME_BYTES) {
    throw new TypeError(
      `Cannot use a table's name of ${bytes.length} bytes: it exceeds ${MAX_NAME_BYTES}`,
    );
  }
  return bytes;
}

/**
 * The descriptor under which this library puts a table of this name.
 *
 * @throws {TypeError} when it cannot be a name.
 */
export function descriptorOfName(name: string): Init<FlightDescriptor> {
  return { type: "CMD", cmd: bytesOfName(name) };
}

/** The same descriptor as a server receives it, with all its members. */
export function fullDescriptorOfName(name: string): FlightDescriptor {
  return { type: "CMD", cmd: bytesOfName(name), path: [] };
}

function checkName(name: string): string {
  if (name === "") throw invalid("a name has to have at least one character");
  checkBytes(encoder.encode(name));
  return name;
}

function checkBytes(bytes: Uint8Array): void {
  const command = sqlCommandIn(bytes);
  if (command !== undefined) {
    throw new FlightError(
      "UNIMPLEMENTED",
      `Cannot use the Flight SQL command ${command} as a table's name: TinyServer has no SQL, and its tables have plain names`,
    );
  }
  if (bytes.length > MAX_NAME_BYTES) {
    throw new FlightError(
      "RESOURCE_EXHAUSTED",
      `Cannot use the table's name: it has ${bytes.length} bytes, more than ${MAX_NAME_BYTES}`,
    );
  }
}

function escapeElement(element: string): string {
  return element.replaceAll("%", "%25").replaceAll("/", "%2F");
}

function invalid(reason: string): FlightError {
  return new FlightError("INVALID_ARGUMENT", `Cannot find the table's name: ${reason}`);
}
