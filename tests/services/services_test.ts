/** The services beside Flight's: health and reflection, asked by grpc-js. */
import { assertEquals, assertThrows } from "@std/assert";
import * as grpc from "@grpc/grpc-js";
import { bearerTokens } from "../../auth/mod.ts";
import { TinyServer, type TinyServerOptions } from "../../mod.ts";
import { FILES, methodsOf, symbols } from "../../services/descriptors.ts";
import { generateDescriptors } from "../../services/generate.ts";
import { healthService, reflectionServices } from "../../services/mod.ts";

type Fields = { readonly [name: string]: unknown };

/** A call of a method by another implementation of gRPC, as a stream of its answers. */
async function* ask(
  server: TinyServer,
  service: string,
  method: string,
  ...requests: readonly Fields[]
): AsyncGenerator<Fields> {
  const { path, request, response } = methodsOf(service, "")[method];
  const client = new grpc.Client(
    server.location.replace("grpc+tcp://", ""),
    grpc.credentials.createInsecure(),
  );
  const call = client.makeBidiStreamRequest(
    path,
    (message: Fields) => Buffer.concat(request.encode(message).parts),
    (bytes: Buffer) => response.decode(bytes) as Fields,
    new grpc.Metadata(),
  );
  try {
    for (const message of requests) call.write(message);
    call.end();
    yield* call;
  } finally {
    call.cancel();
    client.close();
  }
}

async function first(answers: AsyncIterable<Fields>): Promise<Fields> {
  for await (const answer of answers) return answer;
  throw new Error("no answer");
}

function serve(options: TinyServerOptions = {}): Promise<TinyServer> {
  const services = [healthService(), ...reflectionServices()];
  return new TinyServer({ port: 0, services, ...options }).listen();
}

const HEALTH = "grpc.health.v1.Health";

Deno.test("Check says that the server and each service serve, also to strangers", async () => {
  await using server = await serve({ auth: bearerTokens({ verify: () => undefined }) });
  for (const service of ["", "arrow.flight.protocol.FlightService", HEALTH]) {
    assertEquals(
      (await first(ask(server, HEALTH, "Check", { service }))).status,
      "SERVING",
    );
  }
  let code: unknown;
  try {
    await first(ask(server, HEALTH, "Check", { service: "x" }));
  } catch (error) {
    code = (error as { code: number }).code;
  }
  assertEquals(code, grpc.status.NOT_FOUND);
});

Deno.test("Watch and Check say NOT_SERVING while the server gives notice", async () => {
  const server = await serve();
  const answers = ask(server, HEALTH, "Watch", { service: "" });
  assertEquals((await answers.next()).value?.status, "SERVING");
  // Longer than the calls meanwhile take, also on a busy machine.
  const stopped = server.shutdown({ notice: 2000 });
  assertEquals((await answers.next()).value?.status, "NOT_SERVING");
  const checked = await first(ask(server, HEALTH, "Check", { service: "" }));
  assertEquals(checked.status, "NOT_SERVING");
  assertEquals((await answers.next()).done, true);
  await stopped;
});

Deno.test("Watch says SERVICE_UNKNOWN of a service that the server does not have", async () => {
  await using server = await serve();
  const answer = await first(ask(server, HEALTH, "Watch", { service: "x" }));
  assertEquals(answer.status, "SERVICE_UNKNOWN");
});

Deno.test("reflection lists the services, and gives the files of their symbols", async () => {
  await using server = await serve();
  for (const version of ["v1", "v1alpha"]) {
    const service = `grpc.reflection.${version}.ServerReflection`;
    const answers = await Array.fromAsync(
      ask(
        server,
        service,
        "ServerReflectionInfo",
        { list_services: "*" },
        { file_containing_symbol: "arrow.flight.protocol.FlightService.DoGet" },
        { file_by_filename: "google/protobuf/timestamp.proto" },
        { file_containing_symbol: "nothing.of.this" },
        { all_extension_numbers_of_type: "arrow.flight.protocol.Ticket" },
        {},
      ),
    );
    const [list, flight, timestamp, none, extensions, nothing] = answers as {
      [name: string]: Fields;
    }[];
    assertEquals(list.list_services_response.service, [
      { name: "arrow.flight.protocol.FlightService" },
      { name: HEALTH },
      { name: "grpc.reflection.v1.ServerReflection" },
      { name: "grpc.reflection.v1alpha.ServerReflection" },
    ]);
    const files = flight.file_descriptor_response.file_descriptor_proto as Uint8Array[];
    assertEquals(files.map((file) => file.length), [
      FILES.get("Flight.proto")!.length,
      FILES.get("google/protobuf/timestamp.proto")!.length,
    ]);
    assertEquals(
      (timestamp.file_descriptor_response.file_descriptor_proto as []).length,
      1,
    );
    assertEquals(none.error_response.error_code, grpc.status.NOT_FOUND);
    assertEquals(extensions.all_extension_numbers_response.extension_number, []);
    assertEquals(nothing.error_response.error_code, grpc.status.INVALID_ARGUMENT);
  }
});

Deno.test("descriptors.json is what the .proto files say", async () => {
  const path = new URL("../../services/descriptors.json", import.meta.url);
  assertEquals(await Deno.readTextFile(path), generateDescriptors());
  assertEquals(
    symbols().get("grpc.health.v1.Health.Check"),
    "grpc/health/v1/health.proto",
  );
  assertThrows(() => methodsOf("x", ""), TypeError, 'Cannot find the service "x"');
});
