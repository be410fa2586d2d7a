/**
 * What is remembered for a while, and not more of it than there is room for.
 *
 * @module
 */

/** A value that expires. */
export interface Expiring<V> {
  /** The value. */
  readonly value: V;
  /** When it expires, in milliseconds since 1970. */
  readonly until: number;
}

/** Values by their keys, which all last equally long. */
export class ExpiringMap<V> {
  readonly #most: number;
  readonly #lifetime: number;
  /** In the order in which they expire. */
  readonly #values: Map<string, Expiring<V>> = new Map();

  /** So many at the most, each for this time, in milliseconds. */
  constructor(most: number, lifetime: number) {
    this.#most = most;
    this.#lifetime = lifetime;
  }

  /** What has this key; undefined when it has expired. */
  get(key: string): Expiring<V> | undefined {
    const known = this.#values.get(key);
    return known !== undefined && known.until > Date.now() ? known : undefined;
  }

  /** Remembers a value from now on. Expired ones go, and the oldest where room is short. */
  set(key: string, value: V): Expiring<V> {
    const now = Date.now();
    this.#values.delete(key);
    for (const [oldest, { until }] of this.#values) {
      if (until > now && this.#values.size < this.#most) break;
      this.#values.delete(oldest);
    }
    const expiring = { value, until: now + this.#lifetime };
    this.#values.set(key, expiring);
    return expiring;
  }
}
