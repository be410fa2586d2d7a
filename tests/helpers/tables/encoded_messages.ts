/**
 * Helpers for the tests of encode().
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import type { RecordBatch, Table } from "apache-arrow";
import { decode } from "../../../flight/arrow/decode/decode.ts";
import { encode } from "../../../flight/arrow/encode/encode.ts";
import type { EncodeOptions } from "../../../flight/arrow/encode/encode_options.ts";
import type { EncodeSource } from "../../../flight/arrow/encode/encode_source.ts";
import {
  StreamVerifier,
  type VerifiedMessage,
} from "../../../flight/arrow/verify/stream_verifier.ts";
import { type FlightDataInit, wholeBody } from "../../../proto/flight_data.ts";
import { plainColumns } from "./plain_columns.ts";

/** Encodes and decodes, and checks that the values, and the schema, are the same. */
export async function roundTrip(
  table: Table | RecordBatch,
  options: EncodeOptions = {},
): Promise<Table> {
  const found = await decode(encode(table, options)).table();
  assertEquals(plainColumns(found), plainColumns(table));
  assertEquals(`${found.schema}`, `${table.schema}`);
  return found;
}

/** All messages of a stream. */
export async function messagesOf(
  source: EncodeSource,
  options: EncodeOptions = {},
): Promise<FlightDataInit[]> {
  return await Array.fromAsync(encode(source, options));
}

/** What each message is, after the verifier found it sound. */
export function verified(messages: readonly FlightDataInit[]): VerifiedMessage[] {
  const verifier = new StreamVerifier();
  return messages.map((message) => {
    return verifier.verify(message.dataHeader!, wholeBody(message));
  });
}

/** The kinds of messages, in short: s, d, D for a delta, b and their rows. */
export function kinds(messages: readonly FlightDataInit[]): string {
  return verified(messages).map((message) => {
    if (message.kind === "schema") return "s";
    if (message.kind === "batch") return `b${message.rows}`;
    return `${message.isDelta ? "D" : "d"}${message.batch.rows}`;
  }).join(" ");
}
