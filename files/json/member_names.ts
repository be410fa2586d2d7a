/**
 * Finds the members of objects by their names.
 *
 * @module
 */
import { unescaped } from "./parse_json.ts";

const ENCODER = new TextEncoder();
const TEXT = new TextDecoder();

/** A member of an object, with its name and what was made for it. */
export interface Member<T> {
  /** The name. */
  readonly name: string;
  /** What takes its values. */
  readonly node: T;
  /** The name's bytes. */
  readonly bytes: Uint8Array;
}

/**
 * The members of objects that stand in one place. They mostly come in one order: so the
 * one that came there before is tried first.
 */
export class MemberNames<T> {
  /** In the order in which they came first. */
  readonly members: Member<T>[] = [];
  readonly #byName = new Map<string, number>();

  /** Adds a member. */
  add(name: string, node: T): number {
    const index = this.members.push({ name, node, bytes: ENCODER.encode(name) }) - 1;
    this.#byName.set(name, index);
    return index;
  }

  /** The index of the member with this name, which is made when there is none. */
  find(
    bytes: Uint8Array,
    start: number,
    end: number,
    hasEscapes: boolean,
    guess: number,
    make: (name: string) => number,
  ): number {
    const guessed = this.members[guess];
    if (
      guessed !== undefined && !hasEscapes && isSame(guessed.bytes, bytes, start, end)
    ) {
      return guess;
    }
    const name = hasEscapes
      ? unescaped(bytes, start, end)
      : TEXT.decode(bytes.subarray(start, end));
    return this.#byName.get(name) ?? make(name);
  }
}

function isSame(
  name: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (name.length !== end - start) return false;
  for (let at = 0; at < name.length; at++) {
    if (name[at] !== bytes[start + at]) return false;
  }
  return true;
}
