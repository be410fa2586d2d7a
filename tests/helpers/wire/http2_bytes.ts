/**
 * HTTP/2 by hand, as no library would write it.
 *
 * @module
 */
import { joinBytes } from "../../../base/join_bytes.ts";
import { writeAll } from "./raw_tcp.ts";
import { utf8 } from "../serving.ts";

/** What a client says first of all. */
export const PREFACE: Uint8Array = utf8("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** The types of frames. */
export const FRAMES = {
  DATA: 0,
  HEADERS: 1,
  RST_STREAM: 3,
  SETTINGS: 4,
  PING: 6,
  GOAWAY: 7,
  WINDOW_UPDATE: 8,
  CONTINUATION: 9,
} as const;
/** What some frames have for flags. */
export const FLAGS = { END_STREAM: 1, ACK: 1, END_HEADERS: 4 } as const;

/** A frame's parts. */
export interface Http2Frame {
  readonly type: number;
  readonly flags?: number;
  readonly stream?: number;
  readonly payload?: Uint8Array;
}

/** The bytes of a frame. */
export function http2Frame(
  { type, flags = 0, stream = 0, payload = new Uint8Array(0) }: Http2Frame,
): Uint8Array {
  const bytes = new Uint8Array(9 + payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, payload.length << 8 | type);
  view.setUint8(4, flags);
  view.setUint32(5, stream);
  bytes.set(payload, 9);
  return bytes;
}

/** Numbers of 32 bits each, as frames have them. */
export function uint32s(...values: number[]): Uint8Array {
  const bytes = new Uint8Array(4 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, index) => view.setUint32(4 * index, value));
  return bytes;
}

/** Headers in HPACK's plainest form: names and values as they are, each a short one. */
export function literalHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  return Uint8Array.from(
    Object.entries(headers).flatMap((entry) => [
      0,
      ...entry.flatMap((text) => [text.length, ...utf8(text)]),
    ]),
  );
}

/** More headers than node:http2 takes, which are 128. */
export const TOO_MANY_HEADERS: Uint8Array = literalHeaders(Object.fromEntries(
  Array.from({ length: 140 }, (_, index) => [`x-${index}`, "1"]),
));

/** The headers of a call of this method. */
export function callHeaders(method: string): Uint8Array {
  return literalHeaders({
    ":method": "POST",
    ":scheme": "http",
    ":path": `/arrow.flight.protocol.FlightService/${method}`,
    ":authority": "localhost",
    "content-type": "application/grpc",
    "te": "trailers",
  });
}

/**
 * A header in a form that makes the receiver keep it: {@linkcode KEPT_HEADER} stands for
 * the last one that was kept. The value has 127 characters or more.
 */
export function keptHeader(name: string, value: string): Uint8Array {
  const length = [127];
  let left = value.length - 127;
  for (; left >= 128; left >>= 7) length.push(left & 127 | 128);
  length.push(left);
  return Uint8Array.from([64, name.length, ...utf8(name), ...length, ...utf8(value)]);
}

/** A header that was kept, in HPACK's shortest form. */
export const KEPT_HEADER = 190;

/** Connects to this machine's port, and says all of this in one piece. */
export async function say(
  port: number,
  frames: readonly Uint8Array[],
): Promise<Deno.Conn> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const settings = http2Frame({ type: FRAMES.SETTINGS });
  try {
    await writeAll(conn, joinBytes([PREFACE, settings, ...frames]));
    return conn;
  } catch (error) {
    conn.close();
    throw error;
  }
}
