/**
 * How many logins of one address may fail.
 *
 * @module
 */
import { isIPv6 } from "node:net";
import { FlightError } from "../flight/errors.ts";
import { ExpiringMap } from "./expiring_map.ts";

/** For how long logins of an address are counted together, in milliseconds. */
const WINDOW_MS = 60_000;
/** How many addresses are counted; the one that began first is forgotten. */
const MAX_ADDRESSES = 10_000;
/** The 16-bit groups of an IPv6 address that name its network: 64 bits. */
const NETWORK_GROUPS = 4;

/** Counts failed logins by address, and refuses those beyond a limit. */
export class FailedLogins {
  readonly #most: number;
  /** How many have failed or are under way, by network. */
  readonly #counts = new ExpiringMap<{ failed: number }>(MAX_ADDRESSES, WINDOW_MS);

  /** So many logins may fail within a minute. */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * Runs a login of a client at this address, which gives whether it went well. Until it
   * has, it counts as one that failed, so that no more are tried at the same time.
   *
   * @throws {FlightError} RESOURCE_EXHAUSTED, when too many have failed; the login does
   * not run then.
   */
  async run(peer: string, login: () => Promise<boolean>): Promise<boolean> {
    const network = networkOf(peer);
    if (network === undefined || this.#most === Infinity) return await login();
    const { value: count, until } = this.#counts.get(network) ??
      this.#counts.set(network, { failed: 0 });
    if (count.failed >= this.#most) {
      const seconds = Math.ceil((until - Date.now()) / 1000);
      throw new FlightError(
        "RESOURCE_EXHAUSTED",
        `Cannot log in: ${this.#most} logins from this address have failed, the most in a minute (maxFailedLogins); try again in ${seconds} seconds`,
      );
    }
    count.failed++;
    let isWrong = false;
    try {
      const isRight = await login();
      isWrong = !isRight;
      return isRight;
    } finally {
      // One that could not be decided was not wrong.
      if (!isWrong) count.failed--;
    }
  }
}

/**
 * The IP address of a peer such as `127.0.0.1:4711`, or of an IPv6 address its network:
 * whoever has one of its addresses has all of them. Undefined on a Unix socket, whose
 * clients have no addresses.
 */
export function networkOf(peer: string): string | undefined {
  const [, bracketed, plain] =
    /^(?:\[([^\]%]+)(?:%[^\]]*)?\]|([^:]+)):\d+$/.exec(peer) ??
      [];
  if (bracketed === undefined) return plain;
  // One that stands for an IPv4 address is that address.
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(bracketed) ?? [];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(bracketed)) return bracketed;
  const [head, tail] = bracketed.toLowerCase().split("::");
  const [before, after] = [head, tail].map((part) => part?.split(":").filter(Boolean));
  const missing = 8 - before.length - (after?.length ?? 0);
  const groups = after === undefined
    ? before
    : [...before, ...new Array<string>(missing).fill("0"), ...after];
  return groups.slice(0, NETWORK_GROUPS).map((group) =>
    parseInt(group, 16).toString(16)
  )
    .join(":");
}
