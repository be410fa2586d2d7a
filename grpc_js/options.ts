/**
 * The options of grpc-js.
 *
 * @module
 */

/**
 * Options of grpc-js's channels and servers, by the names that it gives them, such as
 * `grpc.keepalive_time_ms` (see its README, "Supported Channel Options"). They override
 * the defaults of this transport, except those that its contract needs.
 */
export interface GrpcJsOptions {
  /** An option by its name. */
  readonly [name: string]: string | number | undefined;
}
