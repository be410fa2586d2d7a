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
  // A file that may be missing is no error: here a folder is.
  ENOENT: ["UNAVAILABLE", "the store's folder is gone; try again later"],
  ENOTDIR: ["UNAVAILABLE", "the store's folder is gone; try again later"],
  EACCES: [
    "UNAVAILABLE",
    "the server lacks the permission for its folder; tell whoever runs it",
  ],
  EPERM: [
    "UNAVAILABLE",
    "the server lacks the permission for its folder; tell whoever runs it",
  ],
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
    throw diskError(action, error) ?? error;
  }
}

/** What a client is told of this error; undefined when it is not for clients. */
export function diskError(action: string, error: unknown): FlightError | undefined {
  const code = error instanceof Error ? Reflect.get(error, "code") : undefined;
  if (typeof code !== "string" || !Object.hasOwn(ERRORS, code)) return undefined;
  const [flightCode, reason] = ERRORS[code];
  return new FlightError(flightCode, `Cannot ${action}: ${reason}`, { cause: error });
}

/** The error when the store's folder is not there: its disk may not be mounted. */
export function missingFolder(action: string, path: string): FlightError {
  const cause = new Error(
    `There is no folder "${path}": was it removed, or is its disk not mounted? The store makes it when it is opened`,
  );
  return diskError(action, Object.assign(cause, { code: "ENOENT" }))!;
}
