/**
 * The values of a session's options.
 *
 * @module
 */
import type { SessionOptionValue } from "../../proto/action_messages.ts";
import type { Init } from "../../proto/message_type.ts";

/**
 * The value of a session's option, as TypeScript has it: bigint is the protocol's
 * int64, number its double.
 */
export type SessionValue = string | boolean | bigint | number | readonly string[];

/**
 * The value in the protocol's form; `undefined` removes an option.
 *
 * @throws {RangeError} when it is a bigint of more than 64 bits.
 */
export function toOptionValue(
  value: SessionValue | undefined,
): Init<SessionOptionValue> {
  switch (typeof value) {
    case "string":
      return { stringValue: value };
    case "boolean":
      return { boolValue: value };
    case "bigint":
      if (BigInt.asIntN(64, value) !== value) {
        throw new RangeError(`Cannot set an option to ${value}: it has over 64 bits`);
      }
      return { int64Value: value };
    case "number":
      return { doubleValue: value };
    case "object":
      return { stringListValue: { values: value } };
    default:
      return {};
  }
}

/** The value from the protocol's form; `undefined` when the option is to be removed. */
export function fromOptionValue(value: SessionOptionValue): SessionValue | undefined {
  return value.stringValue ?? value.boolValue ?? value.int64Value ??
    value.doubleValue ??
    value.stringListValue?.values;
}
