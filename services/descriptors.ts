/**
 * The services that a server offers, as protobuf describes them.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import {
  loadFileDescriptorSetFromBuffer,
  type PackageDefinition,
} from "@grpc/proto-loader";
import type { AnyMethod, Codec } from "../proto/service.ts";
import descriptors from "./descriptors.json" with { type: "json" };

/** The bytes of each file's FileDescriptorProto, by the file's name. */
export const FILES: ReadonlyMap<string, Uint8Array> = new Map(
  Object.entries(descriptors).map(([name, base64]) => [
    name,
    Buffer.from(base64, "base64"),
  ]),
);

/** The messages and services of all files. */
const DEFINITION: PackageDefinition = loadFileDescriptorSetFromBuffer(
  Buffer.concat([...FILES.values()].flatMap(lengthPrefixed)),
  { longs: BigInt, enums: String, defaults: true, arrays: true, oneofs: true },
);

/** The methods of a service, by their names. `prefix` is put before the names in logs. */
export function methodsOf(
  service: string,
  prefix: string,
): { readonly [name: string]: AnyMethod } {
  const found = DEFINITION[service];
  if (found === undefined || "format" in found) {
    throw new TypeError(`Cannot find the service "${service}" in descriptors.json`);
  }
  return Object.fromEntries(
    Object.entries(found).map(([name, method]) => [name, {
      name: `${prefix}${name}`,
      path: method.path,
      requestStream: method.requestStream,
      responseStream: method.responseStream,
      request: codec(method.requestSerialize, method.requestDeserialize),
      response: codec(method.responseSerialize, method.responseDeserialize),
    }]),
  );
}

/** The file in which each message and service is, by its full name. */
export function symbols(): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, definition] of Object.entries(DEFINITION)) {
    const file = fileOf(name);
    if (file === undefined) continue;
    found.set(name, file);
    if ("format" in definition) continue;
    for (const method of Object.keys(definition)) found.set(`${name}.${method}`, file);
  }
  return found;
}

/** The files by the packages that they define. */
const PACKAGES: { readonly [name: string]: string } = {
  "arrow.flight.protocol": "Flight.proto",
  "google.protobuf": "google/protobuf/timestamp.proto",
  "grpc.health.v1": "grpc/health/v1/health.proto",
  "grpc.reflection.v1": "grpc/reflection/v1/reflection.proto",
  "grpc.reflection.v1alpha": "grpc/reflection/v1alpha/reflection.proto",
};

function fileOf(symbol: string): string | undefined {
  const found = Object.keys(PACKAGES).find((name) => symbol.startsWith(`${name}.`));
  return found === undefined ? undefined : PACKAGES[found];
}

function codec(
  serialize: (message: object) => Uint8Array,
  deserialize: (bytes: Buffer) => object,
): Codec<object, object> {
  return {
    encode(message) {
      const bytes = serialize(message);
      return { length: bytes.length, parts: [bytes] };
    },
    decode(bytes) {
      try {
        return deserialize(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length));
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        throw new SyntaxError(`Cannot read the message: ${reason}`, { cause: error });
      }
    },
  };
}

/** A file as a field of a FileDescriptorSet: its tag, its length, its bytes. */
function lengthPrefixed(file: Uint8Array): Uint8Array[] {
  const prefix = [0x0a];
  let rest = file.length;
  while (rest > 0x7f) {
    prefix.push(rest & 0x7f | 0x80);
    rest >>>= 7;
  }
  prefix.push(rest);
  return [Uint8Array.from(prefix), file];
}
