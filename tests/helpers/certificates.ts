/**
 * Certificates for tests, made by `openssl`.
 *
 * @module
 */
import type { CertificateAndKey } from "../../rpc/transport.ts";

/** An authority that issues certificates; its files go when it is disposed of. */
export class Authority implements AsyncDisposable {
  /** Its own certificate, as PEM text. */
  readonly cert: string;
  readonly #folder: string;
  #count = 0;

  private constructor(folder: string, cert: string) {
    this.#folder = folder;
    this.cert = cert;
  }

  /** A new authority of this name. */
  static async make(name = "Test Authority"): Promise<Authority> {
    const folder = await Deno.makeTempDir();
    await openssl(
      ...["req", "-x509", ...NEW_KEY, "-days", "2", "-subj", `/CN=${name}`],
      ...["-addext", "basicConstraints=critical,CA:TRUE"],
      ...["-keyout", `${folder}/ca.key`, "-out", `${folder}/ca.pem`],
    );
    return new Authority(folder, await Deno.readTextFile(`${folder}/ca.pem`));
  }

  /**
   * A certificate for these alternative names, such as `DNS:ada.example` or
   * `IP:127.0.0.1`, of which the first is the common name as well.
   */
  async issue(...names: string[]): Promise<CertificateAndKey> {
    const path = this.#nextPath();
    await openssl(
      ...["req", "-x509", ...subjectOf(names), ...this.#signer(), "-days", "2"],
      ...["-keyout", `${path}.key`, "-out", `${path}.pem`],
    );
    return await readBoth(path);
  }

  /** The same as `issue`, but the certificate expired yesterday. */
  async issueExpired(...names: string[]): Promise<CertificateAndKey> {
    const path = this.#nextPath();
    await openssl(
      ...["req", "-new", ...subjectOf(names)],
      ...["-keyout", `${path}.key`, "-out", `${path}.csr`],
    );
    await openssl(
      ...["x509", "-req", "-in", `${path}.csr`, "-copy_extensions", "copyall"],
      ...[...this.#signer(), "-days", "-1", "-out", `${path}.pem`],
    );
    return await readBoth(path);
  }

  /** Removes its files. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#folder, { recursive: true });
  }

  #nextPath(): string {
    return `${this.#folder}/${this.#count++}`;
  }

  #signer(): string[] {
    return ["-CA", `${this.#folder}/ca.pem`, "-CAkey", `${this.#folder}/ca.key`];
  }
}

/** What a request for a certificate with these names says. */
function subjectOf(names: readonly string[]): string[] {
  const commonName = names[0].replace(/^\w+:/, "").replaceAll("/", "\\/");
  return [
    ...[...NEW_KEY, "-subj", `/CN=${commonName}`],
    ...["-addext", "basicConstraints=critical,CA:FALSE"],
    ...["-addext", `subjectAltName=${names.join(",")}`],
  ];
}

async function readBoth(path: string): Promise<CertificateAndKey> {
  return {
    cert: await Deno.readTextFile(`${path}.pem`),
    key: await Deno.readTextFile(`${path}.key`),
  };
}

/** A new key on an elliptic curve, which is made in no time. */
const NEW_KEY: readonly string[] = [
  ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"],
];

/** Runs `openssl`, which has to succeed. */
export async function openssl(...args: string[]): Promise<string> {
  const command = new Deno.Command("openssl", { args, stdin: "null" });
  const { success, stdout, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}
