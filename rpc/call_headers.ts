/**
 * The headers and trailers of a call.
 *
 * @module
 */
import { checkValue, type ValueKind } from "../base/check_options.ts";
import { showKind } from "../base/show_value.ts";

/** Headers to send: one value or several for each name. */
export type CallHeadersInit = CallHeaders | {
  readonly [name: string]: string | Uint8Array | readonly (string | Uint8Array)[];
};

/** The kind of headers to send. A `Headers` of the web has none that can be listed. */
export const HEADERS: ValueKind = {
  wanted: 'CallHeaders or a plain object, such as { "x-trace": "a" }',
  isType: (value) => {
    if (value instanceof CallHeaders) return true;
    if (typeof value !== "object" || value === null) return false;
    const prototype = Object.getPrototypeOf(value);
    return prototype === null || prototype === Object.prototype;
  },
};

/**
 * Headers or trailers of a call: names in lower case, each with one value or more.
 * The values of a name that ends in `-bin` are bytes, all others are ASCII texts
 * (gRPC over HTTP/2, "Custom-Metadata").
 *
 * @example Texts and bytes
 * ```ts
 * import { CallHeaders } from "@tinyflight/flight/flight";
 *
 * const headers = new CallHeaders({ "x-trace": ["a", "b"] });
 * headers.set("x-key-bin", new Uint8Array([1, 2]));
 * console.log(headers.get("x-trace"), headers.getAll("x-trace")); // "a" ["a", "b"]
 * ```
 */
export class CallHeaders implements Iterable<[string, string | Uint8Array]> {
  #values: Map<string, (string | Uint8Array)[]> = new Map();

  /**
   * Headers with these values, or none.
   *
   * @throws {TypeError} when a name or a value cannot be sent.
   */
  constructor(init: CallHeadersInit = {}) {
    checkValue("headers", init, HEADERS);
    if (init instanceof CallHeaders) {
      for (const [name, value] of init) this.append(name, value);
      return;
    }
    for (const [name, value] of Object.entries(init)) {
      const values = Array.isArray(value) ? value : [value];
      for (const one of values) this.append(name, one);
    }
  }

  /** The first text under this name. */
  get(name: string): string | undefined {
    return this.getAll(name)[0];
  }

  /** All texts under this name. */
  getAll(name: string): string[] {
    const values = this.#values.get(name.toLowerCase()) ?? [];
    return values.filter((value) => typeof value === "string");
  }

  /** The first bytes under this name, which ends in `-bin`. */
  getBytes(name: string): Uint8Array | undefined {
    return this.getAllBytes(name)[0];
  }

  /** All bytes under this name, which ends in `-bin`. */
  getAllBytes(name: string): Uint8Array[] {
    const values = this.#values.get(name.toLowerCase()) ?? [];
    return values.filter((value) => typeof value !== "string");
  }

  /** Whether there is a value under this name. */
  has(name: string): boolean {
    return this.#values.has(name.toLowerCase());
  }

  /** Puts this value in the place of all those under this name. */
  set(name: string, value: string | Uint8Array): void {
    checkHeader(name, value);
    this.#values.set(name.toLowerCase(), [value]);
  }

  /** Adds this value to those under this name. */
  append(name: string, value: string | Uint8Array): void {
    checkHeader(name, value);
    this.#add(name.toLowerCase(), value);
  }

  /** Takes away all values under this name. */
  delete(name: string): void {
    this.#values.delete(name.toLowerCase());
  }

  /** Adds the headers that a peer sent, whatever characters it put into them. */
  receive(entries: Iterable<[string, string | Uint8Array]>): void {
    for (const [name, value] of entries) this.#add(name.toLowerCase(), value);
  }

  /** Each name with each of its values. */
  *[Symbol.iterator](): Generator<[string, string | Uint8Array]> {
    for (const [name, values] of this.#values) {
      for (const value of values) yield [name, value];
    }
  }

  #add(key: string, value: string | Uint8Array): void {
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else values.push(value);
  }
}

/** Names that HTTP/2 forbids (RFC 9113, 8.2.2), or that gRPC has for itself. */
const RESERVED =
  /^(connection|keep-alive|proxy-connection|transfer-encoding|upgrade|te|host|http2-settings|content-type|content-length|grpc-.*)$/i;

/** Whether HTTP/2 or gRPC has this name for itself, so that no user may set it. */
export function isReservedHeader(name: string): boolean {
  return RESERVED.test(name);
}

function checkHeader(name: string, value: string | Uint8Array): void {
  if (isReservedHeader(name)) {
    throw new TypeError(
      `Cannot set the header "${name}": the protocol has it for itself`,
    );
  }
  if (!/^[0-9a-z_.-]+$/i.test(name)) {
    throw new TypeError(
      `Cannot set the header "${name}": a name has letters, digits, "_", "-" and "." only`,
    );
  }
  const binary = name.toLowerCase().endsWith("-bin");
  if (binary ? !(value instanceof Uint8Array) : typeof value !== "string") {
    throw new TypeError(
      `Cannot set the header "${name}" to ${showKind(value)}: its value has to be ${
        binary ? "bytes" : "a text, or its name has to end in -bin"
      }`,
    );
  }
  if (typeof value === "string" && !/^([!-~]([ -~]*[!-~])?)?$/.test(value)) {
    throw new TypeError(
      `Cannot set the header "${name}": its value has to be printable ASCII without spaces around it`,
    );
  }
}
