/**
 * The options of grpc-js.
 *
 * @module
 */

/**
 * Options of grpc-js's channels and servers, by the names that it gives them, such as
 * `grpc.keepalive_time_ms` (see its README, "Supported Channel Options"). They go
 * before this transport's own, except those by which it keeps its promises.
 */
export interface GrpcJsOptions {
  /** An option by its name. */
  readonly [name: string]: string | number | undefined;
}
