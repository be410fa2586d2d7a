/**
 * gRPC services beside Flight's on the same port: health and reflection.
 *
 * @example A server that can be probed and explored
 * ```ts
 * import { healthService, reflectionServices } from "@tinyflight/flight/services";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const services = [healthService(), ...reflectionServices()];
 * await using server = await new TinyServer({ port: 0, services }).listen();
 * ```
 *
 * @module
 */
export { healthService } from "./health.ts";
export { reflectionServices } from "./reflection.ts";
export type {
  MethodHandler,
  Responses,
  RpcService,
  ServiceHost,
} from "../flight/server/rpc_service.ts";
export type { AnyMethod, Codec, Method } from "../proto/service.ts";
