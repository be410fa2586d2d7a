/**
 * Makes, splits and reads streams for the tests of splitting.
 *
 * @module
 */
import {
  type ArrowMessage,
  asFlightData,
} from "../../../flight/arrow/format/arrow_message.ts";
import { bytesIn, withBytes } from "../../../flight/arrow/format/batch_columns.ts";
import { decode } from "../../../flight/arrow/decode/decode.ts";
import { FlightError } from "../../../flight/errors.ts";
import { sliceColumns } from "../../../flight/arrow/split/slice_columns.ts";
import { MessageHeader } from "../../../flight/arrow/format/message_header.ts";
import { batchMessage } from "../../../flight/arrow/format/write_message.ts";
import { splitMessages } from "../../../flight/arrow/split/split_messages.ts";
import type { MetadataVersion } from "../../../flight/arrow/format/verified_message.ts";
import {
  StreamVerifier,
  type VerifiedRecordBatch,
} from "../../../flight/arrow/verify/stream_verifier.ts";
import { type FlightDataInit, wholeBody } from "../../../proto/flight_data.ts";
import {
  type BatchParts,
  type FlatTable,
  message,
  recordBatch,
  schema,
} from "./flat_builder.ts";
import { plainColumns } from "./plain_columns.ts";

/** A message to be sent, with its body in one. */
export function joined(message: FlightDataInit): ArrowMessage {
  return { header: message.dataHeader!, body: wholeBody(message) };
}

/** What `splitMessages` makes of a stream. */
export async function splitAbove(
  messages: readonly ArrowMessage[],
  maxBytes: number,
): Promise<ArrowMessage[]> {
  const pieces = await Array.fromAsync(splitMessages(messages, maxBytes));
  return pieces.map(joined);
}

/** The stream with each batch in pieces of so many rows, of whatever size they are. */
export function cutEvery(
  messages: readonly ArrowMessage[],
  rows: number,
): ArrowMessage[] {
  const verifier = new StreamVerifier();
  return messages.flatMap((message) => {
    const { header, body } = message;
    const verified = verifier.verify(header, body);
    if (verified.kind !== "batch" || verified.compression !== undefined) return message;
    const columns = withBytes(verified.columns, bytesIn(body));
    const read = new MessageHeader(header);
    const options = {
      version: read.version as MetadataVersion,
      metadata: read.readMetadata(),
    };
    const pieces: ArrowMessage[] = [];
    for (let start = 0; start < verified.rows; start += rows) {
      const slice = sliceColumns(columns, start, Math.min(rows, verified.rows - start));
      pieces.push(joined(batchMessage(slice, options)));
    }
    return pieces.length === 0 ? message : pieces;
  });
}

/** What apache-arrow reads in a stream; undefined when it does not know its types. */
export async function valuesIn(
  messages: readonly ArrowMessage[],
): Promise<[string, unknown[]][] | undefined> {
  try {
    return plainColumns(await decode(asFlightData(messages)).table());
  } catch (error) {
    if (error instanceof FlightError && error.code === "UNIMPLEMENTED") {
      return undefined;
    }
    throw error;
  }
}

/** The record batches of a stream. */
export function batchesIn(messages: readonly ArrowMessage[]): VerifiedRecordBatch[] {
  const verifier = new StreamVerifier();
  return messages.map(({ header, body }) => verifier.verify(header, body))
    .filter((verified) => verified.kind === "batch");
}

/** A stream of one column whose batch has these buffers, one after the other. */
export function columnOf(
  column: FlatTable,
  parts: Omit<BatchParts, "buffers">,
  buffers: readonly ArrayBufferView[],
): ArrowMessage[] {
  const regions: [number, number][] = [];
  let body = new Uint8Array(0);
  for (const { buffer, byteLength } of buffers) {
    regions.push([body.length, byteLength]);
    const longer = new Uint8Array(body.length + Math.ceil(byteLength / 8) * 8);
    longer.set(body);
    longer.set(new Uint8Array(buffer), body.length);
    body = longer;
  }
  const header = message(3, recordBatch({ ...parts, buffers: regions }), body.length);
  return [{ header: schema(column), body: new Uint8Array(0) }, { header, body }];
}
