/**
 * The Huffman code of header texts (RFC 7541, 5.2 and appendix B).
 *
 * @module
 */

/**
 * How many bits the code of each octet has, and at the end that of EOS: the digits of
 * base 36. The code is canonical, so that its lengths say all: codes are numbered by
 * length and then by octet.
 */
const CODE_LENGTHS =
  "dnsssssssoussussssssssusssssssss6aacd68baa8b8666555666666678f6ca" +
  "d67777777777777777777777878djde6f56565666577666567655677777fbeds" +
  "kmkkmmmnmnnnnnonoomnonnnnlmnmnnomlkmmnnlnmmolmnnllmlnmnnkmmmnmmn" +
  "qqkjmnmpqqqrrqopjlqrrqrollqqsrrrkoklmllnmmppooqnqrqqrrrrrsrrrrrq" +
  "u";
const EOS = 256;
/** A step of the decoder: this many low bits are the next state. */
const STATE_BITS = 8;
const STATE_MASK = (1 << STATE_BITS) - 1;
/** Set in a step that completes a code; its octet stands above the two flags. */
const EMITS = 1 << STATE_BITS;
/** Set in a step that would complete the code of EOS, which is an error. */
const FAILS = 1 << (STATE_BITS + 1);
const OCTET_SHIFT = STATE_BITS + 2;
/** How many octets of output there may be for one of input: no code is below 5 bits. */
const MAX_GROWTH = 8 / 5;

interface Tables {
  /** The code and the length of each octet. */
  readonly codes: Uint32Array;
  readonly lengths: Uint8Array;
  /** For each state and the next four bits, what to do. */
  readonly steps: Uint32Array;
  /** Whether the bits since the last octet are at most seven ones: fit for an end. */
  readonly isPadding: readonly boolean[];
}

let tables: Tables | undefined;

/** The most octets that so many octets of code stand for. */
export function maxDecodedLength(length: number): number {
  return Math.floor(length * MAX_GROWTH);
}

/**
 * Decodes from `start` to `end` into the target, which has room for
 * {@linkcode maxDecodedLength} octets. Gives how many octets there are, or -1 when the
 * code has EOS in it, or ends with anything but at most seven bits of one.
 */
export function decodeHuffman(
  bytes: Uint8Array,
  range: { readonly start: number; readonly end: number },
  target: Uint8Array,
): number {
  const { steps, isPadding } = tables ??= makeTables();
  let state = 0;
  let length = 0;
  let failed = 0;
  for (let at = range.start; at < range.end; at++) {
    const byte = bytes[at];
    const high = steps[(state << 4) | (byte >> 4)];
    if ((high & EMITS) !== 0) target[length++] = high >> OCTET_SHIFT;
    const low = steps[((high & STATE_MASK) << 4) | (byte & 15)];
    if ((low & EMITS) !== 0) target[length++] = low >> OCTET_SHIFT;
    failed |= high | low;
    state = low & STATE_MASK;
  }
  return (failed & FAILS) !== 0 || !isPadding[state] ? -1 : length;
}

/**
 * How many octets the code of the text has.
 *
 * @throws {RangeError} when a character is not an octet.
 */
export function huffmanLength(text: string): number {
  const { lengths } = tables ??= makeTables();
  let bits = 0;
  for (let at = 0; at < text.length; at++) {
    const octet = text.charCodeAt(at);
    if (octet >= EOS) {
      throw new RangeError(
        `Cannot encode ${JSON.stringify(text)}: it has more than octets`,
      );
    }
    bits += lengths[octet];
  }
  return (bits + 7) >> 3;
}

/** Writes the code of the text to the target, and gives the offset behind it. */
export function encodeHuffman(
  text: string,
  target: Uint8Array,
  offset: number,
): number {
  const { codes, lengths } = tables ??= makeTables();
  let at = offset;
  // Below a whole octet waits: with 30 bits more, the number is below 2^38, and exact.
  let pending = 0;
  let pendingBits = 0;
  for (let index = 0; index < text.length; index++) {
    const octet = text.charCodeAt(index);
    const length = lengths[octet];
    pending = pending * 2 ** length + codes[octet];
    pendingBits += length;
    while (pendingBits >= 8) {
      pendingBits -= 8;
      const divisor = 2 ** pendingBits;
      const whole = Math.floor(pending / divisor);
      target[at++] = whole;
      pending -= whole * divisor;
    }
  }
  if (pendingBits > 0) {
    const free = 8 - pendingBits;
    target[at++] = (pending << free) | ((1 << free) - 1);
  }
  return at;
}

function makeTables(): Tables {
  const lengths = Uint8Array.from(CODE_LENGTHS, (digit) => parseInt(digit, 36));
  const codes = new Uint32Array(lengths.length);
  const byLength = [...lengths.keys()].sort((a, b) => lengths[a] - lengths[b] || a - b);
  let code = 0;
  let length = 0;
  for (const octet of byLength) {
    code *= 2 ** (lengths[octet] - length);
    length = lengths[octet];
    codes[octet] = code++;
  }
  return { codes, lengths, ...makeSteps(codes, lengths) };
}

/** A node of the tree of codes: its children, or the octet at which a code ends. */
type Node = { readonly state: number; readonly children: (Node | number)[] };

function makeSteps(
  codes: Uint32Array,
  lengths: Uint8Array,
): Pick<Tables, "steps" | "isPadding"> {
  const root: Node = { state: 0, children: [] };
  const nodes = [root];
  for (const [octet, code] of codes.entries()) {
    let node = root;
    for (let bit = lengths[octet] - 1; bit > 0; bit--) {
      const side = (code >>> bit) & 1;
      let child = node.children[side];
      if (child === undefined) {
        child = { state: nodes.length, children: [] };
        nodes.push(child);
        node.children[side] = child;
      }
      node = child as Node;
    }
    node.children[code & 1] = octet;
  }
  const steps = new Uint32Array(nodes.length * 16);
  for (const { state } of nodes) {
    for (let bits = 0; bits < 16; bits++) {
      steps[state * 16 + bits] = makeStep(nodes[state], root, bits);
    }
  }
  const isPadding = nodes.map(() => false);
  let ones: Node | number = root;
  for (let depth = 0; depth < 8; depth++) {
    isPadding[(ones as Node).state] = true;
    ones = (ones as Node).children[1];
  }
  return { steps, isPadding };
}

function makeStep(from: Node, root: Node, bits: number): number {
  let node = from;
  let flags = 0;
  for (let bit = 3; bit >= 0; bit--) {
    const next = node.children[(bits >> bit) & 1];
    if (typeof next === "object") {
      node = next;
      continue;
    }
    flags = next === EOS ? FAILS : EMITS | (next << OCTET_SHIFT);
    node = root;
  }
  return flags | node.state;
}
