/**
 * A certificate for our programs and for those that read files.
 *
 * @module
 */
import type { CertificateAndKey } from "../../../rpc/transport.ts";
import { Authority } from "../../helpers/certificates.ts";

/** A certificate, and where it is for programs that read files. */
export interface Certificate extends CertificateAndKey {
  /** The authority, as PEM text. */
  readonly ca: string;
  /** The files of the authority's certificate, of the certificate and of its key. */
  readonly files: { readonly [file in "ca" | "cert" | "key"]: string };
}

/** Makes a certificate for this host. Its files go when this process ends. */
export async function makeCertificate(hostname: string): Promise<Certificate> {
  await using authority = await Authority.make();
  const { cert, key } = await authority.issue(`DNS:${hostname}`);
  const folder = await Deno.makeTempDir();
  addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  const files = {
    ca: `${folder}/ca.pem`,
    cert: `${folder}/cert.pem`,
    key: `${folder}/key.pem`,
  };
  await Promise.all([
    Deno.writeTextFile(files.ca, authority.cert),
    Deno.writeTextFile(files.cert, cert),
    Deno.writeTextFile(files.key, key),
  ]);
  return { ca: authority.cert, cert, key, files };
}
