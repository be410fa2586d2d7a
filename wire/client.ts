/**
 * The client's half of the wire: our own HTTP/2 and gRPC.
 *
 * @module
 */
import type { Address, Channel, ClientTls, ClientTransport } from "../rpc/transport.ts";
import { WireChannel } from "./channel.ts";
import { checkClientTls } from "./sockets/check_pem.ts";
import { parseProxy } from "./sockets/proxy.ts";
import type { Sockets } from "./sockets/socket.ts";
import { defaultSockets } from "./sockets/sockets.ts";

/** How {@linkcode wireClient} is made. */
export interface WireClientOptions {
  /** The sockets to use. @default those of the runtime */
  readonly sockets?: Sockets;
  /**
   * The URL of an HTTP proxy that passes connections on (CONNECT), such as
   * `http://user:password@proxy.example:3128`. The environment names none.
   */
  readonly proxy?: string;
  /** How long it may take to connect, in milliseconds. @default 20_000 */
  readonly connectTimeout?: number;
  /**
   * After so long a silence with calls under way the server is pinged, in milliseconds.
   * Servers of gRPC in C++ and Go close connections that ping more often than every five
   * minutes. @default 310_000
   */
  readonly keepaliveTime?: number;
  /** How long the server may take to answer a ping, in milliseconds. @default 20_000 */
  readonly keepaliveTimeout?: number;
  /** The largest headers of an answer, in bytes. @default 1_048_576 */
  readonly maxHeaderBytes?: number;
  /** The largest message of an answer, in bytes. @default Infinity */
  readonly maxMessageBytes?: number;
}

/**
 * The client's half of the wire.
 *
 * @throws {TypeError} when the proxy is not the URL of one.
 *
 * @example Connect
 * ```ts ignore
 * const channel = wireClient().connect({ hostname: "localhost", port: 5678 }, {});
 * await channel.ready({ timeout: 1000 });
 * ```
 */
export function wireClient(options: WireClientOptions = {}): ClientTransport {
  const {
    sockets = defaultSockets(),
    proxy,
    connectTimeout = 20_000,
    keepaliveTime = 310_000,
    keepaliveTimeout = 20_000,
    maxHeaderBytes = 1024 * 1024,
    maxMessageBytes = Infinity,
  } = options;
  if (proxy !== undefined) parseProxy(proxy);
  return {
    connect(address: Address, { tls }: { tls?: ClientTls }): Channel {
      if (tls !== undefined) checkClientTls(tls);
      return new WireChannel(address, {
        sockets,
        proxy,
        tls,
        connectTimeout,
        keepaliveTime,
        keepaliveTimeout,
        maxHeaderBytes,
        maxMessageBytes,
      });
    },
  };
}
