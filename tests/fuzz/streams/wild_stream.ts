/**
 * Whole streams that nobody has thought of.
 *
 * @module
 */
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import {
  type FieldLayout,
  StreamVerifier,
  type VerifiedSchema,
} from "../../../flight/arrow/verify/stream_verifier.ts";
import { FlightError } from "../../../flight/errors.ts";
import {
  int64,
  int8,
  message,
  NO_BODY,
  table,
} from "../../helpers/tables/flat_builder.ts";
import type { Random } from "../../helpers/random.ts";
import { wildBatch } from "./wild_batch.ts";
import { isWithoutBytes } from "./wild_columns.ts";
import { wildSchema } from "./wild_schema.ts";

const MAX_ROWS = 20;
const MAX_BATCHES = 3;
const MANY = [1e6, 3e7, 2 ** 31 - 2];

/** A schema of any types, then its dictionaries and some batches. */
export function wildStream(random: Random): ArrowMessage[] {
  const header = wildSchema(random);
  const messages: ArrowMessage[] = [{ header, body: NO_BODY }];
  const schema = verifiedSchema(header);
  if (schema === undefined) return messages;
  const { fields, dictionaries, version } = schema;
  const dictionaryRows = new Map<bigint, number>();
  const addDictionary = (id: bigint, isDelta: boolean): void => {
    const { values } = dictionaries.get(id)!;
    const rows = 1 + someRows([values], random);
    const { batch, body } = wildBatch([values], rows, random, dictionaryRows);
    const dictionary = table(int64(id), batch, int8(isDelta ? 1 : 0));
    messages.push({ header: message(2, dictionary, body.length, version), body });
    dictionaryRows.set(id, rows + (isDelta ? dictionaryRows.get(id)! : 0));
  };
  // What a dictionary's values refer to was read before it.
  for (const id of dictionaries.keys()) addDictionary(id, false);
  for (let count = random.between(1, MAX_BATCHES); count > 0; count--) {
    const rows = someRows(fields, random);
    const { batch, body } = wildBatch(fields, rows, random, dictionaryRows);
    messages.push({ header: message(3, batch, body.length, version), body });
    for (const id of dictionaries.keys()) {
      if (random.oneIn(3)) addDictionary(id, random.oneIn(2));
    }
  }
  return messages;
}

/** How many rows a batch has: very many, now and then, where that costs nothing. */
function someRows(fields: readonly FieldLayout[], random: Random): number {
  const isFree = fields.every(isWithoutBytes);
  return isFree && random.oneIn(2) ? random.pick(MANY) : random.below(MAX_ROWS);
}

function verifiedSchema(header: Uint8Array): VerifiedSchema | undefined {
  try {
    const verified = new StreamVerifier().verify(header, NO_BODY);
    return verified.kind === "schema" ? verified : undefined;
  } catch (error) {
    if (error instanceof FlightError) return undefined;
    throw error;
  }
}
