/**
 * What a client is told of a disk's errors.
 *
 * @module
 */
import { FlightError, type FlightErrorCode } from "../../flight/errors.ts";

/** The system's codes that a client can do something about, or wait for. */
const ERRORS: { readonly [code: string]: readonly [FlightErrorCode, string] } = {
  ENOSPC: ["RESOURCE_EXHAUSTED", "the disk is full; drop tables first"],
  EDQUOT: ["RESOURCE_EXHAUSTED", "the disk's quota is used up; drop tables first"],
  EFBIG: ["RESOURCE_EXHAUSTED", "it is larger than a file may be"],
  EMFILE: ["RESOURCE_EXHAUSTED", "too many files are open; try again later"],
  ENFILE: ["RESOURCE_EXHAUSTED", "too many files are open; try again later"],
  EROFS: ["UNAVAILABLE", "the disk can only be read"],
  ESTALE: ["UNAVAILABLE", "the disk has gone away; try again later"],
  EIO: ["UNAVAILABLE", "the disk has failed; try again later"],
};

/**
 * What the promise of a file system's method gives.
 *
 * @throws {FlightError} in the place of an error of which a client should know.
 */
export async function onDisk<T>(action: string, promise: Promise<T>): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
    if (typeof code !== "string" || !Object.hasOwn(ERRORS, code)) throw error;
    const [flightCode, reason] = ERRORS[code];
    throw new FlightError(flightCode, `Cannot ${action}: ${reason}`, { cause: error });
  }
}
