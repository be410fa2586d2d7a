/**
 * Pieces of tables that were replaced or dropped, or of puts that never ended.
 *
 * @module
 */
import type { Bucket } from "./bucket.ts";
import { keyOfFolder } from "./piece_keys.ts";

/** Who may still read a piece, and for how long. */
export interface StalePiecesOptions {
  /** The keys of the pieces that the table has whose object has this key. */
  piecesOf(key: string): Promise<ReadonlySet<string>>;
  /** How long a piece stays after it was first seen to be in no table, in milliseconds. */
  readonly keptFor: number;
}

/** Removes pieces some time after they were first seen to be of no use. */
export class StalePieces {
  readonly #bucket: Bucket;
  readonly #prefix: string;
  readonly #options: StalePiecesOptions;
  /** When a piece was first seen to be in no table. */
  #seen = new Map<string, number>();

  /** The pieces under the prefix. */
  constructor(bucket: Bucket, prefix: string, options: StalePiecesOptions) {
    this.#bucket = bucket;
    this.#prefix = prefix;
    this.#options = options;
  }

  /** Looks for such pieces, and removes those that were seen long enough ago. */
  async sweep(): Promise<void> {
    const seen = new Map<string, number>();
    for await (const folder of this.#bucket.folders(this.#prefix)) {
      const tableKey = keyOfFolder(folder);
      if (tableKey === undefined) continue;
      const keys: string[] = [];
      for await (const { key } of this.#bucket.list(folder)) keys.push(key);
      // Asked after the list: a put that ends meanwhile has its pieces in use.
      const used = await this.#options.piecesOf(tableKey);
      for (const key of keys.filter((key) => !used.has(key))) {
        const since = this.#seen.get(key) ?? Date.now();
        if (Date.now() - since < this.#options.keptFor) seen.set(key, since);
        else await this.#bucket.remove(key);
      }
    }
    this.#seen = seen;
  }
}
