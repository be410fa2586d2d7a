/**
 * What can be told of messages that are not decoded.
 *
 * @module
 */
import { bodyParts, wholeBody } from "../../proto/flight_data.ts";
import type { FlightDataInit } from "../../flight/mod.ts";
import { Finding } from "../../flight/arrow/format/finding.ts";
import { MessageHeader } from "../../flight/arrow/format/message_header.ts";

/** What has passed of a stream of messages. */
export class Passed {
  /** Rows of record batches. */
  rows = 0;
  /** Bytes of headers and bodies. */
  bytes = 0;

  /** What a progress bar shows of it; a total of 0 or less is none. */
  transfer(total: bigint = 0n): { done: number; total: number | undefined } {
    return { done: this.bytes, total: total > 0n ? Number(total) : undefined };
  }

  /** Counts the messages that pass. */
  async *count<T extends FlightDataInit>(
    messages: AsyncIterable<T>,
  ): AsyncGenerator<T> {
    for await (const message of messages) {
      this.rows += rowsOf(message.dataHeader);
      this.bytes += sizeOf(message);
      yield message;
    }
  }
}

/** Whether this is the header of a schema. */
export function isSchemaHeader(header: Uint8Array): boolean {
  return read(header, (message) => message.kind === "schema") ?? false;
}

/** The rows of the batch with this header; 0 of anything else. */
function rowsOf(header: Uint8Array | undefined): number {
  if (header === undefined || header.length === 0) return 0;
  const rows = read(
    header,
    (message) => message.kind === "batch" ? message.table?.int64(0) : 0,
  );
  return rows ?? 0;
}

/** What is read of a header; undefined when it is not sound, which others find out. */
function read<T>(header: Uint8Array, part: (message: MessageHeader) => T) {
  try {
    return part(new MessageHeader(header));
  } catch (error) {
    if (error instanceof Finding) return undefined;
    throw error;
  }
}

function sizeOf(message: FlightDataInit): number {
  const header = message.dataHeader?.length ?? 0;
  return bodyParts(message).reduce((sum, { length }) => sum + length, header);
}

/** A message as files and stores have it. */
export function storedMessage(message: FlightDataInit) {
  return { header: message.dataHeader ?? new Uint8Array(0), body: wholeBody(message) };
}
