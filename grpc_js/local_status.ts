/**
 * Statuses that grpc-js makes itself, and the messages that are given instead of its own.
 *
 * @module
 */
import { status as codes, type StatusObject } from "@grpc/grpc-js";
import { CallHeaders } from "../rpc/call_headers.ts";
import { codeFromNumber, type StatusCode } from "../rpc/status.ts";
import type { Status } from "../rpc/transport.ts";
import { fromMetadata } from "./metadata.ts";

/** A status of grpc-js's own, and what is given instead. */
interface Translation {
  /** grpc-js's code. */
  readonly code: number;
  /** grpc-js's text. */
  readonly text: RegExp;
  /** The right code, where grpc-js has another. */
  readonly rightCode?: StatusCode;
  /** The message, given the first group of `text` and the server's name. */
  readonly say: (found: string, target: string) => string;
}

const TRANSLATIONS: readonly Translation[] = [
  {
    code: codes.UNAVAILABLE,
    text:
      /^No connection established(?:\. Last error: (.*?))?(?:\. Resolution note: .*)?$/s,
    say: (found, target) => notConnected(target, found),
  },
  {
    code: codes.UNAVAILABLE,
    text: /^Name resolution failed for target (.*)$/s,
    say: (_, target) => notConnected(target, "the name cannot be resolved"),
  },
  {
    code: codes.UNAVAILABLE,
    text:
      /^(?:Connection dropped|Write error: .*|Write failed with error .*|.*ECONNRESET.*|.*ETIMEDOUT.*)$/s,
    say: (_, target) => `The connection to ${target} was lost`,
  },
  {
    code: codes.UNAVAILABLE,
    text: /^Stream refused by server$/,
    say: (_, target) => `${target} refused the call before it began (REFUSED_STREAM)`,
  },
  {
    code: codes.INTERNAL,
    text: /^Failed to start HTTP\/2 stream with error (.*)$/s,
    rightCode: "UNAVAILABLE",
    say: (found, target) => notConnected(target, found),
  },
  {
    code: codes.DEADLINE_EXCEEDED,
    text: /^Deadline exceeded after /,
    say: () => DEADLINE_PASSED,
  },
  {
    code: codes.CANCELLED,
    text: /^Call cancelled$/,
    say: (_, target) => `${target} cancelled the call`,
  },
  {
    code: codes.RESOURCE_EXHAUSTED,
    text: /^Received message larger than max \((\d+) vs\.? 2147483647\)$/,
    say: (found) => `Cannot accept a message of ${found} bytes: it is too large`,
  },
  {
    code: codes.RESOURCE_EXHAUSTED,
    text: /^Bandwidth exhausted or memory limit exceeded$/,
    say: (_, target) => `${target} refused the call (ENHANCE_YOUR_CALM)`,
  },
  {
    code: codes.UNKNOWN,
    text: /^No status information received$/,
    say: (_, target) => `The answer of ${target} is not gRPC's: it has no status`,
  },
  {
    code: codes.INTERNAL,
    text: /^Received RST_STREAM with code (\d+)/,
    say: (found, target) => `${target} broke off the call (HTTP/2 code ${found})`,
  },
];
/** The text for an answer whose HTTP status is not 200. */
const HTTP_STATUS = /^Received HTTP status code (\d+)$/;

/** The message of a call whose deadline has passed on this side. */
export const DEADLINE_PASSED = "The deadline has passed";

/** A status that this side gives a call. */
export function localStatus(code: StatusCode, message: string): Status {
  return { code, message, trailers: new CallHeaders(), isLocal: true };
}

/** The status with which grpc-js ended a call: the server's, or a local one. */
export function readStatus(
  { code, details, metadata }: StatusObject,
  target: string,
): Status {
  for (const translation of TRANSLATIONS) {
    const found = translation.code === code ? translation.text.exec(details) : null;
    if (found === null) continue;
    const { rightCode = codeFromNumber(code) as StatusCode, say } = translation;
    return localStatus(rightCode, say(found[1] ?? "", target));
  }
  const name = codeFromNumber(code);
  const [, httpStatus] = HTTP_STATUS.exec(details) ?? [];
  if (httpStatus !== undefined && name !== "OK") {
    return localStatus(
      name,
      `The answer of ${target} is not gRPC's: its HTTP status is ${httpStatus}`,
    );
  }
  return {
    code: name,
    message: name === "OK" ? "" : details,
    trailers: fromMetadata(metadata),
  };
}

/** The message for a connection that failed, with the system's reason. */
function notConnected(target: string, reason: string): string {
  const plain = reason
    .replace(/ \(\d{4}-\d\d-\d\dT[\d:.]+Z\)$/, "")
    .replace(/^(?:\w*Error(?: \[\w+\])?: )+/, "");
  return `Cannot connect to ${target}: ${
    plain === "" ? "there is no connection" : plain
  }`;
}
