/**
 * The service grpc.health.v1.Health: whether the server takes calls.
 *
 * @module
 */
import { unlessAborted } from "../base/abort.ts";
import type { CallContext } from "../flight/server/call_context.ts";
import { FlightError } from "../flight/errors.ts";
import { only } from "../flight/server/handlers.ts";
import type {
  MethodHandler,
  RpcService,
  ServiceHost,
} from "../flight/server/rpc_service.ts";
import { methodsOf } from "./descriptors.ts";

const NAME = "grpc.health.v1.Health";

/** A HealthCheckRequest: the service that is asked about, or "" for the server. */
interface Request {
  readonly service: string;
}

/**
 * gRPC's health checking service, for the option `services` of a server. `Check` and
 * `Watch` answer SERVING until the server begins to shut down, then NOT_SERVING; a
 * service that the server does not have is NOT_FOUND. They need no identity, as those who
 * ask are load balancers and orchestrators.
 *
 * @example A server that can be probed
 * ```ts
 * import { healthService } from "@tinyflight/flight/services";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * await using server = await new TinyServer({
 *   port: 0,
 *   services: [healthService()],
 * }).listen();
 * ```
 */
export function healthService(): RpcService {
  const { Check, Watch } = methodsOf(NAME, "Health");
  return {
    name: NAME,
    handlers: (host): MethodHandler[] => [
      {
        method: Check,
        isPublic: true,
        answer: async (requests) => [check(await only<Request>(requests), host)],
      },
      {
        // A watcher may wait as long as it likes.
        method: { ...Watch, mayIdle: true },
        isPublic: true,
        answer: async (requests, call) =>
          watch(await only<Request>(requests), host, call),
      },
    ],
  };
}

function check({ service }: Request, host: ServiceHost): { readonly status: string } {
  if (!isKnown(service, host)) {
    throw new FlightError(
      "NOT_FOUND",
      `Cannot check the service "${service}": the server does not have it`,
    );
  }
  return { status: host.stopping.aborted ? "NOT_SERVING" : "SERVING" };
}

async function* watch(
  { service }: Request,
  host: ServiceHost,
  { signal }: CallContext,
): AsyncGenerator<{ readonly status: string }> {
  const { stopping } = host;
  if (!isKnown(service, host)) yield { status: "SERVICE_UNKNOWN" };
  else if (!stopping.aborted) yield { status: "SERVING" };
  const { promise, resolve } = Promise.withResolvers<void>();
  const onStop = () => resolve();
  stopping.addEventListener("abort", onStop, { once: true });
  try {
    if (!stopping.aborted) await unlessAborted(promise, signal);
  } finally {
    stopping.removeEventListener("abort", onStop);
  }
  if (isKnown(service, host)) yield { status: "NOT_SERVING" };
}

function isKnown(service: string, { services }: ServiceHost): boolean {
  return service === "" || services.includes(service);
}
