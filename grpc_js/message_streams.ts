/**
 * Messages that come from grpc-js as an async iterable, which asks for the next one
 * only when there is room for it.
 *
 * @module
 */

/** How many messages may wait to be read. */
export interface MessageRoom {
  /** The next message is asked for when fewer than this wait. */
  readonly maxCount: number;
  /** The next message is asked for when those that wait have fewer bytes than this. */
  readonly maxBytes: number;
}

type Result = IteratorResult<Uint8Array, undefined>;

/** Messages in order, as they are received. It is iterated once. */
export class MessageStream implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #room: MessageRoom;
  readonly #ask: () => void;
  readonly #onReturn: () => void;
  readonly #messages: Uint8Array[] = [];
  readonly #waiting: PromiseWithResolvers<Result>[] = [];
  #bytes = 0;
  #isAsking = false;
  #isEnded = false;
  #failure: { readonly reason: unknown } | undefined;

  /** A stream that calls `ask` for each message, and `onReturn` when it is left early. */
  constructor(room: MessageRoom, ask: () => void, onReturn: () => void = () => {}) {
    this.#room = room;
    this.#ask = ask;
    this.#onReturn = onReturn;
  }

  /** Asks for the next message, if there is room for it. */
  askForMore(): void {
    const { maxCount, maxBytes } = this.#room;
    if (this.#isAsking || this.#isEnded) return;
    if (this.#messages.length >= maxCount || this.#bytes >= maxBytes) return;
    this.#isAsking = true;
    this.#ask();
  }

  /** Adds the message that was asked for. */
  receive(message: Uint8Array): void {
    this.#isAsking = false;
    if (this.#isEnded) return;
    const reader = this.#waiting.shift();
    if (reader !== undefined) reader.resolve({ done: false, value: message });
    else {
      this.#messages.push(message);
      this.#bytes += message.length;
    }
    this.askForMore();
  }

  /** Ends it after the messages that were received; has no effect once it has ended. */
  end(): void {
    this.#isEnded = true;
    this.#settle();
  }

  /** The same, but the reader gets an error at the end. */
  fail(reason: unknown): void {
    if (this.#isEnded) return;
    this.#failure = { reason };
    this.end();
  }

  /** The next message, or the end. */
  next(): Promise<Result> {
    const message = this.#messages.shift();
    const reader = Promise.withResolvers<Result>();
    if (message === undefined) {
      this.#waiting.push(reader);
      if (this.#isEnded) this.#settle();
    } else {
      this.#bytes -= message.length;
      reader.resolve({ done: false, value: message });
      this.askForMore();
    }
    return reader.promise;
  }

  /** Leaves the stream: nothing more is read. */
  return(): Promise<Result> {
    const isEarly = !this.#isEnded;
    this.#messages.length = 0;
    this.#failure = undefined;
    this.end();
    if (isEarly) this.#onReturn();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Tells those who wait for a message that none comes any more. */
  #settle(): void {
    for (const reader of this.#waiting.splice(0)) {
      if (this.#failure === undefined) reader.resolve({ done: true, value: undefined });
      else reader.reject(this.#failure.reason);
    }
  }
}
