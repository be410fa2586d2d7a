/**
 * Transports that speak TLS whenever a case does not say how.
 *
 * @module
 */
import type { ClientTls, ServerTls } from "../../rpc/transport.ts";
import { Authority } from "../helpers/certificates.ts";
import type { Pair } from "./contract.ts";

/** The same pairs over TLS, each with this in its name. */
export async function overTls(
  pairs: { readonly [name: string]: Pair },
): Promise<{ readonly [name: string]: Pair }> {
  await using authority = await Authority.make();
  const certificate = await authority.issue("DNS:localhost");
  const serverTls: ServerTls = { certificates: [certificate] };
  // Cases reach a server by addresses, too: grpc-js checks no certificate by these.
  const clientTls: ClientTls = { ca: authority.cert, serverName: "localhost" };
  return Object.fromEntries(
    Object.entries(pairs).map(([name, pair]) => [
      `${name}, over TLS`,
      withTls(pair, serverTls, clientTls),
    ]),
  );
}

function withTls(
  { server, client }: Pair,
  serverTls: ServerTls,
  clientTls: ClientTls,
): Pair {
  return {
    server: {
      limits: server.limits,
      listen: (methods, answer, { tls = serverTls, ...options }) =>
        server.listen(methods, answer, { ...options, tls }),
    },
    client: {
      connect: (address, { tls = clientTls }) => client.connect(address, { tls }),
    },
  };
}
