/**
 * Certificates that programs of others find in a folder.
 *
 * @module
 */
import type { CertificateAndKey } from "../../../rpc/transport.ts";
import { Authority } from "../../helpers/certificates.ts";

/** Authorities, and what they have issued. Each has a file, or two, in the folder. */
export class Certificates implements AsyncDisposable {
  /** The folder: `ca.pem`, `other_ca.pem`, and `NAME_cert.pem` and `NAME_key.pem`. */
  readonly folder: string;
  /** The authority of all but `eve`. */
  readonly ca: string;
  /** The authority of `eve`. */
  readonly otherCa: string;
  /** A server's, for localhost. */
  readonly first: CertificateAndKey;
  /** A server's, for second.example. */
  readonly second: CertificateAndKey;
  /** A server's for localhost that has expired. */
  readonly expired: CertificateAndKey;
  /** A client's. */
  readonly ada: CertificateAndKey;
  /** A client's of another authority. */
  readonly eve: CertificateAndKey;
  /** A client's that has expired. */
  readonly late: CertificateAndKey;
  readonly #authority: Authority;

  private constructor(
    folder: string,
    authority: Authority,
    otherCa: string,
    issued: Pick<
      Certificates,
      "first" | "second" | "expired" | "ada" | "eve" | "late"
    >,
  ) {
    this.folder = folder;
    this.ca = authority.cert;
    this.otherCa = otherCa;
    ({
      first: this.first,
      second: this.second,
      expired: this.expired,
      ada: this.ada,
      eve: this.eve,
      late: this.late,
    } = issued);
    this.#authority = authority;
  }

  /** New ones. */
  static async make(): Promise<Certificates> {
    const authority = await Authority.make();
    await using other = await Authority.make("Other");
    const issued = {
      first: await authority.issue("DNS:localhost"),
      second: await authority.issue("DNS:second.example"),
      expired: await authority.issueExpired("DNS:localhost"),
      ada: await authority.issue("DNS:ada.example", "URI:spiffe://a/b"),
      eve: await other.issue("DNS:eve.example"),
      late: await authority.issueExpired("DNS:ada.example"),
    };
    const folder = await Deno.makeTempDir();
    const write = (name: string, pem: string) =>
      Deno.writeTextFile(`${folder}/${name}.pem`, pem);
    await write("ca", authority.cert);
    await write("other_ca", other.cert);
    for (const [name, { cert, key }] of Object.entries(issued)) {
      await write(`${name}_cert`, cert);
      await write(`${name}_key`, key);
    }
    return new Certificates(folder, authority, other.cert, issued);
  }

  /** Where the file of this name is. */
  path(name: string): string {
    return `${this.folder}/${name}.pem`;
  }

  /** Another certificate of a server, for localhost. */
  next(): Promise<CertificateAndKey> {
    return this.#authority.issue("DNS:localhost");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
    await this.#authority[Symbol.asyncDispose]();
  }
}
