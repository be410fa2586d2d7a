/**
 * The native half of a session of node:http2, and a remedy for a fault of Deno 2.9
 * (denoland/deno#36788). While a session takes frames in or hands one out, Deno calls
 * JavaScript for each stream that ends and each frame that came, and JavaScript asks
 * the same session for frames to send, or closes it. Both free what the library below
 * still holds; what comes of it is a heap in disorder, and a process that ends then or
 * much later. Either side can bring it about in the other: by headers that are refused
 * and a RST_STREAM in one packet, a GOAWAY, an answer to a ping that nobody sent.
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

/**
 * Makes a session safe, which has just begun. Gives its native half; undefined where
 * it has none that we know: a Deno that has changed is left as it is.
 */
export function guardSession(session: Http2Session): SessionHandle | undefined {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) =>
    description === "kHandle"
  );
  if (key === undefined) return undefined;
  const handle = (session as unknown as Record<symbol, Partial<SessionHandle>>)[key];
  const isKnown = METHODS.every((name) => typeof handle?.[name] === "function");
  if (!isKnown) return undefined;
  takeTurns(handle as SessionHandle);
  return handle as SessionHandle;
}

/**
 * Lets a session send and be freed only when no frame is on its way in or out: what
 * is to be sent in between is sent right after, and then it is freed.
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
    if (isBusy) {
      isSendDue = true;
      return new Uint8Array();
    }
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
