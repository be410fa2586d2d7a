/**
 * How much each IP address has under way.
 *
 * @module
 */

/** Counts something for each IP address, up to a limit. */
export class PeerCounts {
  /** The most of one address. */
  readonly most: number;
  readonly #counts: Map<string, number> = new Map();

  /** Counts that go up to this. */
  constructor(most: number) {
    this.most = most;
  }

  /** Counts one more. False when the address has the most already. */
  add(hostname: string | undefined): boolean {
    // On a Unix socket all clients are of this machine, and have no addresses.
    if (hostname === undefined || this.most === Infinity) return true;
    const count = this.#counts.get(hostname) ?? 0;
    if (count >= this.most) return false;
    this.#counts.set(hostname, count + 1);
    return true;
  }

  /** Counts one less. */
  remove(hostname: string | undefined): void {
    if (hostname === undefined || this.most === Infinity) return;
    const count = this.#counts.get(hostname) ?? 0;
    if (count > 1) this.#counts.set(hostname, count - 1);
    else this.#counts.delete(hostname);
  }
}
