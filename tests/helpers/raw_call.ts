/**
 * Calls made by hand over HTTP/2, which can be wrong in ways that gRPC's libraries
 * do not allow.
 *
 * @module
 */
import {
  type ClientHttp2Session,
  connect,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
} from "node:http2";
import { guardSession } from "./session_guard.ts";

/** The request to send, and how it ends. */
export interface RawRequest {
  readonly headers: OutgoingHttpHeaders;
  /** The body, in the pieces in which it is written. */
  readonly pieces: readonly Uint8Array[];
  /** With a half-close, with a reset, or not at all until patience is at its end. */
  readonly end: "close" | "reset" | "leave";
  /** How long to wait for the answer's end, in milliseconds; then comes a reset. */
  readonly patience: number;
}

/** The answer, as far as it came. */
export interface RawAnswer {
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  /** How many bytes the answer's body has. */
  readonly bytes: number;
}

/** The code with which a client gives up a call in HTTP/2. */
const CANCEL = 8;

/** A connection by which to call a server; it is made anew when it breaks. */
export class RawConnection {
  readonly #authority: string;
  #session: ClientHttp2Session | undefined;

  /** A connection to the server at this location. */
  constructor(location: string) {
    this.#authority = location.replace(/^[^:]*/, "http");
  }

  /** Makes a call, and waits until its stream is closed. */
  call(request: RawRequest): Promise<RawAnswer> {
    const stream = this.#open().request(request.headers);
    let [headers, trailers]: IncomingHttpHeaders[] = [{}, {}];
    let bytes = 0;
    const timer = setTimeout(() => stream.close(CANCEL), request.patience);
    stream.on("response", (received) => headers = received);
    stream.on("trailers", (received) => trailers = received);
    stream.on("data", (chunk: Uint8Array) => bytes += chunk.length);
    // An error is seen by what the answer lacks.
    stream.on("error", () => {});
    return new Promise((resolve) => {
      stream.on("close", () => {
        clearTimeout(timer);
        resolve({ headers, trailers, bytes });
      });
      for (const piece of request.pieces) stream.write(piece);
      if (request.end === "close") stream.end();
      if (request.end === "reset") stream.close(CANCEL);
    });
  }

  /** Closes the connection. */
  close(): void {
    this.#session?.destroy();
  }

  #open(): ClientHttp2Session {
    const isOpen = this.#session !== undefined && !this.#session.closed &&
      !this.#session.destroyed;
    if (isOpen) return this.#session!;
    const session = connect(this.#authority);
    session.on("error", () => {});
    session.once("connect", () => guardSession(session));
    return this.#session = session;
  }
}
