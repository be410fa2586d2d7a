/**
 * Metrics on a port of their own.
 *
 * @module
 */
import { createServer, type Server, type ServerResponse } from "node:http";
import { bindEach } from "../../base/addresses.ts";
import { formatHost } from "../../flight/protocol/location.ts";
import type { Metrics } from "../../telemetry/metrics.ts";

/** A server of metrics. */
export interface MetricsServer extends AsyncDisposable {
  /** Where the metrics are. */
  readonly location: string;
}

/**
 * Gives the metrics at `/metrics` to everyone who reaches the port.
 *
 * @throws {Error} when the port cannot be had.
 */
export async function serveMetrics(
  metrics: Metrics,
  { hostname, port }: { readonly hostname: string; readonly port: number },
): Promise<MetricsServer> {
  const servers: Server[] = [];
  const bound = await bindEach({ hostname, port }, async (address, port) => {
    const server = createServer((request, response) => {
      answer(request.url ?? "", response, metrics);
    });
    const listening = await listen(server, address, port);
    servers.push(server);
    return listening;
  });
  return {
    location: `http://${formatHost(hostname)}:${bound}/metrics`,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map(close));
    },
  };
}

async function answer(
  url: string,
  response: ServerResponse,
  metrics: Metrics,
): Promise<void> {
  if (url.split("?")[0] !== "/metrics") {
    response.writeHead(404).end("The metrics are at /metrics\n");
    return;
  }
  try {
    const { text, contentType } = await metrics.read();
    response.writeHead(200, { "content-type": contentType }).end(text);
  } catch {
    response.writeHead(500).end("Cannot read the metrics\n");
  }
}

/** Listens, and gives the port. */
async function listen(server: Server, address: string, port: number): Promise<number> {
  const ready = Promise.withResolvers<void>();
  server.once("error", ready.reject);
  server.listen(port, address, ready.resolve);
  await ready.promise;
  server.off("error", ready.reject);
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : port;
}

async function close(server: Server): Promise<void> {
  const closed = Promise.withResolvers<void>();
  server.close(() => closed.resolve());
  server.closeIdleConnections();
  await closed.promise;
}
