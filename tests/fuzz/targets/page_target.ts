/**
 * Wrong streams that the server keeps, and what its web page is told of them: values of a
 * stranger's that the server itself reads.
 *
 * @module
 */
import { FlightError } from "../../../flight/errors.ts";
import { readPart, wantedPart } from "../../../http/page/table_answer.ts";
import { MemoryStore } from "../../../stores/memory_store.ts";
import { TableReading } from "../../../stores/table_reading.ts";
import { Tables } from "../../../tables/tables.ts";
import { fullDescriptorOfName } from "../../../tables/table_name.ts";
import { verifiedMessages } from "../../../tables/verified_messages.ts";
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import { Random } from "../../helpers/random.ts";
import { misaligned, readSeeds, wrongStream } from "../streams/seeds.ts";
import { checkDuration, Fault, type Outcome, type Target } from "../target.ts";

/** How long the page may take, in milliseconds; a sample is read for a second at most. */
const MAX_TIME = 5000;
/** A part of a table as JSON has no more bytes than this. */
const MAX_JSON = 10_000_000;

/** Streams as those of the target `stream`, each put and then looked at. */
export function pageTarget(seed: number): Target {
  const seeds = readSeeds();
  return {
    count: Infinity,
    prepare(index) {
      const random = new Random(seed, "page", index);
      const { result, what } = wrongStream(seeds, random);
      const messages = random.oneIn(2) ? misaligned(result) : result;
      return { describe: () => what, run: () => look(messages) };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function look(messages: readonly ArrowMessage[]): Promise<Outcome> {
  const store = new MemoryStore();
  try {
    const kept = verifiedMessages((async function* () {
      yield* messages.filter(({ header }) => header.length > 0);
    })());
    await store.put("table", fullDescriptorOfName("table"), kept);
  } catch (error) {
    if (error instanceof FlightError) return "refused";
    throw error;
  }
  const started = performance.now();
  await using table = await TableReading.begin((await store.get("table"))!);
  const part = await readPart(table, wantedPart(new URLSearchParams("columns=100")), {
    tables: new Tables(store),
    signal: new AbortController().signal,
  });
  checkDuration(started, MAX_TIME, "what the page is told");
  const { length } = JSON.stringify(part);
  if (length > MAX_JSON) throw new Fault(`the page is told ${length} characters`);
  return part.problem === undefined ? "accepted" : "refused";
}
