/**
 * Messages that stay in memory, and what they take of it.
 *
 * @module
 */
import { framedBytes } from "../flight/arrow/format/ipc_stream.ts";
import type { TableMessage } from "./store.ts";

/** The memory of a message's objects and buffers, beside its bytes. */
const MESSAGE_COST = 300;
/** The memory of what the server has read of a field of a schema. */
const FIELD_COST = 200;
/** The memory of a table beside its messages, and of each character of its name. */
const TABLE_COST = 1000;
const NAME_COST = 6;

/** The bytes that a table of this name counts for, beside its messages. */
export function costOfTable(name: string): number {
  return TABLE_COST + NAME_COST * name.length;
}

/** The bytes that a message counts for. */
export function costOfMessage(message: TableMessage): number {
  const fields = message.layout?.fieldCount ?? 0;
  return framedBytes(message) + MESSAGE_COST + FIELD_COST * fields;
}

/**
 * The message, copied when it is a small part of a larger buffer: small messages
 * arrive in shared buffers, and each of them would keep its whole buffer in memory.
 */
export function ownCopy(message: TableMessage): TableMessage {
  const { header, body } = message;
  const used = header.length + body.length;
  const held = header.buffer === body.buffer || body.length === 0
    ? header.buffer.byteLength
    : header.buffer.byteLength + body.buffer.byteLength;
  return held <= 2 * used
    ? message
    : { ...message, header: header.slice(), body: body.slice() };
}
