/**
 * An HTTP proxy that passes a connection on (CONNECT; RFC 9110, 9.3.6).
 *
 * @module
 */
import type { Socket } from "./socket.ts";

/** The largest head of an answer, in bytes. */
const MAX_HEAD = 8 * 1024;

/** A proxy, and what to tell it. */
export interface Proxy {
  /** The proxy's host. */
  readonly hostname: string;
  /** The proxy's port. */
  readonly port: number;
  /** The user and the password as the header has them; undefined when there are none. */
  readonly authorization: string | undefined;
}

/**
 * Reads the URL of a proxy, such as `http://user:password@proxy.example:3128`.
 *
 * @throws {TypeError} when it is not the URL of a proxy.
 */
export function parseProxy(url: string): Proxy {
  const parsed = URL.parse(url);
  if (
    parsed === null || parsed.protocol !== "http:" || parsed.pathname !== "/" ||
    parsed.search !== "" || parsed.hash !== ""
  ) {
    // What was passed may have a password, and is not shown.
    throw new TypeError(
      'Cannot use the proxy: it has to be a URL such as "http://proxy.example:3128"',
    );
  }
  const { hostname, port, username, password } = parsed;
  return {
    hostname: hostname.replace(/^\[|\]$/g, ""),
    port: Number(port || 80),
    authorization: username === "" && password === ""
      ? undefined
      : `Basic ${encode(username, password)}`,
  };
}

/**
 * Asks the proxy at the other end of a socket to pass on all that follows.
 *
 * @throws {Error} when it does not.
 */
export async function openTunnel(
  socket: Socket,
  target: string,
  { authorization }: Proxy,
): Promise<void> {
  const lines = [`CONNECT ${target} HTTP/1.1`, `host: ${target}`];
  if (authorization !== undefined) lines.push(`proxy-authorization: ${authorization}`);
  await socket.write([new TextEncoder().encode(`${lines.join("\r\n")}\r\n\r\n`)]);
  const [status] = (await readHead(socket)).split("\r\n");
  const [, code, reason] = /^HTTP\/1\.\d (\d{3}) ?(.*)$/.exec(status) ?? [];
  if (code === undefined) throw new Error("the proxy does not speak HTTP/1");
  if (code.startsWith("2")) return;
  throw new Error(
    code === "407"
      ? "the proxy asks for a user and a password, or does not accept them"
      : `the proxy does not connect to ${target}: ${code} ${reason}`,
  );
}

/** Reads a head, and not a byte more: what follows is the server's. */
async function readHead(socket: Socket): Promise<string> {
  const head = new Uint8Array(MAX_HEAD);
  for (let at = 0; at < MAX_HEAD; at++) {
    if (await socket.read(head.subarray(at, at + 1)) === null) {
      throw new Error("the proxy has closed the connection");
    }
    const text = String.fromCharCode(...head.subarray(Math.max(at - 3, 0), at + 1));
    if (text === "\r\n\r\n") return new TextDecoder().decode(head.subarray(0, at));
  }
  throw new Error("the proxy does not speak HTTP/1");
}

/** A user and a password of a URL as base64. */
function encode(username: string, password: string): string {
  const text = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
