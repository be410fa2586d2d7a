/** The names in certificates. */
import { assertEquals, assertThrows } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { coversHost, readCertificateNames } from "../../../wire/sockets/certificate.ts";
import { Authority, openssl } from "../../helpers/certificates.ts";

Deno.test("readCertificateNames() reads every kind of name", async () => {
  await using authority = await Authority.make();
  const { cert } = await authority.issue(
    ...[
      "DNS:Ada.example",
      "DNS:*.b.example",
      "IP:127.0.0.1",
      "IP:2001:db8:0:0:0:0:0:1",
    ],
    ...["URI:spiffe://a/b", "email:ada@a.example", "RID:1.2.3.4"],
  );
  assertEquals(readCertificateNames(new X509Certificate(cert).raw), {
    commonName: "Ada.example",
    hosts: ["ada.example", "*.b.example"],
    addresses: ["127.0.0.1", "2001:db8::1"],
    alternativeNames: [
      "DNS:Ada.example",
      "DNS:*.b.example",
      "IP:127.0.0.1",
      "IP:2001:db8::1",
      "URI:spiffe://a/b",
      "email:ada@a.example",
    ],
  });
});

Deno.test("readCertificateNames() does not take a part of a name for a name", async () => {
  const config = await Deno.makeTempFile();
  await Deno.writeTextFile(
    config,
    `[req]
distinguished_name = subject
[subject]
[extensions]
subjectAltName = @names
[names]
URI.1 = "spiffe://a/b, DNS:admin.example"
DNS.1 = "x.example, DNS:admin.example"
`,
  );
  const pem = await openssl(
    ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    ...["-nodes", "-keyout", "/dev/null", "-config", config, "-extensions"],
    ...["extensions", "-subj", "/CN=one/O=two\\/CN=three/CN=four"],
  );
  await Deno.remove(config);
  const names = readCertificateNames(new X509Certificate(pem).raw);
  assertEquals(names, {
    commonName: "four",
    hosts: ["x.example, dns:admin.example"],
    addresses: [],
    alternativeNames: [
      "URI:spiffe://a/b, DNS:admin.example",
      "DNS:x.example, DNS:admin.example",
    ],
  });
  assertEquals(coversHost(names, "admin.example"), false);
});

Deno.test("readCertificateNames() gives none of a certificate without any", async () => {
  await using authority = await Authority.make("Plain");
  assertEquals(readCertificateNames(new X509Certificate(authority.cert).raw), {
    commonName: "Plain",
    hosts: [],
    addresses: [],
    alternativeNames: [],
  });
});

Deno.test("readCertificateNames() throws for bytes that are cut or changed", async () => {
  await using authority = await Authority.make();
  const { cert } = await authority.issue("DNS:ada.example");
  const { raw } = new X509Certificate(cert);
  for (let length = 0; length < raw.length; length++) {
    assertThrows(() => readCertificateNames(raw.subarray(0, length)), Error);
  }
  for (let at = 0; at < raw.length; at++) {
    const changed = new Uint8Array(raw);
    changed[at] ^= 0xff;
    // It may still be one: then it has other names.
    try {
      readCertificateNames(changed);
    } catch (error) {
      assertEquals((error as Error).message, "the certificate is malformed");
    }
  }
});

Deno.test("coversHost() compares names by labels, and addresses by value", () => {
  const names = {
    commonName: undefined,
    hosts: ["a.example", "*.b.example", "*"],
    addresses: ["127.0.0.1", "::1"],
    alternativeNames: [],
  };
  for (
    const host of ["a.example", "A.Example.", "x.b.example", "127.0.0.1", "0:0::1"]
  ) {
    assertEquals(coversHost(names, host), true, host);
  }
  const others = [
    "b.example",
    "x.y.b.example",
    ".b.example",
    "127.0.0.2",
    "::2",
    "c",
    "",
  ];
  for (const host of others) assertEquals(coversHost(names, host), false, host);
});
