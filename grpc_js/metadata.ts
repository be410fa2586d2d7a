/**
 * Headers and messages as grpc-js has them, and as the seam of calls has them.
 *
 * @module
 */
import { Metadata } from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { joinBytes } from "../base/join_bytes.ts";
import { CallHeaders, isReservedHeader } from "../rpc/call_headers.ts";
import type { OutgoingMessage } from "../rpc/transport.ts";

/** The one header of gRPC's own that users have to do with. */
const DETAILS = "grpc-status-details-bin";

/** The headers as grpc-js sends them. */
export function toMetadata(headers: CallHeaders): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of headers) {
    metadata.add(name, typeof value === "string" ? value : bufferOf(value));
  }
  return metadata;
}

/** The headers that grpc-js received, without those of HTTP/2 and of gRPC itself. */
export function fromMetadata(metadata: Metadata): CallHeaders {
  const headers = new CallHeaders();
  for (const name of Object.keys(metadata.getMap())) {
    if (isReservedHeader(name) && name !== DETAILS) continue;
    headers.receive(
      metadata.get(name).map((value): [string, string | Uint8Array] => [
        name,
        typeof value === "string" ? value : new Uint8Array(value),
      ]),
    );
  }
  return headers;
}

/** Gives grpc-js a message in one piece, which is all that it takes. */
export function serialize(message: OutgoingMessage): Buffer {
  return bufferOf(joinBytes(message.parts));
}

/** The bytes of a message that grpc-js received. */
export function deserialize(message: Buffer): Uint8Array {
  return new Uint8Array(message.buffer, message.byteOffset, message.length);
}

function bufferOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
