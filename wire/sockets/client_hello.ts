/**
 * The host that a client asks for in the first message of TLS (RFC 8446, 4.1.2; SNI is
 * RFC 6066, 3). It is read here, and not by `node:tls`: in Deno 2.9.6 that never frees a
 * connection whose client leaves before this message is complete.
 *
 * @module
 */

import { joinBytes } from "../../base/join_bytes.ts";

const HANDSHAKE_RECORD = 22;
const RECORD_HEAD = 5;
const CLIENT_HELLO = 1;
const MESSAGE_HEAD = 4;
/** The client's version of TLS, and its random bytes. */
const FIXED_PART = 2 + 32;
const SERVER_NAME = 0;
const HOST_NAME = 0;

/** Into more records the first message is not cut: each one is looked at again. */
const MAX_RECORDS = 64;
/** The largest first message that is read, in bytes. */
export const MAX_CLIENT_HELLO: number = 32 * 1024;

/** What the first bytes of a connection say. */
export interface ClientHello {
  /** The host that the client asks for; undefined when it names none. */
  readonly serverName: string | undefined;
}

/**
 * Reads a client's first message; undefined while it is not complete.
 *
 * @throws {Error} when this is no such message.
 */
export function readClientHello(bytes: Uint8Array): ClientHello | undefined {
  const message = messageIn(bytes);
  if (message === undefined) return undefined;
  const hello = new Reader(message);
  hello.take(FIXED_PART);
  hello.take(hello.number(1)); // session
  hello.take(hello.number(2)); // ciphers
  hello.take(hello.number(1)); // compressions
  return { serverName: hello.isAtEnd ? undefined : serverNameIn(hello.list(2)) };
}

/** The first message, which may be cut into several records, without its head. */
function messageIn(bytes: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  const head: number[] = [];
  let count = 0;
  let length = MESSAGE_HEAD;
  for (let at = 0; count < length;) {
    if (at < bytes.length && bytes[at] !== HANDSHAKE_RECORD) throw notTls();
    if (at + RECORD_HEAD > bytes.length) return undefined;
    const size = bytes[at + 3] * 256 + bytes[at + 4];
    if (size === 0 || parts.length === MAX_RECORDS) throw notTls();
    const part = bytes.subarray(at + RECORD_HEAD, at + RECORD_HEAD + size);
    at += RECORD_HEAD + size;
    count += part.length;
    if (part.length > 0) parts.push(part);
    head.push(...part.subarray(0, MESSAGE_HEAD - head.length));
    if (head.length > 0 && head[0] !== CLIENT_HELLO) throw notTls();
    if (head.length < MESSAGE_HEAD) continue;
    length = MESSAGE_HEAD + head[1] * 65536 + head[2] * 256 + head[3];
    if (length > MAX_CLIENT_HELLO) throw notTls();
  }
  return joinBytes(parts).subarray(MESSAGE_HEAD, length);
}

function serverNameIn(extensions: Reader): string | undefined {
  while (!extensions.isAtEnd) {
    const type = extensions.number(2);
    const extension = extensions.list(2);
    if (type !== SERVER_NAME) continue;
    const names = extension.list(2);
    while (!names.isAtEnd) {
      const kind = names.number(1);
      const name = names.take(names.number(2));
      if (kind === HOST_NAME) return new TextDecoder().decode(name);
    }
  }
  return undefined;
}

/** Reads numbers and lists, one after the other. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** The next bytes. */
  take(length: number): Uint8Array {
    const end = this.#at + length;
    if (end > this.#bytes.length) throw notTls();
    const bytes = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return bytes;
  }

  /** The next number, of so many bytes. */
  number(length: number): number {
    return this.take(length).reduce((number, byte) => number * 256 + byte, 0);
  }

  /** The next list, with its length before it. */
  list(lengthBytes: number): Reader {
    return new Reader(this.take(this.number(lengthBytes)));
  }
}

function notTls(): Error {
  return new Error("the client does not speak TLS");
}
