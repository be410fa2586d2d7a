/** What TLS says when it fails. */
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import net from "node:net";
import tls from "node:tls";
import type { ClientTls, ServerTls } from "../../../rpc/transport.ts";
import type { Socket } from "../../../wire/sockets/socket.ts";
import { wireClient } from "../../../wire/client.ts";
import { defaultSockets } from "../../../wire/sockets/sockets.ts";
import { Authority } from "../../helpers/certificates.ts";
import { bytesOf, LOOPBACK, readAll } from "../../helpers/wire/socket_pairs.ts";
import { closeServer, openTlsPair, startServer } from "../../helpers/wire/tls_pairs.ts";

Deno.test("a TLS client that shows no certificate learns that it needs one", async () => {
  await using authority = await Authority.make();
  const certificate = await authority.issue("DNS:localhost", "IP:127.0.0.1");
  const server = tls.createServer({
    ...certificate,
    ca: authority.cert,
    requestCert: true,
    ALPNProtocols: ["h2"],
  });
  server.on("tlsClientError", () => {});
  const port = await startServer(server);
  const where = `127.0.0.1:${port}`;
  const socket = await connect(port, { ca: authority.cert });
  await assertRejects(
    () => socket.read(new Uint8Array(8)),
    Error,
    `${where} asks for a client certificate (tls.certificate)`,
  );
  socket.close();
  await closeServer(server);
});

Deno.test("a TLS client says what is wrong with the server's certificate", async () => {
  await using authority = await Authority.make();
  await using other = await Authority.make("Other");
  const good = await authority.issue("DNS:a.example", "IP:127.0.0.1");
  const expired = await authority.issueExpired("DNS:a.example", "IP:127.0.0.1");
  const wrong = await authority.issue("DNS:b.example", "DNS:*.c.example", "IP:::1");
  const ca = authority.cert;
  const cases = [
    [expired, { ca }, /^the certificate of 127.0.0.1:\d+ has expired$/],
    [
      wrong,
      { ca },
      /^the certificate of \S+ is not for "127.0.0.1" but for b.example, \*.c.example, ::1$/,
    ],
    [
      good,
      { ca, serverName: "x.example" },
      /^the certificate of \S+ is not for "x.example" but for a.example, 127.0.0.1$/,
    ],
    [good, { ca: other.cert }, /from an authority that is not trusted$/],
    [good, {}, /from an authority that is not trusted$/],
  ] as const;
  for (const [certificate, clientTls, message] of cases) {
    const error = await assertRejects(
      () => openTlsPair({ serverTls: { certificates: [certificate] }, clientTls }),
      Error,
    );
    assertMatch(error.message, message);
  }
  for (const certificate of [good, expired, wrong]) {
    await using pair = await openTlsPair({
      serverTls: { certificates: [certificate] },
      clientTls: { insecureSkipVerify: true },
    });
    await pair.client.write([bytesOf(3)]);
    assertEquals(await readAll(pair.server, 3), bytesOf(3));
  }
  const names = ["x.c.example", "B.example", "[::1]".slice(1, -1)];
  for (const serverName of names) {
    await using _ = await openTlsPair({
      serverTls: { certificates: [wrong] },
      clientTls: { ca, serverName },
    });
  }
});

Deno.test("a TLS client says when a server does not speak TLS, or HTTP/2", async () => {
  await using authority = await Authority.make();
  const certificate = await authority.issue("DNS:localhost", "IP:127.0.0.1");
  const noTls = / does not speak TLS$/;
  const closed =
    / closed the connection during the TLS handshake: it may not speak TLS$/;
  const noHttp2 = / does not speak HTTP\/2: it does not agree on "h2" \(ALPN\)$/;
  const answer = (text: string) => (socket: net.Socket) =>
    void socket.on("error", () => {}).once("data", () => socket.end(text));
  const cases = [
    [net.createServer(answer("HTTP/1.1 400 Bad Request\r\n\r\n")), noTls],
    [net.createServer((socket) => void socket.end()), closed],
    [tls.createServer({ ...certificate }), noHttp2],
    [tls.createServer({ ...certificate, ALPNProtocols: ["http/1.1"] }), noHttp2],
  ] as const;
  for (const [server, message] of cases) {
    const port = await startServer(server);
    const error = await assertRejects(
      () => connect(port, { ca: authority.cert }),
      Error,
    );
    assertMatch(error.message, message);
    await closeServer(server);
  }
});

Deno.test("certificates and keys are checked before anything is done", async () => {
  await using authority = await Authority.make();
  const one = await authority.issue("DNS:localhost");
  const two = await authority.issue("DNS:localhost");
  const damaged = one.cert.replace(/\nMI../, "\nMIIA");
  const encrypted =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----";
  const cases: (readonly [ServerTls, string])[] = [
    [{ certificates: [] }, "tls.certificates: one certificate is needed at least"],
    [
      { certificates: [{ ...one, cert: "hello" }] },
      "tls.certificates[0].cert: it has to be PEM",
    ],
    [
      { certificates: [{ ...one, cert: damaged }] },
      "tls.certificates[0].cert: it is damaged",
    ],
    [
      { certificates: [one, { ...one, cert: two.cert + damaged }] },
      "tls.certificates[1].cert: certificate 2 in it is damaged",
    ],
    [
      { certificates: [{ ...one, key: one.cert }] },
      "tls.certificates[0].key: it has to be PEM",
    ],
    [
      { certificates: [{ ...one, key: one.key.replace(/\nMI../, "\nAAAA") }] },
      "tls.certificates[0].key: it is damaged",
    ],
    [
      { certificates: [{ ...one, key: encrypted }] },
      "tls.certificates[0].key: it is encrypted with a password",
    ],
    [
      { certificates: [one, { cert: one.cert, key: two.key }] },
      "tls.certificates[1]: the key does not belong to the certificate",
    ],
    [
      { certificates: [one], clientCa: one.key },
      "tls.clientCa: it has to be PEM",
    ],
    [
      { certificates: [one], requireClientCertificate: true },
      "tls.requireClientCertificate: tls.clientCa has to say who issues them",
    ],
  ];
  for (const [tls, message] of cases) {
    await assertRejects(
      () => defaultSockets().listen(LOOPBACK, { tls }, (pending) => pending.close()),
      TypeError,
      `Cannot use ${message}`,
    );
  }
  const clients: (readonly [ClientTls, string])[] = [
    [{ ca: "hello" }, "tls.ca: it has to be PEM"],
    [{ ca: damaged }, "tls.ca: it is damaged"],
    [
      { certificate: { cert: one.cert, key: two.key } },
      "tls.certificate: the key does not belong to the certificate",
    ],
    [{ serverName: "" }, "tls.serverName: it is empty"],
  ];
  for (const [tls, message] of clients) {
    const address = { hostname: "127.0.0.1", port: 1 };
    assertThrows(
      () => wireClient().connect(address, { tls }),
      TypeError,
      `Cannot use ${message}`,
    );
  }
});

function connect(port: number, clientTls: ClientTls): Promise<Socket> {
  const address = { hostname: "127.0.0.1", port };
  return defaultSockets().connect(address, {
    tls: clientTls,
    signal: new AbortController().signal,
  });
}
