/**
 * Arrow streams that were right, with something wrong in them.
 *
 * @module
 */
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import { placeOfBodyLength } from "./body_length.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { mutateBytes, type Mutated } from "../mutate_bytes.ts";
import type { Random } from "../../helpers/random.ts";

type Messages = readonly ArrowMessage[];
type Change = (
  messages: Messages,
  random: Random,
  donor: Messages,
) => Mutated<Messages>;

const MAX_CHANGES = 3;
const CHANGES: readonly Change[] = [
  changeHeader,
  changeHeader,
  changeHeader,
  changeHeader,
  changeBody,
  changeBody,
  changeBody,
  changeBodySize,
  drop,
  repeat,
  reorder,
  insert,
  exchangeBody,
];

/**
 * The stream with one change or a few: in a header, in a body, or in which messages
 * there are. A message of `donor` may come in.
 */
export function mutateStream(
  messages: Messages,
  random: Random,
  donor: Messages,
): Mutated<Messages> {
  let result = messages;
  const changes: string[] = [];
  const count = random.oneIn(2) ? 1 : random.between(1, MAX_CHANGES);
  for (let index = 0; index < count; index++) {
    if (result.length === 0) break;
    const change = random.pick(CHANGES)(result, random, donor);
    result = change.result;
    changes.push(change.what);
  }
  return { result, what: changes.join("; ") };
}

function changeHeader(messages: Messages, random: Random): Mutated<Messages> {
  const index = random.below(messages.length);
  const { header } = messages[index];
  const { result, what } = mutateBytes(header, random, random.pick(messages).header);
  return replaced(messages, index, { header: result }, `header ${index}: ${what}`);
}

function changeBody(messages: Messages, random: Random): Mutated<Messages> {
  const index = random.below(messages.length);
  const { body } = messages[index];
  if (body.length === 0) return changeHeader(messages, random);
  const { result, what } = mutateBytes(body, random, random.pick(messages).body);
  // A body of another length would be refused before anybody looks into it.
  const same = result.length === body.length
    ? result
    : joinBytes([result, body]).subarray(0, body.length);
  return replaced(messages, index, { body: same }, `body ${index}: ${what}`);
}

/** A body of another length, of which the header may know. */
function changeBodySize(messages: Messages, random: Random): Mutated<Messages> {
  const index = random.below(messages.length);
  const { header, body } = messages[index];
  const size = random.oneIn(4)
    ? random.below(body.length + 64)
    : 8 * random.below(body.length / 8 + 8);
  const resized = new Uint8Array(size);
  resized.set(body.subarray(0, size));
  const isTold = !random.oneIn(4);
  return replaced(
    messages,
    index,
    { header: isTold ? withBodyLength(header, size) : header, body: resized },
    `body ${index} has ${size} bytes${isTold ? ", and its header says so" : ""}`,
  );
}

function drop(messages: Messages, random: Random): Mutated<Messages> {
  const index = random.below(messages.length);
  return { result: messages.toSpliced(index, 1), what: `message ${index} is gone` };
}

function repeat(messages: Messages, random: Random): Mutated<Messages> {
  const index = random.below(messages.length);
  const times = random.oneIn(8) ? 50 : 1;
  const copies = Array<ArrowMessage>(times).fill(messages[index]);
  return {
    result: messages.toSpliced(random.below(messages.length + 1), 0, ...copies),
    what: `message ${index} comes ${times} times more`,
  };
}

function reorder(messages: Messages, random: Random): Mutated<Messages> {
  const index = random.below(messages.length);
  const to = random.below(messages.length);
  return {
    result: messages.toSpliced(index, 1).toSpliced(to, 0, messages[index]),
    what: `message ${index} moves to ${to}`,
  };
}

function insert(
  messages: Messages,
  random: Random,
  donor: Messages,
): Mutated<Messages> {
  if (donor.length === 0) return drop(messages, random);
  const at = random.below(messages.length + 1);
  const from = random.below(donor.length);
  return {
    result: messages.toSpliced(at, 0, donor[from]),
    what: `message ${from} of another stream comes in at ${at}`,
  };
}

function exchangeBody(messages: Messages, random: Random): Mutated<Messages> {
  const index = random.below(messages.length);
  const from = random.below(messages.length);
  const { body } = messages[from];
  return replaced(messages, index, { body }, `message ${index} gets body ${from}`);
}

function replaced(
  messages: Messages,
  index: number,
  change: Partial<ArrowMessage>,
  what: string,
): Mutated<Messages> {
  return { result: messages.with(index, { ...messages[index], ...change }), what };
}

/** The header, saying that its body has so many bytes, if it says that at all. */
function withBodyLength(header: Uint8Array, length: number): Uint8Array {
  const result = header.slice();
  const place = placeOfBodyLength(result);
  if (place !== undefined) {
    new DataView(result.buffer).setBigInt64(place, BigInt(length), true);
  }
  return result;
}
