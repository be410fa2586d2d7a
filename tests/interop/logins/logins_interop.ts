/** Logins by pyarrow's client, in each of its ways, plain and over TLS. */
import { Certificates } from "../tls/certificates.ts";
import { runCases } from "../python/python_cases.ts";
import { LoginServer } from "./login_server.ts";

Deno.test("pyarrow's client logs in: ways_in.py", async (t) => {
  await using server = await LoginServer.start();
  await runCases(t, "logins/ways_in", server.location, server.told);
});

Deno.test("pyarrow's client logs in over TLS: ways_in.py", async (t) => {
  await using certificates = await Certificates.make();
  const tls = { certificates: [certificates.first] };
  await using server = await LoginServer.start({ tls });
  const roots = certificates.path("ca");
  await runCases(t, "logins/ways_in", server.location, server.told, roots);
});
