/**
 * The headers of a request (RFC 9113, 8.3.1; "Requests" in gRPC's protocol over HTTP/2).
 *
 * @module
 */
import type { CallHeaders } from "../../rpc/call_headers.ts";
import { codeToNumber, type StatusCode, StatusError } from "../../rpc/status.ts";
import { checkFields, MalformedError } from "../http2/field_rules.ts";
import {
  ACCEPTED_ENCODINGS,
  CONTENT_TYPE,
  type Encoding,
  isGrpcType,
  readEncoding,
  readUserHeaders,
  writeUserHeaders,
} from "./grpc_headers.ts";
import { writeMessage } from "./grpc_message.ts";
import { readTimeout, writeTimeout } from "./grpc_timeout.ts";
import type { HeaderField } from "../hpack/hpack_table.ts";

/** The headers of a call that is to be answered. */
export interface RequestHead {
  /** It is a call of gRPC. */
  readonly kind: "call";
  /** The path of the method, known or not. */
  readonly path: string;
  /** The host and port by which the client reached the server, when it said so. */
  readonly authority: string | undefined;
  /** How long the client waits, in milliseconds; undefined when it waits on. */
  readonly timeout: number | undefined;
  /** How those messages are compressed whose flag says that they are. */
  readonly encoding: Encoding;
  /** How many bytes all DATA frames are to have; undefined when it is not said. */
  readonly contentLength: number | undefined;
  /** The user's own headers. */
  readonly headers: CallHeaders;
}

/** A request that no handler sees. */
export interface RefusedRequest {
  /** It is refused. */
  readonly kind: "refused";
  /** The headers of the answer; they end the stream when the body is empty. */
  readonly answer: HeaderField[];
  /** What a person reads who calls the server by a browser or the like; often empty. */
  readonly body: Uint8Array;
  /** How many bytes all DATA frames are to have; undefined when it is not said. */
  readonly contentLength: number | undefined;
}

/** How {@linkcode writeRequest} writes the headers of a call. */
export interface WriteRequestOptions {
  /** The path of the method. */
  readonly path: string;
  /** Whether TLS is spoken: the scheme is `https` then. */
  readonly isSecure: boolean;
  /** The host and port of the server. */
  readonly authority: string;
  /** The user's own headers; a `user-agent` among them takes the place of ours. */
  readonly headers: CallHeaders;
  /** How long the client waits, in milliseconds. @default it waits on */
  readonly timeout?: number;
  /** How those messages are compressed whose flag says that they are. @default "identity" */
  readonly encoding?: Encoding;
}

const PSEUDO_HEADERS: ReadonlySet<string> = new Set([
  ":method",
  ":scheme",
  ":authority",
  ":path",
]);
const NO_PSEUDO_HEADERS: ReadonlySet<string> = new Set();
/** What clients of HTTP are told. */
const HTTP_ANSWER: Uint8Array = new TextEncoder().encode(
  `This is a gRPC server: it answers POST requests of the type ${CONTENT_TYPE}.\n`,
);
/** What servers read in their logs. */
const USER_AGENT = "grpc-typescript-tinyflight";

/**
 * Reads the headers of a request.
 *
 * A `grpc-timeout` that is none is answered with INTERNAL, as by the servers in Go and
 * JavaScript: the specification has no code for it, and to wait for ever would not be
 * what the client asked for. An unknown `grpc-encoding` is UNIMPLEMENTED, together with
 * the known ones (gRPC, "Compression").
 *
 * @throws {MalformedError} when it breaks a rule of HTTP/2.
 */
export function readRequest(
  list: readonly HeaderField[],
): RequestHead | RefusedRequest {
  const { pseudo, fields, contentLength } = checkFields(list, PSEUDO_HEADERS);
  const method = pseudo.get(":method");
  const path = pseudo.get(":path");
  if (method === undefined) throw new MalformedError(`there is no ":method"`);
  checkTarget(method, pseudo);
  const own = readOwnFields(fields);
  if (method !== "POST" || path === undefined) {
    return refuseHttp("405", method === "HEAD", contentLength);
  }
  if (!isGrpcType(own.contentType)) return refuseHttp("415", false, contentLength);
  const refuse = (code: StatusCode, message: string) =>
    refuseCall(code, message, contentLength);
  const timeout = own.timeout === undefined ? undefined : readTimeout(own.timeout);
  if (own.timeout !== undefined && timeout === undefined) {
    const message = "Cannot accept the call: grpc-timeout is not a number and a unit";
    return refuse("INTERNAL", message);
  }
  const encoding = readEncoding(own.encoding);
  if (encoding === undefined) {
    const message = `Cannot accept the call: the encoding ${
      JSON.stringify(own.encoding)
    } is unknown; there are ${ACCEPTED_ENCODINGS}`;
    return refuse("UNIMPLEMENTED", message);
  }
  try {
    const headers = readUserHeaders(fields);
    const authority = pseudo.get(":authority") ?? own.host;
    return { kind: "call", path, authority, timeout, encoding, contentLength, headers };
  } catch (error) {
    if (!(error instanceof StatusError)) throw error;
    return refuse(error.code, error.message);
  }
}

