/**
 * Messages that have come, until they are read.
 *
 * @module
 */
/** What a message takes in memory beside its bytes: a million empty ones are not free. */
export const MESSAGE_OVERHEAD = 256;

/** After so many messages were taken their places are freed. */
const MAX_TAKEN = 1024;

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
  /** The message as it was before it was compressed; undefined when the queue was stopped. */
  unpack(bytes: Uint8Array): Promise<Uint8Array | undefined>;
}

type Result = IteratorResult<Uint8Array, undefined>;

const DONE: Result = { value: undefined, done: true };

/** Whole messages in order, as an async iterable that is iterated once. */
export class MessageQueue implements AsyncIterableIterator<Uint8Array, undefined> {
  readonly #owner: QueueOwner;
  #messages: (Uint8Array | CompressedMessage | undefined)[] = [];
  /** Where the first message is in `#messages`. */
  #first = 0;
  #hasBegun = false;
  #hasEnded = false;
  #error: Error | undefined;
  /** Readers that wait, in order. */
  #readers: PromiseWithResolvers<Result>[] = [];
  /** The message that is being decompressed for the first reader. */
  #unpacking: CompressedMessage | undefined;

  /** A queue of this call. */
  constructor(owner: QueueOwner) {
    this.#owner = owner;
  }

  /** How many messages wait to be read. */
  get length(): number {
    return this.#messages.length - this.#first;
  }

  /** The messages that are compressed, and were not given out. */
  get compressed(): Uint8Array[] {
    return [this.#unpacking, ...this.#messages.slice(this.#first)]
      .filter((message) => message instanceof CompressedMessage)
      .map(({ bytes }) => bytes);
  }

  /**
   * Whether nothing is there for a reader that waits, or that may not have begun as
   * nothing has come.
   */
  get isWanting(): boolean {
    return this.length === 0 && (!this.#hasBegun || this.#readers.length > 0);
  }

  /** Adds a message. */
  push(bytes: Uint8Array, isCompressed: boolean): void {
    if (this.#hasEnded) return;
    this.#messages.push(isCompressed ? new CompressedMessage(bytes) : bytes);
    this.#serve();
  }

  /** After the messages that are here the iteration ends. */
  end(): void {
    this.#hasEnded = true;
    this.#serve();
  }

  /** The messages that are here are lost, and the iteration throws, or just ends. */
  stop(error?: Error): void {
    this.#hasEnded = true;
    this.#error = error;
    this.#messages = [];
    this.#first = 0;
    this.#serve();
  }

  /** The next message. */
  next(): Promise<Result> {
    this.#hasBegun = true;
    const first = this.#messages[this.#first];
    if (this.#readers.length === 0 && first instanceof Uint8Array) {
      this.#shift();
      this.#owner.onTaken(first.length);
      return Promise.resolve({ value: first, done: false });
    }
    const reader = Promise.withResolvers<Result>();
    // The call may fail when its reader has gone to do something else.
    reader.promise.catch(() => {});
    this.#readers.push(reader);
    this.#serve();
    return reader.promise;
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

  /** Gives readers what is there. */
  #serve(): void {
    while (this.#readers.length > 0 && this.#unpacking === undefined) {
      const message = this.#messages[this.#first];
      if (message instanceof Uint8Array) {
        this.#shift();
        this.#owner.onTaken(message.length);
        this.#readers.shift()!.resolve({ value: message, done: false });
      } else if (message !== undefined) {
        this.#shift();
        this.#unpack(message);
      } else if (this.#error !== undefined) this.#readers.shift()!.reject(this.#error);
      else if (this.#hasEnded) this.#readers.shift()!.resolve(DONE);
      else return;
    }
  }

  /** Gives the first reader a message as it was before it was compressed. */
  async #unpack(message: CompressedMessage): Promise<void> {
    const { bytes } = message;
    const reader = this.#readers.shift()!;
    this.#unpacking = message;
    try {
      const value = await this.#owner.unpack(bytes);
      if (value !== undefined) {
        this.#owner.onTaken(bytes.length);
        reader.resolve({ value, done: false });
      } else if (this.#error === undefined) reader.resolve(DONE);
      else reader.reject(this.#error);
    } catch (error) {
      reader.reject(error);
    }
    this.#unpacking = undefined;
    this.#serve();
  }

  #shift(): void {
    this.#first++;
    if (this.#first === this.#messages.length) {
      this.#messages = [];
      this.#first = 0;
    } else if (this.#first >= MAX_TAKEN) {
      this.#messages = this.#messages.slice(this.#first);
      this.#first = 0;
    }
  }
}
