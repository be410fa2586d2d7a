/**
 * Puts an object of unknown length: a small one at once, and a larger one in parts,
 * several at a time.
 *
 * @module
 */
import { joinBytes } from "../../base/join_bytes.ts";
import type { Semaphore } from "../../base/semaphore.ts";
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

/** The object as its bytes come. Only so many parts are in memory. */
export class PartSink implements ByteSink {
  readonly #bucket: Bucket;
  readonly #key: string;
  readonly #limits: PartLimits;
  readonly #stop = new AbortController();
  /** What came since the last part. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;
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
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    const { partBytes } = this.#limits;
    while (this.#pendingBytes > partBytes) await this.#putPart(partBytes);
  }

  /** Puts the last part, and waits until all were put. */
  async end(): Promise<void> {
    if (this.#upload === undefined) return;
    await this.#putPart(this.#pendingBytes);
    await Promise.all(this.#running);
    this.#throwIfFailed();
  }

  /** Makes what was written the object, if the condition holds; gives its etag. */
  async commit(condition: StorePutOptions): Promise<string> {
    return this.#upload === undefined
      ? await this.#bucket.put(this.#key, joinBytes(this.#pending), condition)
      : await this.#upload.complete(condition);
  }

  /** Forgets what was written. */
  async abort(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#running);
    await this.#upload?.abort();
  }

  async #putPart(length: number): Promise<void> {
    this.#throwIfFailed();
    this.#upload ??= await this.#bucket.upload(this.#key);
    while (this.#running.size >= this.#limits.maxParts) {
      await Promise.race(this.#running);
    }
    await this.#limits.turns.acquire();
    const bytes = this.#take(length);
    const number = ++this.#partCount;
    const running = this.#upload.putPart(number, bytes, this.#stop.signal)
      .catch((error) => {
        this.#failure ??= { error };
        this.#stop.abort();
      })
      .finally(() => {
        this.#limits.turns.release();
        this.#running.delete(running);
      });
    this.#running.add(running);
  }

  /** So many of the pending bytes, as one piece of memory. */
  #take(length: number): Uint8Array {
    const taken: Uint8Array[] = [];
    for (let missing = length; missing > 0;) {
      const first = this.#pending[0];
      const part = first.subarray(0, missing);
      taken.push(part);
      missing -= part.length;
      if (part.length === first.length) this.#pending.shift();
      else this.#pending[0] = first.subarray(part.length);
    }
    this.#pendingBytes -= length;
    return joinBytes(taken);
  }

  #throwIfFailed(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}
