/** Tables over HTTPS. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { tableFromArrays, tableFromIPC } from "apache-arrow";
import { HttpDoor } from "../../http/mod.ts";
import { basicAuth, TinyClient, TinyServer } from "../../mod.ts";
import type { CertificateAndKey } from "../../rpc/transport.ts";
import { Authority } from "../helpers/certificates.ts";
import { Users } from "../helpers/users.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3] });

/** A server over TLS, with tables over HTTP, too, and who trusts its authority. */
async function start(certificates: readonly CertificateAndKey[], ca: string) {
  const http = new HttpDoor({ port: 0 });
  const tls = { certificates };
  const server = await new TinyServer({ port: 0, tls, http }).listen();
  const client = await TinyClient.connect(server.location, {
    tls: { ca },
    http: false,
  });
  await client.putTable("points", POINTS);
  return {
    server,
    client,
    http,
    url: `${http.location}/tables/points`,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown();
    },
  };
}

/** Gets a URL over a connection of its own, from a server with such a certificate. */
async function get(url: string, ca: string): Promise<Response> {
  using client = Deno.createHttpClient({ caCerts: [ca], poolMaxIdlePerHost: 0 });
  const response = await fetch(url, { client });
  const body = await response.arrayBuffer();
  return new Response(body, { status: response.status, headers: response.headers });
}

/** Fails unless a connection is refused because of the certificate. */
async function assertDistrusted(run: () => Promise<Response>): Promise<void> {
  const { message, cause } = await assertRejects(run, TypeError);
  assertMatch(`${message} ${cause}`, /certificate/);
}

Deno.test("a server with TLS speaks it over HTTP, too, and says so in a FlightInfo", async () => {
  await using authority = await Authority.make();
  await using both = await start(
    [await authority.issue("DNS:localhost")],
    authority.cert,
  );
  assertMatch(both.http.location, /^https:\/\/localhost:\d+$/);
  const response = await get(both.url, authority.cert);
  assertEquals((await tableFromIPC(await response.arrayBuffer())).numRows, 3);
  const descriptor = { type: "PATH", path: ["points"] } as const;
  const { endpoint } = await both.client.flight.getFlightInfo(descriptor);
  const uris = endpoint.flatMap(({ location }) => location.map(({ uri }) => uri));
  assert(uris.includes(both.url), uris.join());
  await assertRejects(() => fetch(both.url.replace("https", "http")));
  await assertDistrusted(() => fetch(both.url));
});

Deno.test("setTls() has the HTTP door show another certificate, while what goes on goes on", async () => {
  await using first = await Authority.make();
  await using second = await Authority.make();
  await using both = await start([await first.issue("DNS:localhost")], first.cert);
  const large = tableFromArrays({ x: new Float64Array(4_000_000) });
  await both.client.putTable("large", large);
  // Deno lets an answer over HTTP/2 break off now and then when its server is replaced.
  using slow = Deno.createHttpClient({ caCerts: [first.cert], http2: false });
  const begun = await fetch(both.url.replace("points", "large"), { client: slow });
  const certificates = [await second.issue("DNS:localhost")];
  await both.server.setTls({ certificates });
  assertEquals((await get(both.url, second.cert)).status, 200);
  await assertDistrusted(() => get(both.url, first.cert));
  assertEquals((await tableFromIPC(await begun.arrayBuffer())).numRows, 4_000_000);
  // Once more, and at the same time.
  await Promise.all([
    both.server.setTls({ certificates: [await second.issue("DNS:localhost")] }),
    both.server.setTls({ certificates: [await first.issue("DNS:localhost")] }),
  ]);
  assertEquals((await get(both.url, first.cert)).status, 200);
});

Deno.test("setTls() with a wrong certificate leaves the one that was there", async () => {
  await using authority = await Authority.make();
  const certificate = await authority.issue("DNS:localhost");
  await using both = await start([certificate], authority.cert);
  const { key } = await authority.issue("DNS:localhost");
  await assertRejects(() =>
    both.server.setTls({ certificates: [{ cert: certificate.cert, key: "none" }] })
  );
  await assertRejects(() =>
    both.server.setTls({ certificates: [{ cert: certificate.cert, key }] })
  );
  assertEquals((await get(both.url, authority.cert)).status, 200);
});

Deno.test("HttpDoor with `tls: false` speaks no TLS beside a server that does", async () => {
  await using authority = await Authority.make();
  const tls = { certificates: [await authority.issue("DNS:localhost")] };
  const http = new HttpDoor({ port: 0, tls: false });
  await using server = await new TinyServer({ port: 0, tls, http }).listen();
  assertMatch(http.location, /^http:/);
  await server.setTls(tls);
  const response = await fetch(`${http.location}/tables`);
  assertEquals(await response.json(), []);
});

Deno.test("HttpDoor does not open where TLS is asked for and cannot be, or where all could pass", async () => {
  await using authority = await Authority.make();
  const plain = new TinyServer({ port: 0, http: new HttpDoor({ port: 0, tls: true }) });
  await assertRejects(() => plain.listen(), TypeError, "needs that of the server");
  const certificates = [await authority.issue("DNS:localhost")];
  const tls = { certificates, clientCa: authority.cert };
  const http = new HttpDoor({ port: 0 });
  const open = new TinyServer({ port: 0, tls, http });
  await assertRejects(() => open.listen(), TypeError, "no certificates of clients");
});

Deno.test("a password goes over HTTPS, as over gRPC", async () => {
  await using authority = await Authority.make();
  const tls = { certificates: [await authority.issue("DNS:localhost")] };
  const http = new HttpDoor({ port: 0 });
  await using server = await new TinyServer({ port: 0, tls, http, auth: new Users() })
    .listen();
  using client = Deno.createHttpClient({ caCerts: [authority.cert] });
  const url = `${http.location}/tables`;
  const refused = await fetch(url, { client });
  assertEquals([refused.status, (await refused.json()).code], [401, "UNAUTHENTICATED"]);
  const headers = { authorization: `Basic ${btoa("ada:lovelace")}` };
  const accepted = await fetch(url, { client, headers });
  assertEquals(await accepted.json(), []);
  await using reader = await TinyClient.connect(server.location, {
    tls: { ca: authority.cert },
    middleware: [basicAuth("ada", "lovelace")],
  });
  await reader.putTable("points", POINTS);
  // What fetch does not trust is read by DoGet.
  assertEquals((await reader.getTable("points")).numRows, 3);
});
