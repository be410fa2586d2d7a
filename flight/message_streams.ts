/**
 * Streams of grpc-js as async iterables, with backpressure, for both sides.
 *
 * @module
 */
import type { Readable, Writable } from "node:stream";
import type { OutgoingMessage } from "../rpc/transport.ts";
import { unlessAborted } from "../base/abort.ts";

/**
 * Gives grpc-js a message in its parts. It asks for a Buffer, but uses of it only its
 * length and how it is copied, straight into its frame: hence the cast.
 */
export const serializeWire: (message: OutgoingMessage) => Buffer = (
  { length, parts },
) => {
  const copy = (target: Uint8Array, offset: number) => {
    for (const part of parts) {
      target.set(part, offset);
      offset += part.length;
    }
  };
  return { length, byteLength: length, copy } as unknown as Buffer;
};

/** The same as bytes in one piece, which grpc-js needs to compress them. */
export const serializeWhole: (message: OutgoingMessage) => Buffer = ({ parts }) =>
  Buffer.concat(parts);

/** Takes a message's bytes from grpc-js as they are, to be read by its codec. */
export const deserializeWire: (bytes: Buffer) => Uint8Array = (bytes) => bytes;

/** Messages under way in a stream: one that is being sent, and one behind it. */
const MAX_UNSENT = 2;

/**
 * The messages of a stream, one by one, until it ends; the signal's reason is
 * thrown when that comes first. Messages that have arrived come before the reason.
 */
export async function* readStream<T = Uint8Array>(
  stream: Readable,
  signal: AbortSignal,
): AsyncGenerator<T> {
  keepOneMessage(stream);
  let ended = false;
  let wake = () => {};
  const onEnd = () => {
    ended = true;
    wake();
  };
  const onWake = () => wake();
  stream.on("readable", onWake);
  stream.on("end", onEnd);
  signal.addEventListener("abort", onWake);
  try {
    while (true) {
      const message: T | null = stream.read();
      if (message !== null) yield message;
      else if (ended) return;
      else if (signal.aborted) throw signal.reason;
      else await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    stream.off("readable", onWake);
    stream.off("end", onEnd);
    signal.removeEventListener("abort", onWake);
  }
}

/**
 * Writes all messages to a stream, each when there is room for it, and stops with
 * the signal's reason when that comes first. The messages' iterator is always
 * closed. Does not end the stream.
 */
export async function writeStream(
  stream: Writable,
  messages: AsyncIterable<OutgoingMessage>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = messages[Symbol.asyncIterator]();
  let unsent = 0;
  let wake = () => {};
  const onSent = () => {
    unsent--;
    wake();
  };
  let waiting = false;
  let done: boolean | undefined = false;
  try {
    while (true) {
      waiting = true;
      const result = await unlessAborted(iterator.next(), signal);
      waiting = false;
      done = result.done;
      if (result.done) return;
      unsent++;
      stream.write(result.value, onSent);
      while (unsent >= MAX_UNSENT) {
        // grpc-js drops the callbacks of a call that was cancelled.
        await unlessAborted(new Promise<void>((resolve) => wake = resolve), signal);
      }
    }
  } finally {
    // A source that is still busy closes when it is done, and nobody waits for it.
    if (waiting) iterator.return?.().catch(() => {});
    else if (!done) await iterator.return?.();
  }
}

/**
 * Makes a stream of grpc-js read one message ahead. It would read 16, which with
 * messages of many megabytes is no backpressure, and takes no option for it.
 */
function keepOneMessage(stream: Readable): void {
  const { _readableState: state } = stream as Readable & {
    _readableState?: { highWaterMark: number };
  };
  if (state !== undefined) state.highWaterMark = 1;
}
