/** Cases of the contract: TLS, with certificates of both sides. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { StatusError } from "../../rpc/status.ts";
import type { ClientTls, ServerTls } from "../../rpc/transport.ts";
import { Authority } from "../helpers/certificates.ts";
import { within } from "../helpers/waiting.ts";
import {
  type Case,
  messages,
  METHODS,
  OK,
  Outbox,
  type Pair,
  Started,
  texts,
} from "./contract.ts";

const headers = new CallHeaders();
const LOCAL = ["DNS:localhost", "IP:127.0.0.1"];
/** Certificates are checked by this name. */
const address = { hostname: "localhost", port: 0 };

/** A server and a client that speak TLS. */
function open(pair: Pair, tls: ServerTls, clientTls: ClientTls): Promise<Started> {
  return Started.open(pair, { address, tls, clientTls });
}

/** Fails unless a client that speaks TLS in this way gets no connection; gives why. */
async function assertNoConnection(both: Started, tls?: ClientTls): Promise<string> {
  const ready = () => within(both.connect({ tls }).ready({ timeout: 0 }), "a refusal");
  const error = await assertRejects(ready, StatusError);
  assertEquals(error.code, "UNAVAILABLE");
  return error.message;
}

/** A case in which an authority is there. */
function tlsCase(
  name: string,
  use: (pair: Pair, authority: Authority) => Promise<void>,
): Case {
  return {
    name: `TLS: ${name}`,
    dials: true,
    async run(pair) {
      await using authority = await Authority.make();
      await use(pair, authority);
    },
  };
}

