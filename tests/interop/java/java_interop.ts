/** Java's Flight client and server, over netty: TLS, certificates and logins, both ways. */
import { assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../client.ts";
import {
  basicAuth,
  type ClientMiddleware,
  FlightClient,
  handshakeAuth,
  logIn,
} from "../../../flight/mod.ts";
import type { ClientTls } from "../../../rpc/transport.ts";
import { TinyServer } from "../../../server.ts";
import { act } from "../../helpers/flight_calls.ts";
import { plainColumns } from "../../helpers/tables/plain_columns.ts";
import { assertFlightError } from "../../helpers/serving.ts";
import { LoginServer } from "../logins/login_server.ts";
import { ProgramProcess } from "../program_process.ts";
import { reportCases } from "../report_cases.ts";
import { Certificates } from "../tls/certificates.ts";
import {
  assertRefused,
  KnowingServer,
  startKnowingServer,
} from "../tls/knowing_server.ts";
import { javaCommand } from "./prepare_java.ts";

const PASSWORD = "love:läce 漢";
const TABLE = tableFromArrays({ x: Int32Array.of(1, 2, 3), y: ["a", "Ω", ""] });

async function report(t: Deno.TestContext, ...words: string[]): Promise<void> {
  const [java, ...args] = await javaCommand(...words);
  await reportCases(t, new Deno.Command(java, { args }));
}

async function startJava(...words: string[]): Promise<ProgramProcess> {
  const [java, ...args] = await javaCommand("server", ...words);
  return new ProgramProcess(java, ...args);
}

Deno.test("Java's client, without TLS, over TLS, and with certificates", async (t) => {
  await using certificates = await Certificates.make();
  const { first, expired, folder } = certificates;
  await using plain = await new KnowingServer({ port: 0 }).listen();
  const tls = { certificates: [first] };
  await using secure = await new KnowingServer({ port: 0, tls }).listen();
  await using mutual = await startKnowingServer(certificates);
  const late = { certificates: [expired] };
  await using old = await new TinyServer({ port: 0, tls: late }).listen();
  const servers = [plain, secure, mutual, old];
  const locations = servers.map(({ location }) => location);
  await report(t, "tables", ...locations, folder);
});

Deno.test("Java's client logs in, with and without TLS", async (t) => {
  await using certificates = await Certificates.make();
  const tls = { certificates: [certificates.first] };
  await using plain = await LoginServer.start();
  await using secure = await LoginServer.start({ tls });
  const words = [plain, secure].flatMap(({ location, told }) => [location, told]);
  await report(t, "logins", ...words, certificates.folder);
});

for (const scheme of ["grpc+tcp", "grpc+tls"]) {
  Deno.test(`TinyClient with Java's server: ${scheme}`, async () => {
    await using certificates = await Certificates.make();
    const { ca, ada: certificate, eve, otherCa, folder } = certificates;
    await using server = await startJava(`${scheme}://localhost:0`, folder);
    const location = await server.line();
    const tls = scheme === "grpc+tls" ? { ca, certificate } : undefined;
    if (tls !== undefined) {
      await assertRefused(location, { ca: otherCa, certificate }, /is not trusted/);
      const wrong = { ...tls, serverName: "x.example" };
      await assertRefused(location, wrong, /is not for "x.example" but for localhost/);
      await assertRefused(location, { ca }, /asks? for a client certificate/);
      await assertRefused(location, { ca, certificate: eve }, /client certificate/);
    }
    await using client = await TinyClient.connect(location, { tls });
    await client.putTable("table", TABLE);
    assertEquals(await client.listTables(), ["table"]);
    assertEquals((await client.tableInfo("table")).rows, 3);
    assertEquals(plainColumns(await client.getTable("table")), plainColumns(TABLE));
    await client.dropTable("table");
    await assertFlightError(() => client.getTable("table"), "NOT_FOUND");
  });
}

/** Clients of a server in Java that knows Ada alone. */
async function withLogins(
  way: "basic" | "handshake",
  use: (open: (...middleware: ClientMiddleware[]) => FlightClient) => Promise<void>,
): Promise<void> {
  await using certificates = await Certificates.make();
  const { ca, ada: certificate, folder } = certificates;
  await using server = await startJava("grpc+tls://localhost:0", folder, way);
  const location = await server.line();
  const tls: ClientTls = { ca, certificate };
  await use((...middleware) => new FlightClient(location, { tls, middleware }));
}

Deno.test("TinyClient logs in to Java's server with a Basic header", () =>
  withLogins("basic", async (open) => {
    await using client = open(basicAuth("ada", PASSWORD));
    assertEquals(await act(client, "who"), ["ada"]);
    assertEquals(await act(client, "who"), ["ada"]);
    await using wrong = open(basicAuth("ada", "x"));
    await assertFlightError(() => act(wrong, "who"), "UNAUTHENTICATED");
    await using stranger = open();
    await assertFlightError(() => act(stranger, "who"), "UNAUTHENTICATED");
  }));

Deno.test("TinyClient logs in to Java's server with a handshake", () =>
  withLogins("handshake", async (open) => {
    await using stranger = open();
    await assertFlightError(() => act(stranger, "who"), "UNAUTHENTICATED");
    await assertFlightError(() => logIn(stranger, "ada", "x"), "UNAUTHENTICATED");
    const token = await logIn(stranger, "ada", PASSWORD);
    await using client = open(handshakeAuth(token));
    assertEquals(await act(client, "who"), ["ada"]);
    await using other = open(handshakeAuth(new Uint8Array([1])));
    await assertFlightError(() => act(other, "who"), "UNAUTHENTICATED");
  }));
