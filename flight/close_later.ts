/**
 * Remedies for a fault of Deno 2.9 (denoland/deno#36788): an HTTP/2 session that is
 * closed while it handles a GOAWAY frame uses memory that was freed, and ends the
 * process. That is the moment in which grpc-js closes a client's session, when a
 * server shuts down, and Deno itself a server's, when a client takes its leave.
 *
 * @module
 */
import type { Client } from "@grpc/grpc-js";
import type { ServerHttp2Session } from "node:http2";

/** What of grpc-js's inner life is touched here; its version is pinned. */
interface ClientInternals {
  getChannel(): {
    internalChannel: {
      subchannelPool: { getOrCreateSubchannel(...args: unknown[]): Subchannel };
    };
  };
}

interface Subchannel {
  connector: { connect(...args: unknown[]): Promise<Transport> };
}

interface Transport {
  shutdown(): void;
}

/** Makes a server's session close a turn of the event loop later than it is told to. */
export function closeSessionLater(session: ServerHttp2Session): void {
  const close = session.close.bind(session);
  session.close = (callback) =>
    void setImmediate(() => {
      if (session.destroyed) return callback?.();
      if (callback !== undefined) session.once("close", callback);
      close();
    });
}

/**
 * Makes a client close its sessions a turn of the event loop later than grpc-js
 * would. The client has to have a pool of subchannels of its own.
 */
export function closeSessionsLater(client: Client): void {
  const { subchannelPool } = (client as unknown as ClientInternals).getChannel()
    .internalChannel;
  const known = new WeakSet<Subchannel>();
  const create = subchannelPool.getOrCreateSubchannel.bind(subchannelPool);
  subchannelPool.getOrCreateSubchannel = (...args) => {
    const subchannel = create(...args);
    if (!known.has(subchannel)) deferShutdown(subchannel);
    known.add(subchannel);
    return subchannel;
  };
}

function deferShutdown({ connector }: Subchannel): void {
  const connect = connector.connect.bind(connector);
  connector.connect = async (...args) => {
    const transport = await connect(...args);
    const shutdown = transport.shutdown.bind(transport);
    transport.shutdown = () => void setImmediate(shutdown);
    return transport;
  };
}
