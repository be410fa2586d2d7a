/**
 * HTTP/2 by hand, as no library would write it.
 *
 * @module
 */
import { utf8 } from "./serving.ts";

/** What a client says first of all. */
export const PREFACE: Uint8Array = utf8("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
/** The types of some frames. */
export const FRAMES = { HEADERS: 1, SETTINGS: 4 } as const;

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

/** Headers in HPACK's plainest form: names and values as they are, each a short one. */
export function literalHeaders(headers: Readonly<Record<string, string>>): Uint8Array {
  return Uint8Array.from(
    Object.entries(headers).flatMap((entry) => [
      0,
      ...entry.flatMap((text) => [text.length, ...utf8(text)]),
    ]),
  );
}
