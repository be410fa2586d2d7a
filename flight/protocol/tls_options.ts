/**
 * The options of TLS.
 *
 * @module
 */
import type { OptionSet } from "../../base/check_options.ts";
import { arrayOf, FLAG, objectWith, text } from "../../base/value_kinds.ts";
import type { ClientTls, ServerTls } from "../../rpc/transport.ts";

const PEM = { ...text(), wanted: "PEM text" };
const CERTIFICATE = objectWith([], "an object, such as { cert, key }");

/** The options of a server's TLS. */
export const SERVER_TLS_OPTIONS: OptionSet<ServerTls> = {
  of: "tls",
  example: "{ certificates: [{ cert, key }] }",
  kinds: {
    certificates: {
      ...arrayOf(CERTIFICATE, "an array, such as [{ cert, key }]"),
      isSecret: true,
    },
    clientCa: PEM,
    requireClientCertificate: FLAG,
  },
};

/** The options of a client's TLS. */
export const CLIENT_TLS_OPTIONS: OptionSet<ClientTls> = {
  of: "tls",
  example: "{ ca }",
  kinds: {
    ca: PEM,
    certificate: { ...CERTIFICATE, isSecret: true },
    serverName: text("example.org"),
    insecureSkipVerify: FLAG,
  },
};
