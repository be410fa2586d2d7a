/**
 * Reads the values of options.
 *
 * @module
 */
import type { Option } from "./option.ts";
import { parseBytes, parseDuration } from "./units.ts";
import { UsageError } from "./command_error.ts";

/** A value of an option: texts, numbers (bytes, milliseconds), lists, or flags. */
export type OptionValue = string | number | boolean | readonly string[];

/**
 * The value of an option that was given as text, or in JSON. `shown` is how the option
 * was written, for an error.
 *
 * @throws {UsageError} when it is none.
 */
export function readValue(option: Option, given: unknown, shown: string): OptionValue {
  const { kind } = option;
  if (kind === "flag") {
    if (typeof given === "boolean") return given;
    if (given === "true" || given === "1") return true;
    if (given === "false" || given === "0" || given === "") return false;
    throw wrong(shown, given, "true or false");
  }
  if (kind === "list") {
    if (typeof given === "string") {
      return given.split(",").map((item) => item.trim()).filter((item) => item !== "");
    }
    if (Array.isArray(given) && given.every((item) => typeof item === "string")) {
      return given;
    }
    throw wrong(shown, given, "a text, or several");
  }
  if (typeof given !== "string" && typeof given !== "number") {
    throw wrong(shown, given, "a text or a number");
  }
  const text = String(given);
  switch (kind) {
    case "port":
      return port(text);
    case "count":
      if (/^\d+$/.test(text) && Number(text) >= 1) return Number(text);
      throw wrong(shown, given, "a whole number, 1 or more");
    case "bytes":
      return parseBytes(text) ?? fail(shown, given, "a number of bytes, such as 2GiB");
    case "time":
      return parseDuration(text) ??
        fail(shown, given, "a time, such as 90s, 12h or 7d");
    case "text":
    case "file":
      if (text !== "") return text;
      throw new UsageError(`Cannot use the option ${shown}: it is empty`);
    default:
      if (kind.includes(text)) return text;
      throw wrong(shown, given, kind.join(", "));
  }
}

function port(text: string): number {
  if (/^\d+$/.test(text) && Number(text) <= 65535) return Number(text);
  throw new UsageError(
    `Cannot use the port "${text}": it has to be a number from 0 to 65535`,
  );
}

function fail(shown: string, given: unknown, wanted: string): never {
  throw wrong(shown, given, wanted);
}

function wrong(shown: string, given: unknown, wanted: string): UsageError {
  return new UsageError(
    `Cannot use ${shown} ${JSON.stringify(given)}: it has to be ${wanted}`,
  );
}
