/**
 * The streams of a connection that is spoken frame by frame.
 *
 * @module
 */
import { CompressionError } from "../../../wire/hpack/hpack_decoder.ts";
import { FLAGS, FRAMES } from "./http2_bytes.ts";
import type { Frame, RawPeer } from "./raw_peer.ts";

/** What hears of one stream. */
export interface StreamUser {
  /** Headers have come, or trailers. */
  onHeaders(fields: Readonly<Record<string, string>>): void;
  /** So many bytes of data have come. */
  onData(bytes: number): void;
  /** The other side has ended the stream. */
  onEnd(): void;
}

/** Tells of all that comes, and acknowledges it, until the connection ends. */
export async function listen(
  peer: RawPeer,
  userOf: (stream: number) => StreamUser | undefined,
): Promise<void> {
  try {
    for (let frame; (frame = await peer.next()) !== undefined;) {
      hear(peer, frame, userOf);
    }
  } catch (error) {
    // The other side may go at any time, and this one may be closed meanwhile.
    if (error instanceof CompressionError || error instanceof TypeError) throw error;
  }
}

function hear(
  peer: RawPeer,
  frame: Frame,
  userOf: (stream: number) => StreamUser | undefined,
): void {
  const { type, flags, stream, payload } = frame;
  const isAck = (flags & FLAGS.ACK) !== 0;
  if (type === FRAMES.SETTINGS && !isAck) peer.trySend({ type, flags: FLAGS.ACK });
  if (type === FRAMES.PING && !isAck) {
    peer.trySend({ type, flags: FLAGS.ACK, payload: payload.slice() });
  }
  if (type === FRAMES.RST_STREAM) userOf(stream)?.onEnd();
  if (type !== FRAMES.HEADERS && type !== FRAMES.DATA) return;
  if (type === FRAMES.DATA) userOf(stream)?.onData(payload.length);
  // Each block has to be decoded, whoever is concerned.
  else userOf(stream)?.onHeaders(Object.fromEntries(peer.headers(frame)));
  if ((flags & FLAGS.END_STREAM) !== 0) userOf(stream)?.onEnd();
}
