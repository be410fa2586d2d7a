/**
 * Metrics on a port of their own.
 *
 * @module
 */
import { bindEach } from "../base/addresses.ts";
import { formatHost } from "../flight/protocol/location.ts";
import type { Metrics } from "../telemetry/metrics.ts";

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
  const servers: Deno.HttpServer<Deno.NetAddr>[] = [];
  const bound = await bindEach({ hostname, port }, (address, port) => {
    const options = { hostname: address, port, onListen: () => {} };
    const server = Deno.serve(options, (request) => answer(request, metrics));
    servers.push(server);
    return server.addr.port;
  });
  return {
    location: `http://${formatHost(hostname)}:${bound}/metrics`,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map((server) => server.shutdown()));
    },
  };
}

async function answer(request: Request, metrics: Metrics): Promise<Response> {
  if (new URL(request.url).pathname !== "/metrics") {
    return new Response("The metrics are at /metrics\n", { status: 404 });
  }
  const { text, contentType } = await metrics.read();
  return new Response(text, { headers: { "content-type": contentType } });
}