/**
 * Checks the trailers of a request. gRPC has none, and they say nothing to a handler.
 *
 * @throws {MalformedError} when they break a rule of HTTP/2.
 */
export function checkRequestTrailers(list: readonly HeaderField[]): void {
  checkFields(list, NO_PSEUDO_HEADERS);
}

/**
 * The headers of a call.
 *
 * @throws {TypeError} when one of the user's headers cannot be sent.
 */
export function writeRequest(options: WriteRequestOptions): HeaderField[] {
  const { path, isSecure, authority, headers, timeout, encoding = "identity" } =
    options;
  const fields: HeaderField[] = [
    [":method", "POST"],
    [":scheme", isSecure ? "https" : "http"],
    [":path", path],
    [":authority", authority],
    ["te", "trailers"],
    ["content-type", CONTENT_TYPE],
    ["grpc-accept-encoding", ACCEPTED_ENCODINGS],
  ];
  if (encoding !== "identity") fields.push(["grpc-encoding", encoding]);
  if (timeout !== undefined) fields.push(["grpc-timeout", writeTimeout(timeout)]);
  if (!headers.has("user-agent")) fields.push(["user-agent", USER_AGENT]);
  fields.push(...writeUserHeaders(headers));
  return fields;
}

/** A CONNECT has an authority alone, and every other request its scheme and its path. */
function checkTarget(method: string, pseudo: ReadonlyMap<string, string>): void {
  const scheme = pseudo.get(":scheme");
  const path = pseudo.get(":path");
  if (method === "CONNECT") {
    if (scheme !== undefined || path !== undefined || !pseudo.has(":authority")) {
      throw new MalformedError("a CONNECT has an authority, no scheme and no path");
    }
    return;
  }
  if (scheme === undefined) throw new MalformedError(`there is no ":scheme"`);
  if (path === undefined || path === "") {
    throw new MalformedError(`there is no ":path"`);
  }
}

interface OwnFields {
  contentType?: string;
  timeout?: string;
  encoding?: string;
  host?: string;
}

const OWN_FIELDS: ReadonlyMap<string, keyof OwnFields> = new Map([
  ["content-type", "contentType"],
  ["grpc-timeout", "timeout"],
  ["grpc-encoding", "encoding"],
  ["host", "host"],
]);

/** The fields that the protocol itself reads; of repeated ones the values are joined. */
function readOwnFields(fields: readonly HeaderField[]): OwnFields {
  const own: OwnFields = {};
  for (const [name, value] of fields) {
    const key = OWN_FIELDS.get(name);
    if (key === undefined) continue;
    own[key] = own[key] === undefined ? value : `${own[key]}, ${value}`;
  }
  return own;
}

/** An answer for clients of HTTP, which do not know gRPC's statuses. */
function refuseHttp(
  status: "405" | "415",
  isHead: boolean,
  contentLength: number | undefined,
): RefusedRequest {
  const answer: HeaderField[] = [
    [":status", status],
    ["content-type", "text/plain; charset=utf-8"],
    ["content-length", `${HTTP_ANSWER.length}`],
  ];
  if (status === "405") answer.push(["allow", "POST"]);
  const body = isHead ? new Uint8Array() : HTTP_ANSWER;
  return { kind: "refused", answer, body, contentLength };
}

function refuseCall(
  code: StatusCode,
  message: string,
  contentLength: number | undefined,
): RefusedRequest {
  const answer: HeaderField[] = [
    [":status", "200"],
    ["content-type", CONTENT_TYPE],
    ["grpc-status", `${codeToNumber(code)}`],
    ["grpc-message", writeMessage(message)],
  ];
  if (code === "UNIMPLEMENTED") {
    answer.push(["grpc-accept-encoding", ACCEPTED_ENCODINGS]);
  }
  return { kind: "refused", answer, body: new Uint8Array(), contentLength };
}
