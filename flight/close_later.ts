/**
 * A remedy for a fault of Deno 2.9: an HTTP/2 session that is closed while it
 * handles a GOAWAY frame writes to memory that was freed, and ends the process.
 * grpc-js closes a client's session at just that moment, whenever a server shuts
 * down.
 *
 * @module
 */
import type { Client } from "@grpc/grpc-js";

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
    transport.shutdown = () => void setTimeout(shutdown);
    return transport;
  };
}
