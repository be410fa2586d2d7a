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
/** The codes of answers that there is no such object or upload, which HEAD gives none. */
const MISSING: readonly string[] = ["NoSuchKey", "NoSuchUpload", "NotFound", "Unknown"];
/** The codes that say, under various statuses, that keys are none or not valid now. */
const REFUSED: readonly string[] = [
  "CredentialsProviderError",
  "ExpiredToken",
  "InvalidAccessKeyId",
  "InvalidToken",
  "TokenRefreshRequired",
  "XAdminUserNotFound",
];
const REFUSED_STATUS: readonly number[] = [401, 403];
/** The statuses below 500 that say that the same may go well later. */
const PASSING: readonly number[] = [408, 409, 429];
const INSUFFICIENT_STORAGE = 507;

/** The HTTP status of the answer that this error stands for; undefined for none. */
function statusOf(error: unknown): number | undefined {
  const metadata = error instanceof Error ? Reflect.get(error, "$metadata") : undefined;
  const status = metadata instanceof Object
    ? Reflect.get(metadata, "httpStatusCode")
    : undefined;
  return typeof status === "number" ? status : undefined;
}

/** Whether the answer is that there is no such object. */
export function isMissing(error: unknown): boolean {
  return statusOf(error) === 404 && MISSING.some((name) => hasName(error, name));
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
  const reason = refusal(error, status);
  if (reason !== undefined) {
    // Whoever runs the server can put it right meanwhile, and finds the cause in its log.
    const message = `Cannot ${action}: ${reason}; tell whoever runs the server`;
    return new FlightError("UNAVAILABLE", message, { cause: error });
  }
  const isAnswer = status !== undefined && status < 500 && !PASSING.includes(status);
  // What is wrong with our own request is for whoever runs the server.
  if (isAnswer || isMisuse(error)) return error;
  return new FlightError(
    "UNAVAILABLE",
    `Cannot ${action}: the object store does not answer, or fails; try again later`,
    { cause: error },
  );
}

/** Why an object store does nothing for this server; undefined when it might. */
function refusal(error: unknown, status = 0): string | undefined {
  if (hasName(error, "NoSuchBucket")) return "the bucket is gone";
  if (hasName(error, "RequestTimeTooSkewed")) {
    return "its clock differs too much from the object store's";
  }
  return REFUSED_STATUS.includes(status) || REFUSED.some((name) => hasName(error, name))
    ? "the object store refuses the server's credentials"
    : undefined;
}

/** Whether no request was made, as this program lacks credentials or permissions. */
export function isMisuse(error: unknown): boolean {
  return hasName(error, "CredentialsProviderError") || hasName(error, "NotCapable");
}

/** What has failed in the end: the message of the first of an error's causes. */
export function firstReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : firstReason(error.cause);
}

function hasName(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
