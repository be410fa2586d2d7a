/**
 * Both ends of a connection over TLS, and other servers of `node:net` and `node:tls`.
 *
 * @module
 */
import type net from "node:net";
import type { ClientTls, ServerTls } from "../../../rpc/transport.ts";
import { defaultSockets } from "../../../wire/sockets/sockets.ts";
import { Authority } from "../certificates.ts";
import { SocketPair } from "./socket_pairs.ts";

/** A server's and a client's end over TLS, with a new authority. */
export async function openTlsPair(
  options: { serverTls?: Partial<ServerTls>; clientTls?: ClientTls } = {},
): Promise<SocketPair> {
  await using authority = await Authority.make();
  const certificates = [await authority.issue("DNS:localhost", "IP:127.0.0.1")];
  return await SocketPair.open(defaultSockets(), {
    serverTls: { certificates, ...options.serverTls },
    clientTls: { ca: authority.cert, ...options.clientTls },
  });
}

/** Listens on any free port, and gives it. */
export async function startServer(server: net.Server): Promise<number> {
  server.on("connection", (socket) => {
    server.once("end of test", () => socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as net.AddressInfo).port;
}

/** Closes a server, and every connection that it has. */
export async function closeServer(server: net.Server): Promise<void> {
  server.emit("end of test");
  await new Promise((resolve) => server.close(resolve));
}
