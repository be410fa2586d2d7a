/** gRPC's own test programs in Go: their client with our server, our client with theirs. */
import { assertEquals } from "@std/assert";
import { wireClient } from "../../../wire/client.ts";
import { wireServer } from "../../../wire/server.ts";
import { prepareGrpcInterop } from "../go/go_programs.ts";
import { type Certificate, makeCertificate } from "./certificate.ts";
import { GoServer, runGoClient } from "./go_processes.ts";
import { TEST_CASES } from "./test_cases.ts";
import { TEST_METHODS, TestService } from "./test_service.ts";

const HOST = "localhost";
const go = await prepareGrpcInterop();

/** What the two sides speak: plain text, or TLS with this certificate. */
const WAYS: readonly { readonly name: string; readonly certificate?: Certificate }[] = [
  { name: "in plain text" },
  { name: "over TLS", certificate: await makeCertificate(HOST) },
];

for (const { name: way, certificate } of WAYS) {
  for (const [testCase, run] of TEST_CASES) {
    Deno.test(`Go's client with our server ${way}: ${testCase}`, async () => {
      const service = new TestService();
      const listening = await wireServer().listen(TEST_METHODS, service.answer, {
        address: { hostname: HOST, port: 0 },
        tls: certificate && { certificates: [certificate] },
        limits: {},
      });
      try {
        const { port } = listening;
        const options = { port, testCase, tls: certificate };
        assertEquals(await runGoClient(go.client, options), undefined);
        await listening.drain();
        await service.ended();
      } finally {
        await listening.close();
      }
    });

    Deno.test(`our client with Go's server ${way}: ${testCase}`, async () => {
      await using server = await GoServer.start(go.server, { tls: certificate });
      const tls = certificate && { ca: certificate.ca };
      const channel = wireClient().connect({ hostname: HOST, port: server.port }, {
        tls,
      });
      try {
        await run(channel);
      } finally {
        channel.close();
      }
    });
  }
}
