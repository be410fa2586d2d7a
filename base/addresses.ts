/**
 * The addresses behind a host name, and listening on each of them.
 *
 * @module
 */
import { lookup } from "node:dns/promises";

/**
 * The addresses of a host, itself when it is one.
 *
 * @throws {Error} when there is no such host; the message begins with what cannot be
 * done.
 */
export async function addressesOf(hostname: string, cannot: string): Promise<string[]> {
  try {
    const found = await lookup(hostname, { all: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    const { code } = error as { code?: string };
    // Deno resolves no name by itself when only this host may be reached.
    if (code === "EPERM") return [hostname];
    if (code !== "ENOTFOUND" && code !== "EAI_AGAIN") throw error;
    throw new Error(`${cannot}: there is no such host`, { cause: error });
  }
}

/**
 * Binds each address of a host by itself, all at one port, and gives that port.
 * Given a name, Deno takes the first address only, and a client may try another. An
 * address that this machine lacks (IPv6, often) is passed over.
 *
 * @throws {Error} when an address or the port cannot be had.
 */
export async function bindEach(
  { hostname, port }: { readonly hostname: string; readonly port: number },
  bind: (address: string, port: number) => number | Promise<number>,
): Promise<number> {
  let bound = port;
  let count = 0;
  for (const address of await addressesOf(hostname, `Cannot listen on "${hostname}"`)) {
    try {
      bound = await bind(address, bound);
      count++;
    } catch (error) {
      const { code = "" } = error as { code?: string };
      if (ABSENT.includes(code)) continue;
      const reason = REASONS[code];
      if (reason === undefined) throw error;
      throw new Error(`Cannot listen on "${hostname}:${port}": ${reason}`, {
        cause: error,
      });
    }
  }
  if (count === 0) {
    throw new Error(`Cannot listen on "${hostname}": this machine has no such address`);
  }
  return bound;
}

/** The codes of an address that this machine lacks; Deno's node:net says EINVAL. */
const ABSENT: readonly string[] = ["EADDRNOTAVAIL", "EAFNOSUPPORT", "EINVAL"];

/** The codes of the system's errors, and what they say of a port. */
const REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: "the port is in use",
  EACCES: "this user may not use the port",
};

/** Whether an IP address is one that only this machine reaches. */
export function isLoopback(address: string): boolean {
  return /^127\.|^::1$|^::ffff:127\./i.test(address);
}
