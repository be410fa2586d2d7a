/**
 * The addresses behind a host name, and listening on each of them.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { createServer } from "node:net";

/**
 * The addresses of a host, itself when it is one.
 *
 * @throws {Error} when there is no such host.
 */
export async function addressesOf(hostname: string): Promise<string[]> {
  try {
    const found = await lookup(hostname, { all: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    // Another reason, such as a permission that is missing, speaks for itself.
    if (!/ENOTFOUND|EAI_AGAIN/.test(String((error as { code?: string }).code))) {
      throw error;
    }
    throw new Error(`Cannot listen on "${hostname}": there is no such host`, {
      cause: error,
    });
  }
}

/**
 * Binds each address of a host by itself, all at one port, and gives that port.
 * Given a name, most servers are content when one of the addresses is free, and a
 * client might reach another server under the same name. An address that this
 * machine lacks (IPv6, often) is passed over.
 *
 * @throws {Error} when an address or the port cannot be had.
 */
export async function bindEach(
  addresses: readonly string[],
  { hostname, port }: { readonly hostname: string; readonly port: number },
  bind: (address: string, port: number) => Promise<number>,
): Promise<number> {
  let bound = port;
  let count = 0;
  for (const address of addresses) {
    const reason = await whyNotFree(address, bound);
    if (reason === "EADDRNOTAVAIL" || reason === "EAFNOSUPPORT") continue;
    if (reason !== undefined) {
      throw new Error(
        `Cannot listen on "${hostname}:${port}": ${REASONS[reason] ?? reason}`,
      );
    }
    bound = await bind(address, bound);
    count++;
  }
  if (count === 0) {
    throw new Error(`Cannot listen on "${hostname}": this machine has no such address`);
  }
  return bound;
}

const REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: "the port is in use",
  EACCES: "this user may not use the port",
};

/**
 * The system's code of what keeps us from an address and port. grpc-js says it in
 * words only, after it has printed them to the console, so it is asked first.
 */
function whyNotFree(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once(
      "error",
      (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message),
    );
    probe.listen({ host, port }, () => probe.close(() => resolve(undefined)));
  });
}
