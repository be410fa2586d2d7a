/**
 * Few large writes to a socket in the place of many small ones.
 *
 * @module
 */
import { nextTick } from "node:process";
import type { Duplex } from "node:stream";

/** So many bytes are worth a write of their own. */
const LARGE_WRITE = 64 * 1024;
/** After so many turns of the event loop without a write, no more is waited for. */
const QUIET_TURNS = 2;
/** So many turns a write waits for others at most. */
const MAX_TURNS = 6;

/**
 * Makes a socket hand over together what is written to it soon after each other.
 * HTTP/2 writes frame by frame: headers, data and trailers of a small answer in a
 * turn of the event loop each, and a large message in frames of 16 KiB. Every write
 * is a way to the system, and wakes the peer.
 */
export function gatherWrites(socket: Duplex): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let turns = 0;
  let quietTurns = 0;
  let isFlushing = false;
  const flush = () => {
    isFlushing = false;
    while (socket.writableCorked > 0) socket.uncork();
  };
  const flushWhenQuiet = () => {
    if (socket.writableCorked === 0) return;
    if (quietTurns === QUIET_TURNS || ++turns === MAX_TURNS) return flush();
    quietTurns++;
    setImmediate(flushWhenQuiet);
  };
  socket.write = (...args: unknown[]) => {
    quietTurns = 0;
    if (socket.writableCorked === 0) {
      socket.cork();
      turns = 0;
      setImmediate(flushWhenQuiet);
    }
    const hasRoom = write(...args);
    if (socket.writableLength >= LARGE_WRITE && !isFlushing) {
      isFlushing = true;
      nextTick(flush);
    }
    return hasRoom;
  };
}
