/**
 * The sending half of a client's call: requests, as they can be sent.
 *
 * @module
 */
import type { OutgoingMessage } from "../../rpc/transport.ts";
import type { Stream } from "../http2/stream.ts";

/** Requests up to this size are kept until the server has begun the call. */
const MAX_KEPT_BYTES = 64 * 1024;

/** Reads requests and sends them, on a second stream again if the first was refused. */
export class RequestSender {
  readonly #requests: AsyncIterator<OutgoingMessage>;
  readonly #isStream: boolean;
  readonly #onError: (error: unknown) => void;
  /** The request that was asked for; a second stream goes on with it. */
  #next: Promise<IteratorResult<OutgoingMessage>> | undefined;
  #stream: Stream | undefined;
  /** What was sent, as long as it may have to be sent again. */
  #kept: OutgoingMessage[] | undefined = [];
  #keptBytes = 0;
  #hasEnded = false;
  #isStopped = false;

  /** A sender of these requests, of exactly one unless it is a stream. */
  constructor(
    requests: AsyncIterable<OutgoingMessage>,
    isStream: boolean,
    onError: (error: unknown) => void,
  ) {
    this.#requests = requests[Symbol.asyncIterator]();
    this.#isStream = isStream;
    this.#onError = onError;
  }

  /** Whether all that was sent can be sent again. */
  get canRepeat(): boolean {
    return this.#kept !== undefined;
  }

  /** The server has begun the call: nothing has to be sent again. */
  forget(): void {
    this.#kept = undefined;
  }

  /** Sends on this stream, from the first request on. It never rejects. */
  async send(stream: Stream): Promise<void> {
    this.#stream = stream;
    try {
      for (const message of this.#kept ?? []) {
        await stream.send(message, !this.#isStream);
      }
      while (!this.#hasEnded) {
        this.#next ??= this.#requests.next();
        const result = await this.#next;
        // Another stream goes on, or there is none any more.
        if (this.#stream !== stream) return;
        this.#next = undefined;
        if (result.done) break;
        this.#keep(result.value);
        if (!this.#isStream) {
          stream.send(result.value, true);
          return this.#end();
        }
        await stream.send(result.value);
      }
      this.#hasEnded = true;
      if (this.#stream === stream) stream.end();
    } catch (error) {
      if (this.#stream !== stream) return;
      this.#hasEnded = true;
      this.#onError(error);
    }
  }

  /** Sends no more for now: the stream was refused. */
  pause(): void {
    this.#stream = undefined;
  }

  /** Sends no more, and closes the requests. */
  stop(): void {
    this.#stream = undefined;
    this.#kept = undefined;
    if (!this.#hasEnded) this.#end();
  }

  #keep(message: OutgoingMessage): void {
    if (this.#kept === undefined) return;
    this.#keptBytes += message.length;
    if (this.#keptBytes <= MAX_KEPT_BYTES) this.#kept.push(message);
    else this.#kept = undefined;
  }

  /** Closes the requests; they may be busy, and end when they like. */
  #end(): void {
    this.#hasEnded = true;
    if (this.#isStopped) return;
    this.#isStopped = true;
    try {
      // What they throw when nothing is wanted any more concerns nobody.
      this.#requests.return?.().catch(() => {});
    } catch {
      // Neither does this.
    }
  }
}
