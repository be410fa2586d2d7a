/**
 * What a client is told of an object store's errors.
 *
 * @module
 */
import { FlightError } from "../../flight/errors.ts";

/** The codes of stores that have no room left. */
const FULL: readonly string[] = [
  "EntityTooLarge",
  "InsufficientStorage",
  "QuotaExceeded",
  "XMinioStorageFull",
  "XMinioStorageQuotaExceeded",
];
/** The statuses below 500 that say that the same may go well later. */
const PASSING: readonly number[] = [408, 409, 429];
const INSUFFICIENT_STORAGE = 507;

/** The HTTP status of the answer that this error stands for; undefined for none. */
export function statusOf(error: unknown): number | undefined {
  const metadata = error instanceof Error ? Reflect.get(error, "$metadata") : undefined;
  const status = metadata instanceof Object
    ? Reflect.get(metadata, "httpStatusCode")
    : undefined;
  return typeof status === "number" ? status : undefined;
}

/** Whether the answer is that there is no such object. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && !hasName(error, "NoSuchBucket");
}

/** Whether the answer is that a condition does not hold. */
export function isConditionFailed(error: unknown): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409;
}

/** The error that a client gets for one that is left after all tries. */
export function asFlightError(action: string, error: unknown): unknown {
  if (error instanceof FlightError) return error;
  const status = statusOf(error);
  if (status === INSUFFICIENT_STORAGE || FULL.some((name) => hasName(error, name))) {
    return new FlightError(
      "RESOURCE_EXHAUSTED",
      `Cannot ${action}: the object store has no room left; drop tables first`,
      { cause: error },
    );
  }
  const isAnswer = status !== undefined && status < 500 && !PASSING.includes(status);
  // What is wrong with our own request, or rights, is for whoever runs the server.
  if (isAnswer || isMisuse(error)) return error;
  return new FlightError(
    "UNAVAILABLE",
    `Cannot ${action}: the object store does not answer, or fails; try again later`,
    { cause: error },
  );
}

/** Whether no request was made, as this program lacks credentials or permissions. */
export function isMisuse(error: unknown): boolean {
  return hasName(error, "CredentialsProviderError") || hasName(error, "NotCapable");
}

function hasName(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
