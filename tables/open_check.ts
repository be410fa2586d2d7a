/**
 * Keeps a server that asks nobody who they are from strangers.
 *
 * @module
 */
import { addressesOf, isLoopback } from "../base/addresses.ts";

/**
 * Checks that only this machine reaches a host.
 *
 * @throws {Error} when others do, or there is no such host.
 */
export async function checkNotOpen(hostname: string): Promise<void> {
  const cannot = `Cannot listen on "${hostname}"`;
  const addresses = await addressesOf(hostname, cannot);
  if (addresses.every((address) => address === "localhost" || isLoopback(address))) {
    return;
  }
  throw new Error(
    `${cannot}: without auth, everyone who reaches this machine could read, replace and drop every table; set the option auth, or allowOpen`,
  );
}
