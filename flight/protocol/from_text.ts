/**
 * Descriptors, tickets and actions from texts, which is what most of them hold.
 *
 * @module
 */
import type { Init } from "../../proto/message_type.ts";
import type { Action, FlightDescriptor, Ticket } from "../../proto/messages.ts";
import { FlightError } from "../errors.ts";

/** A descriptor with a command: bytes, or a text that becomes its UTF-8 bytes. */
export function commandDescriptor(
  command: string | Uint8Array,
): Init<FlightDescriptor> {
  return { type: "CMD", cmd: bytesOf(command) };
}

/** A descriptor with a path of these elements. */
export function pathDescriptor(...path: string[]): Init<FlightDescriptor> {
  return { type: "PATH", path };
}

/** A ticket of bytes, or of a text that becomes its UTF-8 bytes. */
export function ticketOf(ticket: string | Uint8Array): Init<Ticket> {
  return { ticket: bytesOf(ticket) };
}

/** An action with a body of bytes, or of a text that becomes its UTF-8 bytes. */
export function actionOf(type: string, body: string | Uint8Array = ""): Init<Action> {
  return { type, body: bytesOf(body) };
}

/**
 * The text in the bytes of a command, a ticket, a body or a result.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when the bytes are not UTF-8.
 */
export function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FlightError("INVALID_ARGUMENT", "Cannot read a text: it is not UTF-8", {
      cause,
    });
  }
}

function bytesOf(value: string | Uint8Array): Uint8Array {
  return typeof value === "string" ? new TextEncoder().encode(value) : value;
}
