/** TLS with pyarrow's programs, both ways. */
import { assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../client.ts";
import { TinyServer } from "../../../server.ts";
import { plainColumns } from "../../helpers/tables/plain_columns.ts";
import { pythonScript, runCases } from "../python/python_cases.ts";
import { PythonProcess } from "../python/python_process.ts";
import { Certificates } from "./certificates.ts";
import { assertRefused, startKnowingServer } from "./knowing_server.ts";

const TABLE = tableFromArrays({ x: Int32Array.of(1, 2, 3), y: ["a", "Ω", ""] });

Deno.test("pyarrow's client with TinyServer over TLS: tls.py", async (t) => {
  await using certificates = await Certificates.make();
  await using server = await startKnowingServer(certificates);
  const tls = { certificates: [certificates.first] };
  await using open = await new TinyServer({ port: 0, tls }).listen();
  const late = { certificates: [certificates.expired] };
  await using expired = await new TinyServer({ port: 0, tls: late }).listen();
  const locations = [open.location, expired.location];
  await runCases(t, "tls/tls", server.location, certificates.folder, ...locations);
});

for (const verify of [[], ["verify"]]) {
  const asking = verify.length > 0 ? ", which asks for a certificate" : "";
  Deno.test(`TinyClient with pyarrow's server over TLS${asking}`, async () => {
    await using certificates = await Certificates.make();
    const { ca, otherCa, ada: certificate, folder } = certificates;
    await using python = new PythonProcess(
      pythonScript("tls/tls_server"),
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
