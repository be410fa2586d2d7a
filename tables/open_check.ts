/**
 * Keeps a server that asks nobody who they are from strangers.
 *
 * @module
 */
import { addressesOf, isLoopback } from "../base/addresses.ts";

/**
 * Checks that only this machine reaches a host. `remedy` is what to do about it.
 *
 * @throws {Error} when others do, or there is no such host.
 */
export async function checkNotOpen(
  hostname: string,
  remedy: string = "set the option auth, or allowOpen",
): Promise<void> {
  if (!await isReachedByOthers(hostname)) return;
  throw new Error(
    `Cannot listen on "${hostname}": without auth, everyone who reaches this machine could read, replace and drop every table; ${remedy}`,
  );
}

/**
 * Whether other machines reach a host.
 *
 * @throws {Error} when there is no such host.
 */
export async function isReachedByOthers(hostname: string): Promise<boolean> {
  const addresses = await addressesOf(hostname, `Cannot listen on "${hostname}"`);
  return !addresses.every((address) => address === "localhost" || isLoopback(address));
}
