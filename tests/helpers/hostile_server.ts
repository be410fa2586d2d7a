/**
 * A server over node:http2 whose answers a test sets, correct or not.
 *
 * @module
 */
import { createServer, type Http2Server, type OutgoingHttpHeaders } from "node:http2";
import type { ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { AddressInfo } from "node:net";
import { guardSession } from "./session_guard.ts";

/** The answer to a call. */
export interface Answer {
  readonly headers: OutgoingHttpHeaders;
  /** The body, in the pieces in which it is written. */
  readonly pieces: readonly Uint8Array[];
  readonly trailers: OutgoingHttpHeaders;
  /** With trailers, without any, with a reset, or with the end of the connection. */
  readonly end: "trailers" | "close" | "reset" | "disconnect" | "silence";
}

/** The headers of a correct answer. */
export const RIGHT_HEADERS: OutgoingHttpHeaders = {
  ":status": 200,
  "content-type": "application/grpc",
};
/** The trailers of a call that succeeded. */
export const RIGHT_TRAILERS: OutgoingHttpHeaders = { "grpc-status": "0" };

/** A server whose answers a test sets, by the method's name. */
export class HostileServer implements AsyncDisposable {
  /** Gives the answer to a call of this method. */
  answer: (method: string) => Answer = () => {
    throw new TypeError("Cannot answer: no answer was set");
  };
  readonly #server: Http2Server = createServer();
  readonly #sessions: Set<ServerHttp2Session> = new Set();

  private constructor() {
    this.#server.on("session", (session) => {
      guardSession(session);
      this.#sessions.add(session);
      session.on("close", () => this.#sessions.delete(session));
      session.on("error", () => {});
    });
    this.#server.on("stream", (stream, headers) => {
      stream.on("error", () => {});
      stream.resume();
      send(
        stream as ServerHttp2Stream,
        this.answer(`${headers[":path"]}`.split("/").at(-1)!),
      );
    });
  }

  /** Starts one on a free port of this machine. */
  static start(): Promise<HostileServer> {
    const hostile = new HostileServer();
    return new Promise((resolve) =>
      hostile.#server.listen(0, "127.0.0.1", () => resolve(hostile))
    );
  }

  /** Where clients find it. */
  get location(): string {
    return `grpc+tcp://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }
}

function send(stream: ServerHttp2Stream, answer: Answer): void {
  const { headers, pieces, trailers, end } = answer;
  if (end === "silence") return;
  try {
    stream.respond(headers, { waitForTrailers: end === "trailers" });
  } catch (error) {
    // node:http2 itself refuses some headers.
    if (!(error instanceof Error)) throw error;
    stream.close(2);
    return;
  }
  stream.on("wantTrailers", () => sendTrailers(stream, trailers));
  for (const piece of pieces) stream.write(piece);
  if (end === "disconnect") stream.session?.destroy();
  else if (end === "reset") stream.close(2);
  else stream.end();
}

function sendTrailers(stream: ServerHttp2Stream, trailers: OutgoingHttpHeaders): void {
  try {
    stream.sendTrailers(trailers);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    stream.close(2);
  }
}
