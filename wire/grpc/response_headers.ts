/**
 * The headers and trailers of a response (RFC 9113, 8.3.2; "Responses" in gRPC's
 * protocol over HTTP/2).
 *
 * @module
 */
import { CallHeaders } from "../../rpc/call_headers.ts";
import {
  codeFromNumber,
  codeToNumber,
  type StatusCode,
  StatusError,
} from "../../rpc/status.ts";
import type { Status } from "../../rpc/transport.ts";
import { checkFields, MalformedError } from "../http2/field_rules.ts";
import {
  CONTENT_TYPE,
  type Encoding,
  isGrpcType,
  readEncoding,
  readUserHeaders,
  writeUserHeaders,
} from "./grpc_headers.ts";
import { readMessage, writeMessage } from "./grpc_message.ts";
import type { HeaderField } from "../hpack/hpack_table.ts";

/** Headers that say nothing yet (1xx): others follow, and these are skipped. */
export interface InformationalHead {
  /** There is more to come. */
  readonly kind: "informational";
}

/** The headers before the first message. */
export interface ResponseHead {
  /** Messages and trailers follow. */
  readonly kind: "head";
  /** The user's own headers. */
  readonly headers: CallHeaders;
  /** How those messages are compressed whose flag says that they are. */
  readonly encoding: Encoding;
  /** How many bytes all DATA frames are to have; undefined when it is not said. */
  readonly contentLength: number | undefined;
}

/** Headers by which the call has ended: trailers only, or an answer that cannot be read. */
export interface EndedResponse {
  /** Nothing that follows counts. */
  readonly kind: "ended";
  /** How the call ended. */
  readonly status: Status;
}

/** What of a response the code that reads it knows already. */
export interface ReadResponseOptions {
  /** The path that was called, for messages. */
  readonly path: string;
  /** Whether these headers end the stream. */
  readonly isEnd: boolean;
}

const PSEUDO_HEADERS: ReadonlySet<string> = new Set([":status"]);
const NO_PSEUDO_HEADERS: ReadonlySet<string> = new Set();

/** What an HTTP status means where there is none of gRPC ("HTTP to gRPC Status Code Mapping"). */
const CODES_OF_HTTP: { readonly [status: string]: StatusCode | undefined } = {
  "400": "INTERNAL",
  "401": "UNAUTHENTICATED",
  "403": "PERMISSION_DENIED",
  "404": "UNIMPLEMENTED",
  "429": "UNAVAILABLE",
  "502": "UNAVAILABLE",
  "503": "UNAVAILABLE",
  "504": "UNAVAILABLE",
};

/**
 * Reads the headers of a response, as long as no `head` has come.
 *
 * @throws {MalformedError} when they break a rule of HTTP/2.
 */
export function readResponse(
  list: readonly HeaderField[],
  { path, isEnd }: ReadResponseOptions,
): InformationalHead | ResponseHead | EndedResponse {
  const { pseudo, fields, contentLength } = checkFields(list, PSEUDO_HEADERS);
  const httpStatus = pseudo.get(":status");
  if (httpStatus === undefined || !/^[1-9][0-9]{2}$/.test(httpStatus)) {
    throw new MalformedError(`there is no valid ":status"`);
  }
  if (httpStatus.startsWith("1")) {
    if (isEnd || httpStatus === "101") {
      throw new MalformedError(`the status ${httpStatus} cannot stand here`);
    }
    return { kind: "informational" };
  }
  const get = (name: string) => fields.find((field) => field[0] === name)?.[1];
  if (get("grpc-status") !== undefined) {
    return { kind: "ended", status: readStatus(fields, path) };
  }
  const contentType = get("content-type");
  if (httpStatus !== "200" || !isGrpcType(contentType)) {
    const code = CODES_OF_HTTP[httpStatus] ?? "UNKNOWN";
    const type = contentType?.slice(0, 100) ?? "no content-type";
    const message =
      `Cannot call ${path}: the server at this address speaks HTTP, not gRPC (status ${httpStatus}, ${type})`;
    return ended(code, message);
  }
  if (isEnd) return { kind: "ended", status: statusWithoutTrailers(path) };
  const encoding = readEncoding(get("grpc-encoding"));
  if (encoding === undefined) {
    const message = `Cannot call ${path}: the server compresses by an unknown encoding`;
    return ended("INTERNAL", message);
  }
  try {
    return { kind: "head", headers: readUserHeaders(fields), encoding, contentLength };
  } catch (error) {
    if (error instanceof StatusError) return ended(error.code, error.message);
    throw error;
  }
}

/**
 * Reads the trailers of a response.
 *
 * @throws {MalformedError} when they break a rule of HTTP/2.
 */
export function readTrailers(
  list: readonly HeaderField[],
  { path }: Pick<ReadResponseOptions, "path">,
): Status {
  return readStatus(checkFields(list, NO_PSEUDO_HEADERS).fields, path);
}

/** How a call ended whose response ended without `grpc-status`. */
export function statusWithoutTrailers(path: string): Status {
  const message = `Cannot call ${path}: the server ended the response without a status`;
  return { code: "UNKNOWN", message, trailers: new CallHeaders(), isLocal: true };
}

/**
 * The headers before the first message.
 *
 * @throws {TypeError} when one of the user's headers cannot be sent.
 */
export function writeResponse(headers: CallHeaders): HeaderField[] {
  return [
    [":status", "200"],
    ["content-type", CONTENT_TYPE],
    ...writeUserHeaders(headers),
  ];
}

/**
 * The trailers behind the last message.
 *
 * @throws {TypeError} when one of the user's trailers cannot be sent.
 */
export function writeTrailers({ code, message, trailers }: Status): HeaderField[] {
  const fields: HeaderField[] = [["grpc-status", `${codeToNumber(code)}`]];
  if (message !== "") fields.push(["grpc-message", writeMessage(message)]);
  fields.push(...writeUserHeaders(trailers));
  return fields;
}

/**
 * The headers of a call that has no messages: they are its trailers, too.
 *
 * @throws {TypeError} when one of the user's trailers cannot be sent.
 */
export function writeTrailersOnly(status: Status): HeaderField[] {
  return [
    [":status", "200"],
    ["content-type", CONTENT_TYPE],
    ...writeTrailers(status),
  ];
}

function readStatus(fields: readonly HeaderField[], path: string): Status {
  let number: string | undefined;
  let text = "";
  for (const [name, value] of fields) {
    if (name === "grpc-status") number = value;
    else if (name === "grpc-message") text = readMessage(value);
  }
  if (number === undefined) return statusWithoutTrailers(path);
  const code = /^[0-9]{1,3}$/.test(number) ? codeFromNumber(Number(number)) : "UNKNOWN";
  const message = code === "OK" ? "" : text;
  try {
    return { code, message, trailers: readUserHeaders(fields) };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return ended(error.code, error.message).status;
  }
}

function ended(code: StatusCode, message: string): EndedResponse {
  const trailers = new CallHeaders();
  return { kind: "ended", status: { code, message, trailers, isLocal: true } };
}
