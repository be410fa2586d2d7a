/**
 * nginx and Envoy, with their files in examples/deploy, in front of a server: pyarrow's
 * client, and HTTP.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { basicLogin, hashPassword } from "../../../auth/mod.ts";
import { HttpDoor } from "../../../http/mod.ts";
import { TinyServer } from "../../../server.ts";
import { healthService } from "../../../services/mod.ts";
import { ROOT } from "../../helpers/processes/deno_process.ts";
import { runCases } from "../python/python_cases.ts";
import { Certificates } from "../tls/certificates.ts";
import { prepareEnvoy, prepareNginx } from "./proxy_programs.ts";

/** How long a proxy may take to listen, in milliseconds. */
const MAX_START = 120_000;
const RETRY_MS = 50;

const config = JSON.parse(
  await Deno.readTextFile(`${ROOT}examples/deploy/tinyflight.json`),
);

/** A server behind a proxy, as examples/deploy/tinyflight.json says. */
async function startServer() {
  const users = new Map([["ada", await hashPassword("lovelace")]]);
  const http = new HttpDoor({
    port: 0,
    advertise: config.httpAdvertise,
    hosts: config.httpHosts,
  });
  const server = await new TinyServer({
    port: 0,
    hostname: "127.0.0.1",
    advertise: config.advertise,
    auth: basicLogin({ users, maxFailedLogins: config.maxFailedLogins }),
    services: [healthService()],
    http,
  }).listen();
  return { server, http };
}

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Waits until somebody listens at a port, or the process has ended. */
async function listens(port: number, ended: Promise<unknown>): Promise<void> {
  let hasEnded = false;
  ended.then(() => hasEnded = true);
  const until = performance.now() + MAX_START;
  while (performance.now() < until && !hasEnded) {
    try {
      using _ = await Deno.connect({ hostname: "127.0.0.1", port });
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
  throw new Error(
    `Cannot start the proxy: it ${hasEnded ? "has ended" : "does not listen"}`,
  );
}

/** Asks a proxy everything, then ends the server, and asks once more. */
async function check(
  t: Deno.TestContext,
  file: string,
  command: (path: string, folder: string) => Promise<Deno.Command>,
): Promise<void> {
  await using certificates = await Certificates.make();
  const { folder } = certificates;
  const { server, http } = await startServer();
  await using _ = server;
  const port = freePort();
  const portOf = (location: string) => location.split(":").at(-1)!;
  const text = (await Deno.readTextFile(`${ROOT}examples/deploy/${file}`))
    .replaceAll(/\b443\b/g, `${port}`)
    .replaceAll(/\b5678\b/g, portOf(server.location))
    .replaceAll(/\b5679\b/g, portOf(http.location))
    .replaceAll("/etc/tinyflight/server.pem", certificates.path("first_cert"))
    .replaceAll("/etc/tinyflight/server.key", certificates.path("first_key"));
  const path = `${folder}/${file}`;
  await Deno.writeTextFile(path, text);
  const proxy = (await command(path, folder)).spawn();
  try {
    await listens(port, proxy.status);
    const location = `grpc+tls://localhost:${port}`;
    const ca = certificates.path("ca");
    await runCases(t, "proxies/through_proxy", location, ca);
    await t.step("tables come over HTTP", async () => {
      using client = Deno.createHttpClient({ caCerts: [certificates.ca] });
      const url = `https://localhost:${port}`;
      const refused = await fetch(`${url}/tables`, { client });
      assertEquals([refused.status, (await refused.json()).code], [
        401,
        "UNAUTHENTICATED",
      ]);
      const headers = { authorization: `Basic ${btoa("ada:lovelace")}` };
      const large = await fetch(`${url}/tables/large`, { client, headers });
      const body = await large.bytes();
      assertEquals(large.status, 200);
      const put = await fetch(`${url}/tables/copy`, {
        ...{ client, headers, body, method: "PUT" },
      });
      await put.body?.cancel();
      assertMatch(`${put.status}`, /^20\d$/);
    });
    await server.shutdown();
    await runCases(t, "proxies/gone", location, ca);
  } finally {
    proxy.kill("SIGTERM");
    await proxy.status;
  }
}

const quiet = { stdin: "null", stdout: "null", stderr: "null" } as const;

Deno.test("nginx passes gRPC and HTTP to a server: through_proxy.py", async (t) => {
  const nginx = await prepareNginx();
  await check(t, "nginx.conf", (path, folder) => {
    const main = `daemon off; pid ${folder}/nginx.pid;`;
    const args = ["-p", folder, "-c", path, "-e", "stderr", "-g", main];
    return Promise.resolve(new Deno.Command(nginx, { ...quiet, args }));
  });
});

Deno.test("Envoy passes gRPC and HTTP to a server: through_proxy.py", async (t) => {
  const envoy = await prepareEnvoy();
  await check(t, "envoy.yaml", (path) => {
    const args = ["-c", path, "--use-dynamic-base-id", "--concurrency", "1"];
    return Promise.resolve(new Deno.Command(envoy, { ...quiet, args }));
  });
});
