/**
 * Checks what a developer passes, at once and in one way: a value of a wrong type is a
 * TypeError, a number or text out of range a RangeError, and both show the value and say
 * what is wanted.
 *
 * @module
 */
import { meantHint } from "./nearest_names.ts";
import { showKind, showValue } from "./show_value.ts";

/** A kind of value. */
export interface ValueKind {
  /** What is wanted, after "it has to be"; it may depend on what is there instead. */
  readonly wanted: string | ((value: unknown) => string);
  /** Whether the value has the right type. */
  readonly isType: (value: unknown) => boolean;
  /** Whether a value of the right type is in range. @default all are */
  readonly isInRange?: (value: unknown) => boolean;
  /** Whether the value must not appear in a message, as it is a secret. @default false */
  readonly isSecret?: boolean;
}

/** The kind of every option in `T`. */
export type OptionKinds<T> = { readonly [name in keyof Required<T>]: ValueKind };

/** The options that something takes. */
export interface OptionSet<T> {
  /** What takes them, such as `TinyServer`. */
  readonly of: string;
  /** How they are written, such as `{ port: 5678 }`. */
  readonly example: string;
  /** The kind of each. */
  readonly kinds: OptionKinds<T>;
}

/**
 * Checks options, of which `undefined` ones count as left out. A name that is not
 * known is a mistake, too: the option that was meant would silently have its default.
 *
 * @throws {TypeError} when they are no object, one is not known or has a wrong type.
 * @throws {RangeError} when a value is out of range.
 */
export function checkOptions<T>(
  { of, example, kinds }: OptionSet<T>,
  options: Readonly<T>,
): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new TypeError(
      `Cannot use ${
        showValue(options)
      } as the options of ${of}: they have to be an object, such as ${example}`,
    );
  }
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined) continue;
    if (!Object.hasOwn(kinds, name)) throw unknownOption(of, name, Object.keys(kinds));
    checkValue(name, value, kinds[name as keyof T]);
  }
}

/**
 * Checks one value.
 *
 * @throws {TypeError} when it has a wrong type.
 * @throws {RangeError} when it is out of range.
 */
export function checkValue(
  name: string,
  value: unknown,
  { wanted, isType, isInRange = () => true, isSecret = false }: ValueKind,
): void {
  const hasType = isType(value);
  if (hasType && isInRange(value)) return;
  const what = typeof wanted === "string" ? wanted : wanted(value);
  const shown = (isSecret ? showKind : showValue)(value);
  const message = `Cannot use the ${name} ${shown}: it has to be ${what}`;
  throw hasType ? new RangeError(message) : new TypeError(message);
}

function unknownOption(of: string, name: string, names: string[]): TypeError {
  const hint = meantHint(name, names, (other) => other) ??
    `its options are ${names.join(", ")}`;
  return new TypeError(
    `Cannot use the option ${showValue(name)}: ${of} does not have it; ${hint}`,
  );
}
