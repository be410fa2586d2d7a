/**
 * Kinds of values that options have.
 *
 * @module
 */
import type { ValueKind } from "./check_options.ts";

/** `true` or `false`. */
export const FLAG: ValueKind = {
  wanted: "true or false",
  isType: (value) => typeof value === "boolean",
};

/** A time that a timer can wait, or longer; `Infinity` is for ever. */
export const MILLISECONDS: ValueKind = numberFrom(
  0,
  "a number of milliseconds, 0 or more",
);

/** An AbortSignal. */
export const SIGNAL: ValueKind = objectWith(
  ["addEventListener", "throwIfAborted"],
  "an AbortSignal, such as AbortSignal.timeout(1000)",
);

/** Where to listen. */
export const HOSTNAME: ValueKind = {
  wanted: 'a host name or an IP address, such as "localhost"',
  isType: (value) => typeof value === "string",
  isInRange: (value) => value !== "",
};

/** Where to listen; 0 is any free port. */
export const PORT: ValueKind = wholeNumber(0, 65535);

/** Bytes. */
export const BYTES: ValueKind = {
  wanted: "a Uint8Array",
  isType: (value) => value instanceof Uint8Array,
};

/** The least bytes of a secret. */
const MIN_KEY_BYTES = 32;

/** A secret by which tokens and URIs are signed. */
export const SIGNING_KEY: ValueKind = {
  ...BYTES,
  wanted: `a Uint8Array of ${MIN_KEY_BYTES} bytes or more`,
  isInRange: (value) => (value as Uint8Array).length >= MIN_KEY_BYTES,
  isSecret: true,
};

/** A text, of which an example may tell more. */
export function text(example?: string): ValueKind {
  return {
    wanted: example === undefined ? "a text" : `a text, such as "${example}"`,
    isType: (value) => typeof value === "string",
  };
}

/** A function, such as this example. */
export function functionLike(example: string): ValueKind {
  return {
    wanted: `a function, such as ${example}`,
    isType: (value) => typeof value === "function",
  };
}

/** An object with these methods. */
export function objectWith(
  methods: readonly string[],
  wanted: ValueKind["wanted"],
): ValueKind {
  return {
    wanted,
    isType: (value) =>
      typeof value === "object" && value !== null &&
      methods.every((name) => typeof Reflect.get(value, name) === "function"),
  };
}

/** An array whose items are all of this kind. */
export function arrayOf({ isType }: ValueKind, wanted: ValueKind["wanted"]): ValueKind {
  return {
    wanted,
    isType: (value) => Array.isArray(value) && value.every((item) => isType(item)),
  };
}

/** One of these values. */
export function oneOf(...values: readonly (string | number)[]): ValueKind {
  const shown = values.map((value) => JSON.stringify(value));
  return {
    wanted: `${shown.slice(0, -1).join(", ")} or ${shown.at(-1)}`,
    isType: (value) => values.some((other) => typeof value === typeof other),
    isInRange: (value) => values.some((other) => value === other),
  };
}

/** A whole number in this range. */
export function wholeNumber(min: number, max: number): ValueKind {
  return {
    wanted: max === Number.MAX_SAFE_INTEGER
      ? `a whole number, ${min} or more`
      : `a whole number from ${min} to ${max}`,
    isType: (value) => typeof value === "number",
    isInRange: (value) =>
      Number.isInteger(value) && Number(value) >= min && Number(value) <= max,
  };
}

/** A number from here on; `Infinity` is one. */
export function numberFrom(
  min: number,
  wanted: string = `a number, ${min} or more`,
): ValueKind {
  return {
    wanted,
    isType: (value) => typeof value === "number",
    isInRange: (value) => Number(value) >= min,
  };
}
