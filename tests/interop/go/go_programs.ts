/**
 * The programs in Go with which ours have to agree.
 *
 * @module
 */
import { buildGo, installGo } from "./go_install.ts";

/** The versions that the tests were written for. */
const ARROW = "v18.7.0";
const GRPC = "v1.85.0";
const H2SPEC = "v2.2.1";
const GRPCURL = "v1.9.4";

/** Where a client and a server are. */
export interface GoPrograms {
  readonly client: string;
  readonly server: string;
}

/** The programs of the Arrow Flight integration suite. */
export async function prepareGo(): Promise<GoPrograms> {
  const suite = "github.com/apache/arrow-go/v18/arrow/internal/flight_integration/cmd";
  const [client, server] = await installGo({
    directory: ARROW,
    packages: [
      `${suite}/arrow-flight-integration-client@${ARROW}`,
      `${suite}/arrow-flight-integration-server@${ARROW}`,
    ],
  });
  return { client, server };
}

/** The programs with which the implementations of gRPC test one another. */
export async function prepareGrpcInterop(): Promise<GoPrograms> {
  const [client, server] = await installGo({
    directory: `grpc-${GRPC}`,
    packages: ["client", "server"].map((name) =>
      `google.golang.org/grpc/interop/${name}@${GRPC}`
    ),
  });
  return { client, server };
}

/** The program that tries the rules of HTTP/2 and HPACK on a server, one by one. */
export async function prepareH2spec(): Promise<string> {
  const [program] = await installGo({
    directory: `h2spec-${H2SPEC}`,
    packages: [`github.com/summerwind/h2spec/cmd/h2spec@${H2SPEC}+incompatible`],
  });
  return program;
}

/** The program that calls any gRPC server that tells its services by reflection. */
export async function prepareGrpcurl(): Promise<string> {
  const [program] = await installGo({
    directory: `grpcurl-${GRPCURL}`,
    packages: [`github.com/fullstorydev/grpcurl/cmd/grpcurl@${GRPCURL}`],
  });
  return program;
}

/** Clients and a server of Arrow Flight, in one program of this project's. */
export function preparePeer(): Promise<string> {
  return buildGo("peer", new URL("peer/", import.meta.url));
}
