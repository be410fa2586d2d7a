/**
 * What has to hold for a stream of a stranger's, wherever it goes.
 *
 * @module
 */
import type { Table } from "apache-arrow";
import { decode } from "../../../flight/arrow/decode/decode.ts";
import type { DecodeOptions } from "../../../flight/arrow/decode/decode_options.ts";
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import { FlightError, type FlightErrorCode } from "../../../flight/errors.ts";
import { splitMessages } from "../../../flight/arrow/split/split_messages.ts";
import {
  type FieldLayout,
  StreamVerifier,
} from "../../../flight/arrow/verify/stream_verifier.ts";
import type { FlightDataInit } from "../../../proto/flight_data.ts";
import type { TableMessage } from "../../../stores/store.ts";
import { verifiedMessages } from "../../../tables/verified_messages.ts";
import { checkStream } from "../../helpers/tables/check_stream.ts";
import { asFlightData } from "./flight_messages.ts";
import { isLimit, readValues, showValues } from "./read_values.ts";
import { checkDuration, Fault, type Outcome } from "../target.ts";

/** How long each of the steps may take, in milliseconds. */
const MAX_STEP_TIME = 3000;
/** What is compared value by value has no more rows. */
const MAX_COMPARED = 300;
/** What a client may say of a stream that it does not take. */
const CLIENT_CODES: readonly FlightErrorCode[] = ["INTERNAL", "UNIMPLEMENTED"];

/**
 * Puts a stream through what the server does with it, and through what the client
 * does. Both may only take it or refuse it in the proper way; values of what both
 * took can be read; and what the client takes whole it takes cut to pieces, too.
 */
export async function checkPaths(
  messages: readonly ArrowMessage[],
  mostBytes: number,
): Promise<Outcome> {
  const kept = await keep(messages);
  const table = await read(messages, {});
  if (kept === undefined) {
    if (table !== undefined) {
      throw new Fault("the client takes what the server refuses");
    }
    return "refused";
  }
  if (table === undefined) {
    await checkAllValues(messages);
    const columns = readableColumns(kept);
    if (columns === undefined) return "refused";
    return await read(messages, { columns }) === undefined ? "refused" : "accepted";
  }
  await checkPieces(kept, table, mostBytes);
  return "accepted";
}

/** What the server keeps; undefined when it refuses. */
async function keep(
  messages: readonly ArrowMessage[],
): Promise<TableMessage[] | undefined> {
  const started = performance.now();
  try {
    return await Array.fromAsync(verifiedMessages(
      (async function* () {
        // What has no header counts as application metadata alone.
        yield* messages.filter(({ header }) => header.length > 0);
      })(),
    ));
  } catch (error) {
    checkRefusal(error, ["INVALID_ARGUMENT"]);
  } finally {
    checkDuration(started, MAX_STEP_TIME, "the server's check");
  }
}

/** The table that a client gets, after all its values were read; undefined when it refuses. */
async function read(
  messages: Iterable<ArrowMessage>,
  options: DecodeOptions,
): Promise<Table | undefined> {
  const started = performance.now();
  try {
    const reader = decode(asFlightData(messages), { code: "INTERNAL", ...options });
    const table = await reader.table();
    readValues(table);
    return table;
  } catch (error) {
    checkRefusal(error, CLIENT_CODES);
  } finally {
    checkDuration(started, MAX_STEP_TIME, "the client's reading");
  }
}

async function checkAllValues(messages: readonly ArrowMessage[]): Promise<void> {
  try {
    await checkStream(messages);
  } catch (error) {
    checkRefusal(error, ["INVALID_ARGUMENT", "DATA_LOSS"]);
  }
}

/** Fails unless the error says in the proper way that the stream is not taken. */
function checkRefusal(error: unknown, codes: readonly FlightErrorCode[]): void {
  if (error instanceof Fault) throw error;
  if (!(error instanceof FlightError)) {
    throw new Fault(`a ${(error as Error).name}, not a FlightError`, error);
  }
  if (!codes.includes(error.code)) {
    throw new Fault(`a FlightError with the code ${error.code}`, error);
  }
}

/** The names of the columns that apache-arrow has types for, unless it has all. */
function readableColumns(kept: readonly TableMessage[]): string[] | undefined {
  const schema = new StreamVerifier().verify(kept[0].header, kept[0].body);
  if (schema.kind !== "schema") throw new Fault("a table is kept without a schema");
  const isReadable = ({ type, children, dictionary }: FieldLayout): boolean =>
    type.kind !== "list view" && type.kind !== "run-end encoded" &&
    children.every(isReadable) &&
    (dictionary === undefined || isReadable(dictionary.values));
  if (schema.fields.every(isReadable)) return undefined;
  const unreadable = schema.fields.filter((field) => !isReadable(field));
  const names = new Set(unreadable.map(({ name }) => name));
  return schema.fields.map(({ name }) => name).filter((name) => !names.has(name));
}

async function checkPieces(
  kept: readonly TableMessage[],
  table: Table,
  mostBytes: number,
): Promise<void> {
  const started = performance.now();
  const pieces = await Array.fromAsync(splitMessages(kept, mostBytes));
  if (pieces.length !== kept.length) {
    const options = { code: "INTERNAL" } as const;
    const again = await decode(fromArray(pieces), options).table();
    if (again.numRows !== table.numRows) {
      throw new Fault(`the pieces have ${again.numRows} of ${table.numRows} rows`);
    }
    if (table.numRows <= MAX_COMPARED) checkSame(table, again);
  }
  checkDuration(started, MAX_STEP_TIME, "reading the pieces");
}

async function* fromArray(
  items: readonly FlightDataInit[],
): AsyncGenerator<FlightDataInit> {
  yield* items;
}

function checkSame(table: Table, again: Table): void {
  const [values, others] = [table, again].map(shown);
  if (values !== others) {
    throw new Fault(`the pieces have other values: ${others} and not ${values}`);
  }
}

/** The table's values as a text; nothing when apache-arrow cannot show them. */
function shown(table: Table): string {
  try {
    return showValues(table);
  } catch (error) {
    if (isLimit(error)) return "";
    throw error;
  }
}
