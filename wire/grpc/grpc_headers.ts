/**
 * What requests and responses of gRPC over HTTP/2 have in common: the headers that are
 * a user's own, and the encodings of messages.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { CallHeaders, isReservedHeader } from "../../rpc/call_headers.ts";
import { StatusError } from "../../rpc/status.ts";
import type { HeaderField } from "../hpack/hpack_table.ts";

/** How the messages of a call may be compressed. */
export type Encoding = "identity" | "gzip" | "deflate";

/** The encodings that are understood, as `grpc-accept-encoding` tells them. */
export const ACCEPTED_ENCODINGS = "identity,deflate,gzip";
/** The type of the bodies: any messages, as a transport knows no more of them. */
export const CONTENT_TYPE = "application/grpc";

/** Belongs to gRPC, and is nevertheless a user's to set and to see: more about an error. */
const STATUS_DETAILS = "grpc-status-details-bin";
/** Octets that a value may have, without white space around it. */
const SENDABLE = /^([!-~\x80-\xff]([\t -~\x80-\xff]*[!-~\x80-\xff])?)?$/;

/** The encoding of this name; undefined when it is not understood. */
export function readEncoding(name: string | undefined): Encoding | undefined {
  if (name === undefined) return "identity";
  return name === "identity" || name === "gzip" || name === "deflate"
    ? name
    : undefined;
}

/** Whether a body of this type has messages of gRPC: `application/grpc`, also with more. */
export function isGrpcType(contentType: string | undefined): boolean {
  if (contentType === undefined) return false;
  return contentType === CONTENT_TYPE ||
    /^application\/grpc *([+;]|$)/i.test(contentType);
}

/**
 * The headers that are a user's own: without those of HTTP/2 and of gRPC. Values of
 * names that end in `-bin` are read from base64, with and without padding; several may
 * stand in one field, with commas between them. A cookie that HTTP/2 has divided is one
 * header again (RFC 9113, 8.2.3).
 *
 * @throws {StatusError} INTERNAL, as in Go and Java, when such a value is not base64.
 */
export function readUserHeaders(fields: readonly HeaderField[]): CallHeaders {
  const received: [string, string | Uint8Array][] = [];
  const cookies: string[] = [];
  for (const field of fields) {
    const [name, value] = field;
    if (isReservedHeader(name) && name !== STATUS_DETAILS) continue;
    if (name === "cookie") {
      cookies.push(value);
      continue;
    }
    if (!name.endsWith("-bin")) {
      received.push([name, value]);
      continue;
    }
    for (const part of value.split(",")) received.push([name, readBytes(name, part)]);
  }
  if (cookies.length > 0) received.push(["cookie", cookies.join("; ")]);
  const headers = new CallHeaders();
  headers.receive(received);
  return headers;
}

/**
 * The fields for a user's headers. Bytes are written in base64 without padding.
 *
 * @throws {TypeError} when a header cannot be sent: one that was put there as if it had
 * been received, as {@linkcode CallHeaders} lets no other in.
 */
export function writeUserHeaders(headers: CallHeaders): HeaderField[] {
  const fields: HeaderField[] = [];
  for (const [name, value] of headers) {
    if (isReservedHeader(name) && name !== STATUS_DETAILS) {
      throw new TypeError(
        `Cannot send the header "${name}": the protocol has it for itself`,
      );
    }
    const text = typeof value === "string" ? value : writeBytes(value);
    if (!SENDABLE.test(text)) {
      throw new TypeError(
        `Cannot send the header "${name}": its value has forbidden characters`,
      );
    }
    fields.push([name, text]);
  }
  return fields;
}

function readBytes(name: string, text: string): Uint8Array {
  const trimmed = text.trim();
  const digits = trimmed.replace(/={1,2}$/, "");
  const isPadded = digits.length !== trimmed.length;
  if (
    !/^[A-Za-z0-9+/]*$/.test(digits) || digits.length % 4 === 1 ||
    isPadded && trimmed.length % 4 !== 0
  ) {
    throw new StatusError(
      "INTERNAL",
      `Cannot read the header "${name}": its value is not base64`,
    );
  }
  return new Uint8Array(Buffer.from(digits, "base64"));
}

function writeBytes(bytes: Uint8Array): string {
  const { buffer, byteOffset, length } = bytes;
  const text = Buffer.from(buffer, byteOffset, length).toString("base64");
  return text.replace(/=+$/, "");
}
