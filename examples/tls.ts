/** TLS: a server with a certificate, and a client that trusts who has signed it. */
import { TinyClient, TinyServer } from "@tinyflight/flight";
import { tableFromArrays } from "apache-arrow";
import { execFileSync } from "node:child_process";

// For a try a certificate signs itself; a service has one of an authority.
const pem = execFileSync("openssl", [
  ...["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
  ...["-nodes", "-keyout", "-", "-out", "-", "-days", "1", "-subj", "/CN=localhost"],
  ...["-addext", "subjectAltName=DNS:localhost"],
], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
const [key, cert] = pem.split(/(?=-----BEGIN CERTIFICATE-----)/);

const tls = { certificates: [{ cert, key }] };
await using server = await new TinyServer({ port: 0, tls }).listen();
console.log(server.location.replace(/\d+$/, "PORT")); // grpc+tls://localhost:PORT

await using client = await TinyClient.connect(server.location, { tls: { ca: cert } });
await client.putTable("secrets", tableFromArrays({ number: [42] }));
console.log((await client.getTable("secrets")).get(0)?.toJSON()); // { number: 42 }
