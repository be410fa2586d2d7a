/** grpcurl with a server that has reflection and health, plain and over TLS. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { healthService, reflectionServices } from "../../../services/mod.ts";
import { prepareGrpcurl } from "../go/go_programs.ts";
import { LoginServer } from "../logins/login_server.ts";
import { Certificates } from "../tls/certificates.ts";

const grpcurl = await prepareGrpcurl();
const FLIGHT = "arrow.flight.protocol.FlightService";
const HEALTH = "grpc.health.v1.Health";
const SERVICES = [
  FLIGHT,
  HEALTH,
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

/** What a run has printed, and whether it has succeeded. */
interface Run {
  readonly success: boolean;
  readonly output: string;
}

async function run(...args: string[]): Promise<Run> {
  const { success, stdout, stderr } = await new Deno.Command(grpcurl, {
    args: ["-max-time", "30", ...args],
    stdin: "null",
  }).output();
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  return { success, output };
}

/** Runs it, which has to succeed. */
async function good(...args: string[]): Promise<string> {
  const { success, output } = await run(...args);
  assertEquals(success, true, output);
  return output;
}

/** Tries a server, to which these words lead. */
async function explore(server: LoginServer, ...way: string[]): Promise<void> {
  const { token, expiredToken } = server.credentials;
  const { host } = new URL(server.location);
  const bearer = (token: string) => ["-H", `authorization: Bearer ${token}`];
  const known = [...way, ...bearer(token)];

  for (const headers of [[], bearer(expiredToken)]) {
    const { success, output } = await run(...way, ...headers, host, "list");
    assertEquals(success, false);
    assertStringIncludes(output, "Cannot accept the call");
  }
  assertEquals((await good(...known, host, "list")).trim().split("\n"), SERVICES);
  assertEquals(
    (await good(...known, host, "list", HEALTH)).trim().split("\n"),
    [`${HEALTH}.Check`, `${HEALTH}.Watch`],
  );
  const described = await good(...known, host, "describe", FLIGHT);
  assertStringIncludes(
    described,
    "rpc DoGet ( .arrow.flight.protocol.Ticket ) returns ( stream .arrow.flight.protocol.FlightData );",
  );
  const message = await good(
    ...known,
    host,
    "describe",
    ".arrow.flight.protocol.Ticket",
  );
  assertStringIncludes(message, "bytes ticket = 1;");

  // Whoever asks for the health needs no token: it is for the reflection here.
  const reflecting = [...way, "-reflect-header", `authorization: Bearer ${token}`];
  const check = [host, `${HEALTH}/Check`];
  assertEquals(JSON.parse(await good(...reflecting, ...check)), { status: "SERVING" });
  const flight = ["-d", JSON.stringify({ service: FLIGHT }), ...check];
  assertEquals(JSON.parse(await good(...reflecting, ...flight)), { status: "SERVING" });
  const unknown = ["-d", JSON.stringify({ service: "x.Y" }), ...check];
  assertMatch((await run(...reflecting, ...unknown)).output, /Code: NotFound/);

  const who = ["-d", JSON.stringify({ type: "who" }), host, `${FLIGHT}/DoAction`];
  assertEquals(JSON.parse(await good(...known, ...who)), { body: btoa("ada") });
  const refused = await run(...reflecting, ...who);
  assertMatch(refused.output, /Code: Unauthenticated\s+Message: .*without a token/);
}

const services = [healthService(), ...reflectionServices()];

Deno.test("grpcurl lists, describes, checks and calls", async () => {
  await using server = await LoginServer.start({ services });
  await explore(server, "-plaintext");
});

Deno.test("grpcurl lists, describes, checks and calls over TLS, with a certificate", async () => {
  await using certificates = await Certificates.make();
  const { first, ca: clientCa } = certificates;
  const tls = { certificates: [first], clientCa };
  await using server = await LoginServer.start({ services, tls });
  const ca = ["-cacert", certificates.path("ca")];
  const shown = (name: string) => [
    ...["-cert", certificates.path(`${name}_cert`)],
    ...["-key", certificates.path(`${name}_key`)],
  ];
  await explore(server, ...ca, ...shown("ada"));
  const { host } = new URL(server.location);
  const stranger = await run("-cacert", certificates.path("other_ca"), host, "list");
  assertStringIncludes(stranger.output, "certificate signed by unknown authority");
  const anonymous = await run(...ca, host, "list");
  assertStringIncludes(anonymous.output, "the client shows no certificate");
  const late = await run(...ca, ...shown("late"), host, "list");
  assertStringIncludes(late.output, "the client's certificate has expired");
});
