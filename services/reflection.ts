/**
 * The service grpc.reflection: which services and messages the server has.
 *
 * @module
 */
import { codeToNumber } from "../rpc/status.ts";
import type { RpcService, ServiceHost } from "../flight/server/rpc_service.ts";
import { FILES, methodsOf, symbols } from "./descriptors.ts";

/** A ServerReflectionRequest; `message_request` names the field that is set. */
interface Request {
  readonly message_request?: string;
  readonly file_by_filename?: string;
  readonly file_containing_symbol?: string;
  readonly all_extension_numbers_of_type?: string;
}

/** What answers a request: one of the fields of a ServerReflectionResponse. */
type Answer = { readonly [field: string]: unknown };

/**
 * gRPC's server reflection in the versions v1 and v1alpha, for the option `services` of
 * a server. Tools such as grpcurl learn from it what they can call, and how. Its callers
 * need an identity, if the server has `auth`.
 *
 * @example A server that tools can explore
 * ```ts
 * import { reflectionServices } from "@tinyflight/flight/services";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * await using server = await new TinyServer({
 *   port: 0,
 *   services: reflectionServices(),
 * }).listen();
 * ```
 */
export function reflectionServices(): RpcService[] {
  return ["v1", "v1alpha"].map((version) => {
    const name = `grpc.reflection.${version}.ServerReflection`;
    const { ServerReflectionInfo: method } = methodsOf(name, "");
    return {
      name,
      handlers: (host) => [{
        method: { ...method, mayIdle: true },
        answer: (requests) => answerAll(requests, host),
      }],
    };
  });
}

async function* answerAll(
  requests: AsyncIterable<Request>,
  host: ServiceHost,
): AsyncGenerator<Answer> {
  for await (const request of requests) {
    yield { original_request: request, ...answer(request, host) };
  }
}

function answer(request: Request, { services }: ServiceHost): Answer {
  switch (request.message_request) {
    case "list_services": {
      return {
        list_services_response: { service: services.map((name) => ({ name })) },
      };
    }
    case "file_by_filename":
      return file(request.file_by_filename ?? "");
    case "file_containing_symbol":
      return file(symbols().get(request.file_containing_symbol ?? ""));
    case "all_extension_numbers_of_type": {
      const base_type_name = request.all_extension_numbers_of_type ?? "";
      return symbols().has(base_type_name)
        ? { all_extension_numbers_response: { base_type_name, extension_number: [] } }
        : notFound();
    }
    case "file_containing_extension":
      return notFound();
    default:
      return error("INVALID_ARGUMENT", "The request asks for nothing that is known");
  }
}

/** The file and those that it imports, as clients want them. */
function file(name: string | undefined): Answer {
  const found = name === undefined ? undefined : FILES.get(name);
  if (found === undefined) return notFound();
  const timestamp = FILES.get("google/protobuf/timestamp.proto")!;
  const files = name === "Flight.proto" ? [found, timestamp] : [found];
  return { file_descriptor_response: { file_descriptor_proto: files } };
}

function notFound(): Answer {
  return error("NOT_FOUND", "The server does not have it");
}

function error(code: "NOT_FOUND" | "INVALID_ARGUMENT", error_message: string): Answer {
  return { error_response: { error_code: codeToNumber(code), error_message } };
}
