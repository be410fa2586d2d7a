/**
 * Makes, splits and reads streams for the tests of splitting.
 *
 * @module
 */
import { batchColumns } from "../../flight/arrow/format/batch_columns.ts";
import { decode } from "../../flight/arrow/decode/decode.ts";
import { FlightError } from "../../flight/errors.ts";
import { sliceColumns } from "../../flight/arrow/split/slice_columns.ts";
import { sliceMessage } from "../../flight/ipc/slice_message.ts";
import { splitMessages } from "../../flight/arrow/split/split_messages.ts";
import {
  StreamVerifier,
  type VerifiedRecordBatch,
} from "../../flight/arrow/verify/stream_verifier.ts";
import { type FlightDataInit, wholeBody } from "../../proto/flight_data.ts";
import type { StreamMessage } from "./arrow_stream.ts";
import {
  type BatchParts,
  type FlatTable,
  message,
  recordBatch,
  schema,
} from "./flat_builder.ts";
import { plainColumns } from "./plain_columns.ts";

/** A message to be sent, with its body in one. */
export function joined(message: FlightDataInit): StreamMessage {
  return { header: message.dataHeader!, body: wholeBody(message) };
}

/** What `splitMessages` makes of a stream. */
export async function splitAbove(
  messages: readonly StreamMessage[],
  maxBytes: number,
): Promise<StreamMessage[]> {
  const pieces = await Array.fromAsync(splitMessages(messages, maxBytes));
  return pieces.map(joined);
}

/** The stream with each batch in pieces of so many rows, of whatever size they are. */
export function cutEvery(
  messages: readonly StreamMessage[],
  rows: number,
): StreamMessage[] {
  const verifier = new StreamVerifier();
  return messages.flatMap((message) => {
    const { header, body } = message;
    const verified = verifier.verify(header, body);
    if (verified.kind !== "batch" || verified.compression !== undefined) return message;
    const columns = batchColumns(verified, body);
    const pieces: StreamMessage[] = [];
    for (let start = 0; start < verified.rows; start += rows) {
      const slice = sliceColumns(columns, start, Math.min(rows, verified.rows - start));
      pieces.push(joined(sliceMessage(slice, header)));
    }
    return pieces.length === 0 ? message : pieces;
  });
}

/** What apache-arrow reads in a stream; undefined when it does not know its types. */
export async function valuesIn(
  messages: readonly StreamMessage[],
): Promise<[string, unknown[]][] | undefined> {
  const stream = (async function* (): AsyncGenerator<FlightDataInit> {
    for (const { header, body } of messages) {
      yield { dataHeader: header, dataBody: body };
    }
  })();
  try {
    return plainColumns(await decode(stream).table());
  } catch (error) {
    if (error instanceof FlightError && error.code === "UNIMPLEMENTED") {
      return undefined;
    }
    throw error;
  }
}

/** The record batches of a stream. */
export function batchesIn(messages: readonly StreamMessage[]): VerifiedRecordBatch[] {
  const verifier = new StreamVerifier();
  return messages.map(({ header, body }) => verifier.verify(header, body))
    .filter((verified) => verified.kind === "batch");
}

/** A stream of one column whose batch has these buffers, one after the other. */
export function columnOf(
  column: FlatTable,
  parts: Omit<BatchParts, "buffers">,
  buffers: readonly ArrayBufferView[],
): StreamMessage[] {
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
