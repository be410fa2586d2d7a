/**
 * The certificates of the server.
 *
 * @module
 */
import type { ServerTls } from "../../flight/mod.ts";
import { readText } from "../options/read_files.ts";
import type { GivenOptions } from "../options/given_options.ts";
import { UsageError } from "../options/command_error.ts";

/** The option `tls` of the server, as the files say; undefined without TLS. */
export async function readTls(options: GivenOptions): Promise<ServerTls | undefined> {
  const [certPath, keyPath] = [options.text("tls-cert"), options.text("tls-key")];
  const caPath = options.text("client-ca");
  if (certPath === undefined && keyPath === undefined && caPath === undefined) {
    return undefined;
  }
  if (certPath === undefined || keyPath === undefined) {
    throw new UsageError("Cannot speak TLS: --tls-cert and --tls-key are needed, both");
  }
  const cert = await readText(certPath, "certificate");
  const key = await readText(keyPath, "private key");
  if (caPath === undefined) return { certificates: [{ cert, key }] };
  const clientCa = await readText(caPath, "client authorities");
  // A client that logs in otherwise needs no certificate.
  const others = options.among("users", "token-file", "jwks", "jwt-key");
  const requireClientCertificate = others.length === 0;
  return { certificates: [{ cert, key }], clientCa, requireClientCertificate };
}
