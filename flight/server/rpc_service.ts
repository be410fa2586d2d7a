/**
 * gRPC services beside Flight's own, on the same port: health, reflection.
 *
 * @module
 */
import type { AnyMethod } from "../../proto/service.ts";
import type { CallContext } from "./call_context.ts";

/** The messages that answer a call, which come all at once or one by one. */
export type Responses = Iterable<unknown> | AsyncIterable<unknown>;

/** What answers the calls of a method. */
export interface MethodHandler {
  /** The method that it answers. */
  readonly method: AnyMethod;
  /**
   * Answers a call. Where the method takes or gives exactly one message, it is the
   * only one of the requests, or of the responses.
   */
  answer(
    requests: AsyncIterable<never>,
    call: CallContext,
  ): Responses | Promise<Responses>;
  /** Whether clients wait for the headers before they read the first response. */
  readonly headersFirst?: boolean;
  /** Whether everyone may call it, also without an identity. @default false */
  readonly isPublic?: boolean;
}

/** What a service knows of the server that it belongs to. */
export interface ServiceHost {
  /** The names of the services, such as `arrow.flight.protocol.FlightService`. */
  readonly services: readonly string[];
  /** Aborted when the server begins to shut down. */
  readonly stopping: AbortSignal;
}

/** A gRPC service, such as `healthService()`. */
export interface RpcService {
  /** Its name, such as `grpc.health.v1.Health`. */
  readonly name: string;
  /**
   * What answers its methods in this server.
   *
   * @internal
   */
  handlers(host: ServiceHost): readonly MethodHandler[];
}