export const TLS_CASES: readonly Case[] = [
  tlsCase(
    "calls go both ways, and a client without a certificate has shown none",
    async (
      pair,
      authority,
    ) => {
      const certificates = [await authority.issue(...LOCAL)];
      await using both = await open(pair, { certificates }, { ca: authority.cert });
      await within(both.channel.ready({ timeout: 10_000 }), "the channel");
      await both.echo();
      await both.echo("a".repeat(1_000_000));
      const { outgoing, incoming } = await both.call(METHODS.exchange, messages("a"));
      assertEquals(incoming.certificate, undefined);
      assertEquals(incoming.authority, `localhost:${both.listening.port}`);
      assert(/^(127\.0\.0\.1|\[::1\]):\d+$/.test(incoming.peer), incoming.peer);
      assertEquals(await texts(incoming.requests), ["a"]);
      incoming.end(OK);
      assertEquals(await within(outgoing.status, "the status"), OK);
    },
  ),
  tlsCase("a client refuses a server that its authorities have not issued", async (
    pair,
    authority,
  ) => {
    await using other = await Authority.make("Another");
    const certificates = [await authority.issue(...LOCAL)];
    await using both = await open(pair, { certificates }, { ca: authority.cert });
    await assertNoConnection(both, { ca: other.cert });
    await assertNoConnection(both, {});
    await both.echo();
  }),
  tlsCase(
    "a client refuses a server of another name, and may say which is right",
    async (
      pair,
      authority,
    ) => {
      const certificates = [await authority.issue("DNS:other.example")];
      const ca = authority.cert;
      const right = { ca, serverName: "other.example" };
      await using both = await open(pair, { certificates }, right);
      await assertNoConnection(both, { ca });
      await both.echo();
    },
  ),
  tlsCase(
    "a client refuses a certificate that has expired",
    async (pair, authority) => {
      const certificates = [await authority.issueExpired(...LOCAL)];
      const insecure = { insecureSkipVerify: true };
      await using both = await open(pair, { certificates }, insecure);
      await assertNoConnection(both, { ca: authority.cert });
      await both.echo();
    },
  ),
  tlsCase("insecureSkipVerify accepts any certificate", async (pair, authority) => {
    const certificates = [await authority.issue("DNS:other.example")];
    await using both = await open(pair, { certificates }, { insecureSkipVerify: true });
    await both.echo();
  }),
  tlsCase("a side without TLS gets no connection, and its peer goes on", async (
    pair,
    authority,
  ) => {
    const certificates = [await authority.issue(...LOCAL)];
    await using both = await open(pair, { certificates }, { ca: authority.cert });
    await assertNoConnection(both);
    await both.echo();
    await using plain = await Started.open(pair, { address });
    await assertNoConnection(plain, { ca: authority.cert });
    await plain.echo();
  }),
  tlsCase("a server asks for a certificate, and knows the client's", async (
    pair,
    authority,
  ) => {
    const certificates = [await authority.issue(...LOCAL)];
    const certificate = await authority.issue("DNS:ada.example", "URI:spiffe://a/b");
    const ca = authority.cert;
    await using both = await open(pair, { certificates, clientCa: ca }, {
      ca,
      certificate,
    });
    const { outgoing, incoming } = await both.call(METHODS.exchange);
    const { commonName, alternativeNames, fingerprint } = incoming.certificate!;
    assertEquals(commonName, "ada.example");
    assertEquals(alternativeNames, ["DNS:ada.example", "URI:spiffe://a/b"]);
    assert(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/.test(fingerprint), fingerprint);
    incoming.end(OK);
    assertEquals(await within(outgoing.status, "the status"), OK);
  }),
  tlsCase("a client without a certificate, or with a stranger's, is refused", async (
    pair,
    authority,
  ) => {
    await using other = await Authority.make("Another");
    const certificates = [await authority.issue(...LOCAL)];
    const certificate = await authority.issue("DNS:ada.example");
    const strange = await other.issue("DNS:eve.example");
    const ca = authority.cert;
    const tls = { certificates, clientCa: ca };
    await using both = await open(pair, tls, { ca, certificate });
    await assertRefused(both, { ca });
    await assertRefused(both, { ca, certificate: strange });
    await both.echo();
  }),
  tlsCase("a client may have no certificate when none is required", async (
    pair,
    authority,
  ) => {
    const certificates = [await authority.issue(...LOCAL)];
    const certificate = await authority.issue("DNS:ada.example");
    const ca = authority.cert;
    const tls = { certificates, clientCa: ca, requireClientCertificate: false };
    await using both = await open(pair, tls, { ca });
    const channel = both.connect({ tls: { ca, certificate } });
    for (
      const [options, name] of [[{}, undefined], [{ channel }, "ada.example"]] as const
    ) {
      const { outgoing, incoming } = await both.call(
        METHODS.exchange,
        messages(),
        options,
      );
      assertEquals(incoming.certificate?.commonName, name);
      incoming.end(OK);
      assertEquals(await within(outgoing.status, "the status"), OK);
    }
  }),
  tlsCase(
    "a client gets the certificate whose names cover the host, or the first",
    async (
      pair,
      authority,
    ) => {
      const certificates = [
        await authority.issue("DNS:first.example"),
        await authority.issue("DNS:localhost"),
        await authority.issue("DNS:*.third.example"),
      ];
      const ca = authority.cert;
      await using both = await open(pair, { certificates }, { ca });
      await both.echo();
      for (const serverName of ["first.example", "a.third.example"]) {
        await both.echo("echo", { channel: both.connect({ tls: { ca, serverName } }) });
      }
      const reason = await assertNoConnection(both, { ca, serverName: "else.example" });
      assert(reason.length > 0);
    },
  ),
  tlsCase(
    "setTls changes the certificate for new connections, and refuses none",
    async (
      pair,
      authority,
    ) => {
      await using next = await Authority.make("Next");
      const before = { certificates: [await authority.issue(...LOCAL)] };
      const after = { certificates: [await next.issue(...LOCAL)] };
      await using both = await open(pair, before, { ca: authority.cert });
      const requests = new Outbox().send("a");
      const { outgoing, incoming } = await both.call(METHODS.exchange, requests);
      await within(both.listening.setTls(after), "the new certificate");
      await both.echo("new", { channel: both.connect({ tls: { ca: next.cert } }) });
      await assertNoConnection(both, { ca: authority.cert });
      requests.end();
      assertEquals(await texts(incoming.requests), ["a"]);
      incoming.end(OK);
      assertEquals(await within(outgoing.status, "the status"), OK);
    },
  ),
  tlsCase("what cannot be used is a TypeError, and changes nothing", async (
    pair,
    authority,
  ) => {
    const [one, other] = [
      await authority.issue(...LOCAL),
      await authority.issue("DNS:b"),
    ];
    const ca = authority.cert;
    const wrong: ServerTls[] = [
      { certificates: [] },
      { certificates: [{ cert: "no PEM", key: one.key }] },
      { certificates: [{ cert: one.cert, key: "no PEM" }] },
      { certificates: [{ cert: one.cert, key: other.key }] },
      { certificates: [one, { cert: other.cert, key: one.key }] },
      { certificates: [one], clientCa: "no PEM" },
    ];
    await using both = await open(pair, { certificates: [one] }, { ca });
    for (const tls of wrong) {
      await assertRejects(() => open(pair, tls, { ca }), TypeError);
      await assertRejects(() => both.listening.setTls(tls), TypeError);
    }
    await both.echo("still", { channel: both.connect({ tls: { ca } }) });
  }),
  {
    name: "TLS: connect throws a TypeError for what a client cannot use",
    async run(pair) {
      await using authority = await Authority.make();
      const one = await authority.issue(...LOCAL);
      const other = await authority.issue("DNS:other.example");
      const wrong: ClientTls[] = [
        { certificate: { cert: one.cert, key: other.key } },
        { certificate: { cert: one.cert, key: "no PEM" } },
        { certificate: { cert: "no PEM", key: one.key } },
        { ca: "no PEM" },
      ];
      for (const tls of wrong) {
        assertThrows(() => pair.client.connect(address, { tls }), TypeError);
      }
    },
  },
  tlsCase("a handshake that stops holds up no drain", async (pair, authority) => {
    const certificates = [await authority.issue(...LOCAL)];
    await using both = await open(pair, { certificates }, { ca: authority.cert });
    await both.echo();
    const { port } = both.listening;
    using _ = await Deno.connect({ hostname: "localhost", port });
    await both.echo();
    await within(both.listening.drain(), "the server to drain", 10_000);
  }),
  tlsCase("a server drains and closes as without TLS", async (pair, authority) => {
    const certificates = [await authority.issue(...LOCAL)];
    await using both = await open(pair, { certificates }, { ca: authority.cert });
    const { outgoing, incoming } = await both.call(METHODS.exchange, messages("a"));
    const drained = both.listening.drain();
    incoming.end(OK);
    assertEquals(await within(outgoing.status, "the status"), OK);
    await within(drained, "the server to drain");
  }),
];

/**
 * Fails unless a server does not let this client call. It is told so by TLS, which in
 * version 1.3 it learns only after it has finished its own handshake, or by its call.
 */
async function assertRefused(both: Started, tls: ClientTls): Promise<void> {
  const channel = both.connect({ tls });
  await channel.ready({ timeout: 0 }).catch(() => {});
  const { status } = channel.call(METHODS.unary, messages("a"), { headers });
  const { code } = await within(status, "the status");
  assert(["UNAVAILABLE", "UNAUTHENTICATED"].includes(code), code);
  assertEquals(both.incoming.size, 0);
}
