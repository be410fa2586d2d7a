/**
 * The native half of a session of node:http2, and a remedy for a fault of Deno 2.9
 * (denoland/deno#36788). While a session takes frames in or hands one out, Deno calls
 * JavaScript for each stream that ends and each frame that came, and JavaScript asks
 * the same session for frames to send, or closes it. Both free what the library below
 * still holds; what comes of it is a heap in disorder, and a process that ends then or
 * much later. Any client can bring it about: headers that are refused and a RST_STREAM
 * in one packet, or a GOAWAY.
 *
 * @module
 */
import type { Http2Session } from "node:http2";
import { nextTick } from "node:process";

/** What of Deno's inner life is touched here. */
export interface SessionHandle {
  /** Takes in what has come from the socket. */
  receive(bytes: Uint8Array): void;
  /** The next frame for the socket; empty, when there is none. */
  getOutgoingChunk(): Uint8Array;
  /** Writes all frames that there are to the socket. */
  sendPending(): void;
  /** Frees the session. */
  destroy(...args: unknown[]): void;
}

const METHODS = ["receive", "getOutgoingChunk", "sendPending", "destroy"] as const;

/** The native half of this session; undefined where it has none that we know. */
export function handleOf(session: Http2Session): SessionHandle | undefined {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) =>
    description === "kHandle"
  );
  if (key === undefined) return undefined;
  const handle = (session as unknown as Record<symbol, Partial<SessionHandle>>)[key];
  const isKnown = METHODS.every((name) => typeof handle?.[name] === "function");
  return isKnown ? handle as SessionHandle : undefined;
}

/**
 * Lets a session send and be freed only when no frame is on its way in or out: what
 * is asked for in between is done right after.
 */
export function takeTurns(handle: SessionHandle): void {
  const receive = handle.receive.bind(handle);
  const getOutgoingChunk = handle.getOutgoingChunk.bind(handle);
  const sendPending = handle.sendPending.bind(handle);
  const destroy = handle.destroy.bind(handle);
  let isBusy = false;
  let isSendDue = false;

  handle.receive = (bytes) => {
    isBusy = true;
    try {
      receive(bytes);
    } finally {
      isBusy = false;
    }
    if (isSendDue) handle.sendPending();
  };
  handle.getOutgoingChunk = () => {
    if (isBusy) return new Uint8Array();
    isBusy = true;
    try {
      return getOutgoingChunk();
    } finally {
      isBusy = false;
    }
  };
  handle.sendPending = () => {
    isSendDue = true;
    while (isSendDue && !isBusy) {
      isSendDue = false;
      sendPending();
    }
  };
  handle.destroy = (...args) => isBusy ? nextTick(destroy, ...args) : destroy(...args);
}
