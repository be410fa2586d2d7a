/** TLS with pyarrow's and Go's programs, both ways. */
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../client.ts";
import { type Action, type CallContext, FlightError } from "../../flight/mod.ts";
import type { CertificateAndKey, ClientTls } from "../../rpc/transport.ts";
import { TinyServer } from "../../server.ts";
import { Authority } from "../helpers/certificates.ts";
import { plainColumns } from "../helpers/plain_columns.ts";
import { prepareTlsProgram } from "./go_programs.ts";
import { ProgramProcess } from "./program_process.ts";
import { pythonScript, runCases } from "./python_cases.ts";
import { PythonProcess } from "./python_process.ts";

const go = await prepareTlsProgram();
const TABLE = tableFromArrays({ x: Int32Array.of(1, 2, 3), y: ["a", "Ω", ""] });

/** A TinyServer that also tells its callers who they are. */
class KnowingServer extends TinyServer {
  override async *doAction(
    action: Action,
    call: CallContext,
  ): AsyncGenerator<{ body?: Uint8Array }> {
    if (action.type !== "who") return yield* super.doAction(action, call);
    const { commonName, alternativeNames } = call.certificate!;
    yield { body: new TextEncoder().encode(`${commonName} ${alternativeNames}`) };
  }
}

/** Certificates, and the folder in which other programs find them. */
interface Certificates extends AsyncDisposable {
  readonly folder: string;
  readonly ca: string;
  readonly otherCa: string;
  readonly first: CertificateAndKey;
  readonly second: CertificateAndKey;
  readonly ada: CertificateAndKey;
  readonly eve: CertificateAndKey;
}

async function makeCertificates(): Promise<Certificates> {
  await using authority = await Authority.make();
  await using other = await Authority.make("Other");
  const pairs = {
    first: await authority.issue("DNS:localhost"),
    second: await authority.issue("DNS:second.example"),
    ada: await authority.issue("DNS:ada.example", "URI:spiffe://a/b"),
    eve: await other.issue("DNS:eve.example"),
  };
  const folder = await Deno.makeTempDir();
  const write = (name: string, pem: string) =>
    Deno.writeTextFile(`${folder}/${name}.pem`, pem);
  await write("ca", authority.cert);
  await write("other_ca", other.cert);
  for (const [name, { cert, key }] of Object.entries(pairs)) {
    await write(`${name}_cert`, cert);
    await write(`${name}_key`, key);
  }
  return {
    ...{ ...pairs, folder, ca: authority.cert, otherCa: other.cert },
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

function startServer({ first, second, ca }: Certificates): Promise<TinyServer> {
  const tls = { certificates: [first, second], clientCa: ca };
  return new KnowingServer({ port: 0, tls }).listen();
}

/** Checks why a client cannot connect. */
async function assertRefused(
  location: string,
  tls: ClientTls,
  reason: RegExp,
): Promise<void> {
  const error = await assertRejects(
    () => TinyClient.connect(location, { tls, timeout: 0 }),
    FlightError,
  );
  assertEquals(error.code, "UNAVAILABLE");
  assertMatch(error.message, reason);
}

Deno.test("pyarrow's client with TinyServer over TLS: tls.py", async (t) => {
  await using certificates = await makeCertificates();
  await using server = await startServer(certificates);
  const tls = { certificates: [certificates.first] };
  await using open = await new TinyServer({ port: 0, tls }).listen();
  await runCases(t, "tls", server.location, certificates.folder, open.location);
});

for (const verify of [[], ["verify"]]) {
  const asking = verify.length > 0 ? ", which asks for a certificate" : "";
  Deno.test(`TinyClient with pyarrow's server over TLS${asking}`, async () => {
    await using certificates = await makeCertificates();
    const { ca, otherCa, ada: certificate, folder } = certificates;
    await using python = new PythonProcess(
      pythonScript("tls_server"),
      folder,
      ...verify,
    );
    const location = await python.line();
    {
      const tls = { ca, certificate };
      await using client = await TinyClient.connect(location, { tls });
      await client.putTable("table", TABLE);
      assertEquals(await client.listTables(), ["table"]);
      assertEquals(plainColumns(await client.getTable("table")), plainColumns(TABLE));
    }
    const untrusted = /comes from an authority that is not trusted/;
    await assertRefused(location, { ca: otherCa, certificate }, untrusted);
    const wrong = { ca, certificate, serverName: "x.example" };
    await assertRefused(location, wrong, /is not for "x.example" but for localhost/);
    if (verify.length > 0) {
      await assertRefused(location, { ca }, /asks? for a client certificate/);
    }
  });
}

Deno.test("Go's client with TinyServer over TLS", async () => {
  await using certificates = await makeCertificates();
  await using server = await startServer(certificates);
  const run = async (...more: string[]) => {
    const args = ["client", server.location, certificates.folder, ...more];
    const { code, stdout } = await new Deno.Command(go, { args }).output();
    return { code, stdout: new TextDecoder().decode(stdout) };
  };
  assertEquals(await run(), { code: 0, stdout: "1000000 rows\n" });
  const refused = await run("anonymous");
  assertEquals(refused.code, 1);
  assertStringIncludes(refused.stdout, "Unavailable");
});

Deno.test("TinyClient with Go's server over TLS", async () => {
  await using certificates = await makeCertificates();
  const { ca, ada: certificate, folder } = certificates;
  await using server = new ProgramProcess(go, "server", folder);
  const location = await server.line();
  {
    await using client = await TinyClient.connect(location, {
      tls: { ca, certificate },
    });
    const table = await client.getTable("any");
    assertEquals(table.numRows, 1_000_000);
    assertEquals(table.get(999_999)!.x, 999_999n);
  }
  await assertRefused(location, { ca }, /asks? for a client certificate/);
});
