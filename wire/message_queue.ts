/**
 * Messages that have come, until they are read.
 *
 * @module
 */
/** What a message takes in memory beside its bytes: a million empty ones are not free. */
export const MESSAGE_OVERHEAD = 256;

/** A message that its sender has compressed. */
class CompressedMessage {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }
}

/** What a queue tells its call. */
export interface QueueOwner {
  /** A message, which had so many bytes when it came, was taken. */
  onTaken(bytes: number): void;
  /** The iteration was left, perhaps before its end. */
  onLeft(): void;
  /** The message as it was before it was compressed; rejects when the call has failed. */
  unpack(bytes: Uint8Array): Promise<Uint8Array>;
}

type Result = IteratorResult<Uint8Array, undefined>;

const DONE: Result = { value: undefined, done: true };

/** Whole messages in order, as an async iterable that is iterated once. */
export class MessageQueue implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #owner: QueueOwner;
  #messages: (Uint8Array | CompressedMessage)[] = [];
  /** Where the first message is in `#messages`. */
  #first = 0;
  #hasBegun = false;
  #hasEnded = false;
  #error: Error | undefined;
  #waiting: PromiseWithResolvers<Result> | undefined;

  /** A queue of this call. */
  constructor(owner: QueueOwner) {
    this.#owner = owner;
  }

  /** How many messages wait to be read. */
  get length(): number {
    return this.#messages.length - this.#first;
  }

  /**
   * Whether nothing is there for a reader that waits, or that may not have begun as
   * nothing has come.
   */
  get isWanting(): boolean {
    return this.#waiting !== undefined || !this.#hasBegun && this.length === 0;
  }

  /** Adds a message. */
  push(bytes: Uint8Array, isCompressed: boolean): void {
    if (this.#hasEnded) return;
    this.#messages.push(isCompressed ? new CompressedMessage(bytes) : bytes);
    this.#wake();
  }

  /** After the messages that are here the iteration ends. */
  end(): void {
    this.#hasEnded = true;
    this.#wake();
  }

  /** The messages that are here are lost, and the iteration throws, or just ends. */
  stop(error?: Error): void {
    this.#hasEnded = true;
    this.#error = error;
    this.#messages = [];
    this.#first = 0;
    this.#wake();
  }

  /** The next message. */
  next(): Promise<Result> {
    this.#hasBegun = true;
    if (this.#waiting !== undefined) {
      return this.#waiting.promise.then(() => this.next());
    }
    if (this.length > 0) return this.#take();
    if (this.#error !== undefined) return rejected(this.#error);
    if (this.#hasEnded) return Promise.resolve(DONE);
    this.#waiting = Promise.withResolvers();
    // The call may fail when its reader has gone to do something else.
    this.#waiting.promise.catch(() => {});
    return this.#waiting.promise;
  }

  /** Leaves the iteration. */
  return(): Promise<Result> {
    this.#owner.onLeft();
    return Promise.resolve(DONE);
  }

  /** This queue itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    if (this.length > 0) {
      this.#waiting = undefined;
      this.#take().then(waiting.resolve, waiting.reject);
    } else if (this.#hasEnded) {
      this.#waiting = undefined;
      if (this.#error === undefined) waiting.resolve(DONE);
      else waiting.reject(this.#error);
    }
  }

  #take(): Promise<Result> {
    const message = this.#messages[this.#first++];
    if (this.#first === this.#messages.length) {
      this.#messages = [];
      this.#first = 0;
    } else if (this.#first >= 1024) {
      this.#messages = this.#messages.slice(this.#first);
      this.#first = 0;
    }
    if (message instanceof Uint8Array) {
      this.#owner.onTaken(message.length);
      return Promise.resolve({ value: message, done: false });
    }
    return this.#owner.unpack(message.bytes).then((value) => {
      this.#owner.onTaken(message.bytes.length);
      return { value, done: false };
    });
  }
}

function rejected(error: Error): Promise<never> {
  const promise = Promise.reject(error);
  // A reader that has gone is no reason to end the process.
  promise.catch(() => {});
  return promise;
}
