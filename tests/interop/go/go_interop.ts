/** Go's Flight client and server: TLS, certificates and logins, both ways. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { TinyClient } from "../../../client.ts";
import {
  basicAuth,
  type ClientMiddleware,
  FlightClient,
  handshakeAuth,
  logIn,
} from "../../../flight/mod.ts";
import { TinyServer } from "../../../server.ts";
import { act } from "../../helpers/flight_calls.ts";
import { assertFlightError } from "../../helpers/serving.ts";
import { LoginServer } from "../logins/login_server.ts";
import { ProgramProcess } from "../program_process.ts";
import { reportCases } from "../report_cases.ts";
import { Certificates } from "../tls/certificates.ts";
import { assertRefused, startKnowingServer } from "../tls/knowing_server.ts";
import { preparePeer } from "./go_programs.ts";

const peer = await preparePeer();
const PASSWORD = "love:läce 漢";

/** Host and port, as Go's client wants them. */
function addressOf({ location }: TinyServer): string {
  return new URL(location).host;
}

Deno.test("Go's client over TLS, with good and bad certificates", async (t) => {
  await using certificates = await Certificates.make();
  await using server = await startKnowingServer(certificates);
  const tls = { certificates: [certificates.expired] };
  await using expired = await new TinyServer({ port: 0, tls }).listen();
  const { folder } = certificates;
  const args = ["tls", addressOf(server), folder, addressOf(expired)];
  await reportCases(t, new Deno.Command(peer, { args }));
});

Deno.test("Go's client logs in", async (t) => {
  await using server = await LoginServer.start();
  const args = ["logins", addressOf(server), server.told, ""];
  await reportCases(t, new Deno.Command(peer, { args }));
});

Deno.test("Go's client logs in over TLS", async (t) => {
  await using certificates = await Certificates.make();
  const tls = { certificates: [certificates.first] };
  await using server = await LoginServer.start({ tls });
  const args = ["logins", addressOf(server), server.told, certificates.folder];
  await reportCases(t, new Deno.Command(peer, { args }));
});

Deno.test("TinyClient with Go's server over TLS, with good and bad certificates", async () => {
  await using certificates = await Certificates.make();
  const { ca, otherCa, ada, eve, late, folder } = certificates;
  await using server = new ProgramProcess(peer, "server", folder);
  const location = await server.line();
  const asks = /asks? for a client certificate/;
  await assertRefused(location, { ca }, asks);
  await assertRefused(
    location,
    { ca, certificate: eve },
    /its authority is not trusted there/,
  );
  await assertRefused(location, { ca, certificate: late }, /it has expired/);
  await assertRefused(location, { ca: otherCa, certificate: ada }, /is not trusted/);
  const serverName = "wrong.example";
  const named = { ca, certificate: ada, serverName };
  await assertRefused(location, named, /is not for "wrong.example"/);
  const tls = { ca, certificate: ada };
  await using client = await TinyClient.connect(location, { tls });
  const table = await client.getTable("any");
  assertEquals(table.numRows, 1_000_000);
  assertEquals(table.get(999_999)!.x, 999_999n);
});

Deno.test("TinyClient logs in to Go's server with a Basic header", async () => {
  await using certificates = await Certificates.make();
  const { ca, ada: certificate, folder } = certificates;
  await using server = new ProgramProcess(peer, "server", folder, "basic");
  const location = await server.line();
  const open = (...middleware: ClientMiddleware[]) =>
    new FlightClient(location, { tls: { ca, certificate }, middleware });
  await using stranger = open();
  const missing = await assertFlightError(
    () => act(stranger, "who"),
    "UNAUTHENTICATED",
  );
  assertStringIncludes(missing.message, "must authenticate first");
  await using wrong = open(basicAuth("ada", "x"));
  const refused = await assertFlightError(() => act(wrong, "who"), "UNAUTHENTICATED");
  assertStringIncludes(refused.message, "Only bearer token auth implemented");
});

Deno.test("TinyClient logs in to Go's server with a handshake", async () => {
  await using certificates = await Certificates.make();
  const { ca, ada: certificate, folder } = certificates;
  const tls = { ca, certificate };
  await using server = new ProgramProcess(peer, "server", folder, "handshake");
  const location = await server.line();
  await using stranger = new FlightClient(location, { tls });
  await assertFlightError(() => act(stranger, "who"), "UNAUTHENTICATED");
  await assertFlightError(() => logIn(stranger, "ada", "x"), "UNAUTHENTICATED");
  const token = await logIn(stranger, "ada", PASSWORD);
  const middleware = [handshakeAuth(token)];
  await using client = new FlightClient(location, { tls, middleware });
  assertEquals(await act(client, "who"), ["ada"]);
  await act(client, "revoke");
  await assertFlightError(() => act(client, "who"), "UNAUTHENTICATED");
});
