/**
 * The conditions that a put or a drop may have.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import type { StoreDropOptions, StorePutOptions } from "./store.ts";

/**
 * Checks the condition of a put against the revision that is there now.
 *
 * @throws {FlightError} FAILED_PRECONDITION, when it does not hold.
 *
 * @example A put in the place of a version that is not there any more
 * ```ts
 * import { checkReplaces } from "@tinyflight/flight/stores";
 *
 * try {
 *   checkReplaces("revision 2", { replaces: "revision 1" });
 * } catch (error) {
 *   console.log(error); // FAILED_PRECONDITION
 * }
 * ```
 */
export function checkReplaces(
  current: string | undefined,
  options: StorePutOptions,
): void {
  const { replaces } = options;
  if (replaces === undefined || replaces === (current ?? null)) return;
  throw failedCondition(options);
}

/** The error for a put whose condition does not hold. */
export function failedCondition({ replaces }: StorePutOptions): FlightError {
  return new FlightError(
    "FAILED_PRECONDITION",
    replaces === null
      ? "Cannot put the table: there is one of this name already"
      : "Cannot put the table: the one that is there is not the version to replace; get it again",
  );
}

/**
 * Whether the version that is there now may be dropped; undefined when there is none.
 *
 * @example Only this version
 * ```ts
 * import { mayDrop } from "@tinyflight/flight/stores";
 *
 * console.log(mayDrop("revision 2", { revision: "revision 1" })); // false
 * console.log(mayDrop("revision 2", {})); // true
 * ```
 */
export function mayDrop(
  current: string | undefined,
  { revision }: StoreDropOptions,
): boolean {
  return current !== undefined && (revision === undefined || revision === current);
}
