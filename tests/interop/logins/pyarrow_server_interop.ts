/** TinyClient logs in to pyarrow's server over TLS, in both of its ways. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../client.ts";
import {
  basicAuth,
  bearerAuth,
  type ClientMiddleware,
  type FlightErrorCode,
  handshakeAuth,
  logIn,
} from "../../../flight/mod.ts";
import { act } from "../../helpers/flight_calls.ts";
import { plainColumns } from "../../helpers/tables/plain_columns.ts";
import { assertFlightError, utf8 } from "../../helpers/serving.ts";
import { pythonScript } from "../python/python_cases.ts";
import { PythonProcess } from "../python/python_process.ts";
import { Certificates } from "../tls/certificates.ts";

const [NAME, PASSWORD] = ["ada", "love:läce 漢"];
const TABLE = tableFromArrays({ x: Int32Array.of(1, 2, 3), y: ["a", "Ω", ""] });

/** Makes clients of a new server. */
type Open = (...middleware: ClientMiddleware[]) => Promise<TinyClient>;

function test(way: "handshake" | "basic", use: (open: Open) => Promise<void>): void {
  Deno.test(`TinyClient logs in to pyarrow's server: ${way}`, async () => {
    await using certificates = await Certificates.make();
    const { folder, ca } = certificates;
    const script = pythonScript("logins/token_server");
    await using python = new PythonProcess(script, folder, way);
    const location = await python.line();
    await use((...middleware) =>
      TinyClient.connect(location, { tls: { ca }, middleware })
    );
  });
}

/** Checks that each of the calls fails with this code and this text. */
async function assertFails(
  client: TinyClient,
  code: FlightErrorCode,
  text: string,
): Promise<void> {
  const calls = [
    () => client.listTables(),
    () => client.getTable("table"),
    () => client.tableInfo("table"),
    () => client.putTable("table", TABLE),
    () => client.dropTable("table"),
  ];
  for (const call of calls) {
    assertStringIncludes((await assertFlightError(call, code)).message, text);
  }
}

async function assertServed(client: TinyClient): Promise<void> {
  await client.putTable("table", TABLE);
  assertEquals(await client.listTables(), ["table"]);
  assertEquals(plainColumns(await client.getTable("table")), plainColumns(TABLE));
  await client.dropTable("table");
  const denied = await assertFlightError(
    () => act(client.flight, "forbidden"),
    "PERMISSION_DENIED",
  );
  assertStringIncludes(denied.message, "not for ada");
}

test("basic", async (open) => {
  await using stranger = await open();
  await assertFails(stranger, "UNAUTHENTICATED", "no credentials");
  await using wrong = await open(basicAuth(NAME, "x"));
  await assertFails(wrong, "UNAUTHENTICATED", "wrong name or password");
  await using unknown = await open(bearerAuth("x"));
  await assertFails(unknown, "UNAUTHENTICATED", "the token is unknown");
  await using ada = await open(basicAuth(NAME, PASSWORD));
  await assertServed(ada);
  for (const action of ["revoke", "expire"]) {
    await act(ada.flight, action);
    const error = await assertFlightError(() => ada.listTables(), "UNAUTHENTICATED");
    assertStringIncludes(error.message, `the token is ${action}d`);
    // It logs in again by itself.
    await assertServed(ada);
  }
});

test("handshake", async (open) => {
  await using stranger = await open();
  await assertFails(stranger, "UNAUTHENTICATED", "the token is unknown");
  const refused = await assertFlightError(
    () => logIn(stranger.flight, NAME, "x"),
    "UNAUTHENTICATED",
  );
  assertStringIncludes(refused.message, "wrong name or password");
  await using unknown = await open(handshakeAuth(utf8("x")));
  await assertFails(unknown, "UNAUTHENTICATED", "the token is unknown");
  let token = await logIn(stranger.flight, NAME, PASSWORD);
  await using ada = await open(handshakeAuth(() => token));
  await assertServed(ada);
  for (const action of ["revoke", "expire"]) {
    await act(ada.flight, action);
    await assertFails(ada, "UNAUTHENTICATED", `the token is ${action}d`);
    token = await logIn(stranger.flight, NAME, PASSWORD);
    await assertServed(ada);
  }
});
