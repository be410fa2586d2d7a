/**
 * Both roles of the transport over grpc-js.
 *
 * @module
 */
import type { ClientTransport, ServerTransport } from "../rpc/transport.ts";
import { connect } from "./client.ts";
import type { GrpcJsOptions } from "./options.ts";
import { KEPT_LIMITS, listen } from "./server.ts";

/**
 * A transport over `@grpc/grpc-js`, for servers and clients. The documentation of this
 * module begins with what it cannot keep.
 *
 * @example A channel that pings its server each minute
 * ```ts
 * import { grpcJs } from "@tinyflight/flight/grpc-js";
 *
 * const transport = grpcJs({ "grpc.keepalive_time_ms": 60_000 });
 * const channel = transport.connect({ hostname: "localhost", port: 5678 }, {});
 * channel.close();
 * ```
 */
export function grpcJs(options: GrpcJsOptions = {}): ServerTransport & ClientTransport {
  return {
    limits: KEPT_LIMITS,
    listen: (methods, answer, where) => listen(methods, answer, where, options),
    connect: (address, { tls }) => connect(address, tls, options),
  };
}
