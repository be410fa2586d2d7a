/**
 * Puts an object of unknown length: a small one at once, and a larger one in parts,
 * several at a time.
 *
 * @module
 */
import type { Semaphore } from "../../base/semaphore.ts";
import { startTimer } from "../../base/timer.ts";
import type { StorePutOptions } from "../store.ts";
import type { ByteSink } from "../table_file/write_table.ts";
import type { Bucket, Upload } from "./bucket.ts";

/** How an object is cut into parts. */
export interface PartLimits {
  /** The bytes of each part but the last. */
  readonly partBytes: number;
  /** How many parts of one object are put at a time. */
  readonly maxParts: number;
  /** How many of all objects are. */
  readonly turns: Semaphore;
}

/**
 * How long parts that are under way may take when a put has failed, in milliseconds. A
 * part that is broken off may reach the object store after its upload was aborted, and
 * stay there.
 */
const LAST_PARTS_MS = 5000;
/** The memory for the first bytes; it grows to a part. */
const FIRST_BYTES = 64 * 1024;

/**
 * The object as its bytes come. They are copied into the memory of a part, which is
 * used again when the part was put: a put of any length takes that of a few parts.
 */
export class PartSink implements ByteSink {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #limits: PartLimits;
  readonly #stop = new AbortController();
  /** The part that is being filled, and how far it is. */
  #part = new Uint8Array(FIRST_BYTES);
  #filled = 0;
  /** The memory of parts that were put. */
  readonly #free: Uint8Array<ArrayBuffer>[] = [];
  #upload: Upload | undefined;
  #partCount = 0;
  readonly #running = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  /** A sink that puts under this key. */
  constructor(bucket: Bucket, key: string, limits: PartLimits) {
    this.#bucket = bucket;
    this.#key = key;
    this.#limits = limits;
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let taken = 0; taken < bytes.length;) {
      if (this.#filled === this.#limits.partBytes) await this.#putPart();
      taken += this.#fill(bytes.subarray(taken));
    }
  }

  /** Puts the last part, and waits until all were put. */
  async end(): Promise<void> {
    if (this.#upload === undefined) return;
    await this.#putPart();
    await Promise.all(this.#running);
    this.#throwIfFailed();
  }

  /** Makes what was written the object, if the condition holds; gives its etag. */
  async commit(condition: StorePutOptions): Promise<string> {
    if (this.#upload !== undefined) return await this.#upload.complete(condition);
    const bytes = this.#part.subarray(0, this.#filled);
    return await this.#bucket.put(this.#key, bytes, condition);
  }

  /** Forgets what was written. */
  async abort(): Promise<void> {
    using _ = startTimer(LAST_PARTS_MS, () => this.#stop.abort());
    await Promise.all(this.#running);
    await this.#upload?.abort();
  }

  /** Copies as many of the bytes as there is room for in the part; gives how many. */
  #fill(bytes: Uint8Array): number {
    const { partBytes } = this.#limits;
    const wanted = Math.min(partBytes, this.#filled + bytes.length);
    if (wanted > this.#part.length) {
      const length = Math.min(partBytes, Math.max(wanted, 2 * this.#part.length));
      this.#part = new Uint8Array(this.#part.buffer.transfer(length));
    }
    const taken = bytes.subarray(0, wanted - this.#filled);
    this.#part.set(taken, this.#filled);
    this.#filled = wanted;
    return taken.length;
  }

  async #putPart(): Promise<void> {
    this.#throwIfFailed();
    this.#upload ??= await this.#bucket.upload(this.#key);
    while (this.#running.size >= this.#limits.maxParts) {
      await Promise.race(this.#running);
    }
    await this.#limits.turns.acquire();
    const part = this.#part;
    const bytes = part.subarray(0, this.#filled);
    const running = this.#upload.putPart(++this.#partCount, bytes, this.#stop.signal)
      .catch((error) => {
        this.#failure ??= { error };
      })
      .finally(() => {
        this.#limits.turns.release();
        this.#running.delete(running);
        this.#free.push(part);
      });
    this.#running.add(running);
    this.#part = this.#free.pop() ?? new Uint8Array(part.length);
    this.#filled = 0;
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
