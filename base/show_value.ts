/**
 * Values in messages.
 *
 * @module
 */

/** A longer text is cut. */
const MAX_CHARACTERS = 60;
/** Of a longer array or object only the first items are shown. */
const MAX_ITEMS = 4;
/** Arrays and objects inside each other are shown up to here. */
const MAX_DEPTH = 2;

/**
 * The value as a developer would have written it: texts in quotes, a function as "a
 * function", an instance of a class by the name of its class. Long values are cut. It
 * runs no code of the value.
 */
export function showValue(value: unknown): string {
  return show(value, MAX_DEPTH);
}

/** What kind of value it is, without what it holds: for secrets. */
export function showKind(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return "a text";
  if (typeof value !== "object") return `a ${typeof value}`;
  if (Array.isArray(value)) return "an array";
  const name = nameOfClass(value);
  return name === undefined ? "an object" : showInstance(value, name);
}

function show(value: unknown, depth: number): string {
  switch (typeof value) {
    case "string":
      return showText(value);
    case "bigint":
      return `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return "a function";
    case "object":
      return value === null ? "null" : showObject(value, depth);
    default:
      return String(value);
  }
}

function showText(text: string): string {
  return text.length <= MAX_CHARACTERS
    ? JSON.stringify(text)
    : `${JSON.stringify(text.slice(0, MAX_CHARACTERS))}... (${text.length} characters)`;
}

function showObject(value: object, depth: number): string {
  if (Array.isArray(value)) {
    if (depth === 0 && value.length > 0) return "[...]";
    const items = value.slice(0, MAX_ITEMS).map((item) => show(item, depth - 1));
    return `[${withRest(items, value.length).join(", ")}]`;
  }
  const name = nameOfClass(value);
  if (name !== undefined) return showInstance(value, name);
  const entries = Object.entries(Object.getOwnPropertyDescriptors(value))
    .filter(([, { enumerable }]) => enumerable);
  if (entries.length === 0) return "{}";
  if (depth === 0) return "{ ... }";
  const items = entries.slice(0, MAX_ITEMS).map(([key, property]) =>
    `${showKey(key)}: ${"get" in property ? "..." : show(property.value, depth - 1)}`
  );
  return `{ ${withRest(items, entries.length).join(", ")} }`;
}

function withRest(items: readonly string[], length: number): readonly string[] {
  return items.length < length ? [...items, "..."] : items;
}

function showKey(key: string): string {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(key) ? key : showText(key);
}

/** The name of the class whose instance it is; undefined for a plain object. */
function nameOfClass(value: object): string | undefined {
  const prototype = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return undefined;
  const constructor = Object.getOwnPropertyDescriptor(prototype, "constructor")?.value;
  const isClass = typeof constructor === "function" && constructor !== Object;
  return isClass && constructor.name !== "" ? constructor.name : undefined;
}

function showInstance(value: object, name: string): string {
  const article = /^[AEIO]/.test(name) ? "an" : "a";
  const isBytes = ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
  return `${article} ${name}${isBytes ? ` of ${value.byteLength} bytes` : ""}`;
}
