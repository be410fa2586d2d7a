/**
 * Several streams one after the other, of which the next ones are read ahead.
 *
 * @module
 */

/** How far streams are read ahead. */
export interface InOrderOptions<T> {
  /** How many streams are open at a time. */
  readonly maxOpen: number;
  /** What an item takes, such as its bytes. */
  costOf(item: T): number;
  /** What the items may take that were read ahead of one stream. */
  readonly maxAhead: number;
  /** Aborted at the end, or when reading is left early. */
  readonly left: AbortController;
}

/**
 * What the first stream gives, then what the second gives, and so on. Left early, it
 * aborts `left`, and waits until all streams have ended.
 */
export async function* inOrder<T>(
  streams: readonly (() => AsyncGenerator<T>)[],
  options: InOrderOptions<T>,
): AsyncGenerator<T> {
  const waiting = [...streams];
  const open: Ahead<T>[] = [];
  try {
    while (waiting.length > 0 || open.length > 0) {
      while (open.length < options.maxOpen && waiting.length > 0) {
        open.push(new Ahead(waiting.shift()!(), options));
      }
      yield* open[0].items();
      open.shift();
    }
  } finally {
    options.left.abort();
    await Promise.all(open.map((ahead) => ahead.close()));
  }
}

/** A stream that is read ahead. */
class Ahead<T> {
  readonly #options: InOrderOptions<T>;
  readonly #items: T[] = [];
  #cost = 0;
  #isClosed = false;
  #failure: { readonly error: unknown } | undefined;
  /** Resolved when something has changed. */
  #change: PromiseWithResolvers<void> = Promise.withResolvers();
  #isOver = false;
  readonly #reading: Promise<void>;

  constructor(stream: AsyncGenerator<T>, options: InOrderOptions<T>) {
    this.#options = options;
    this.#reading = this.#read(stream);
  }

  /** The items, as they come. */
  async *items(): AsyncGenerator<T> {
    while (true) {
      if (this.#items.length > 0) {
        const item = this.#items.shift()!;
        this.#cost -= this.#options.costOf(item);
        this.#tell();
        yield item;
      } else if (this.#failure !== undefined) {
        throw this.#failure.error;
      } else if (this.#isOver) {
        return;
      } else {
        await this.#change.promise;
      }
    }
  }

  /** Reads no more, and waits until the stream has ended. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#tell();
    await this.#reading;
  }

  async #read(stream: AsyncGenerator<T>): Promise<void> {
    try {
      for await (const item of stream) {
        this.#items.push(item);
        this.#cost += this.#options.costOf(item);
        this.#tell();
        while (this.#cost >= this.#options.maxAhead && !this.#isClosed) {
          await this.#change.promise;
        }
        if (this.#isClosed) break;
      }
    } catch (error) {
      this.#failure = { error };
    }
    this.#isOver = true;
    this.#tell();
  }

  #tell(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers();
  }
}
