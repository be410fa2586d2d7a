/**
 * The messages and the methods of gRPC's own test service (`grpc.testing.TestService`).
 *
 * @module
 */
import protobuf from "protobufjs";
import type { OutgoingMessage, RpcMethod } from "../../../rpc/transport.ts";

/** Bytes that mean nothing. */
export interface Payload {
  readonly body: Uint8Array;
}

/** The status with which a call is to end. */
export interface EchoStatus {
  readonly code: number;
  readonly message: string;
}

/** One answer that a stream is to have: so large, and so much later. */
export interface ResponseParameters {
  readonly size: number;
  readonly intervalUs?: number;
}

/** The request of UnaryCall. */
export interface SimpleRequest {
  readonly responseSize?: number;
  readonly payload?: Payload;
  readonly responseStatus?: EchoStatus | null;
}

/** A request of the calls whose responses are a stream. */
export interface StreamRequest {
  readonly responseParameters?: readonly ResponseParameters[];
  readonly payload?: Payload;
  readonly responseStatus?: EchoStatus | null;
}

/** A message with a payload alone: requests of StreamingInputCall, and most responses. */
export interface PayloadMessage {
  readonly payload?: Payload | null;
}

/** The response of StreamingInputCall. */
export interface AggregatedSize {
  readonly aggregatedPayloadSize: number;
}

const payload = { type: "Payload", id: 1 };
const ROOT = protobuf.Root.fromJSON({
  nested: {
    Empty: { fields: {} },
    Payload: {
      fields: { type: { type: "int32", id: 1 }, body: { type: "bytes", id: 2 } },
    },
    EchoStatus: {
      fields: { code: { type: "int32", id: 1 }, message: { type: "string", id: 2 } },
    },
    ResponseParameters: {
      fields: { size: { type: "int32", id: 1 }, intervalUs: { type: "int32", id: 2 } },
    },
    SimpleRequest: {
      fields: {
        responseSize: { type: "int32", id: 2 },
        payload: { type: "Payload", id: 3 },
        responseStatus: { type: "EchoStatus", id: 7 },
      },
    },
    StreamRequest: {
      fields: {
        responseParameters: { rule: "repeated", type: "ResponseParameters", id: 2 },
        payload: { type: "Payload", id: 3 },
        responseStatus: { type: "EchoStatus", id: 7 },
      },
    },
    PayloadMessage: { fields: { payload } },
    AggregatedSize: { fields: { aggregatedPayloadSize: { type: "int32", id: 1 } } },
  },
});

/** A kind of messages: to bytes, and from bytes. */
export class Message<T extends object> {
  readonly #type: protobuf.Type;

  /** The messages of this name. */
  constructor(name: string) {
    this.#type = ROOT.lookupType(name);
  }

  /** The bytes of a message. */
  encode(message: T): OutgoingMessage {
    const bytes = this.#type.encode(this.#type.fromObject(message)).finish();
    return { length: bytes.length, parts: [bytes] };
  }

  /** The message of these bytes; what it lacks has its default. */
  decode(bytes: Uint8Array): T {
    const message = this.#type.decode(bytes);
    return this.#type.toObject(message, { defaults: true, arrays: true }) as T;
  }
}

/** What each call takes and gives. */
export const MESSAGES = {
  empty: new Message<Record<string, never>>("Empty"),
  simpleRequest: new Message<SimpleRequest>("SimpleRequest"),
  streamRequest: new Message<StreamRequest>("StreamRequest"),
  payload: new Message<PayloadMessage>("PayloadMessage"),
  aggregatedSize: new Message<AggregatedSize>("AggregatedSize"),
} as const;

/** The methods of the service. */
export const METHODS = {
  emptyCall: method("EmptyCall", false, false),
  unaryCall: method("UnaryCall", false, false),
  streamingOutputCall: method("StreamingOutputCall", false, true),
  streamingInputCall: method("StreamingInputCall", true, false),
  fullDuplexCall: method("FullDuplexCall", true, true),
} as const;
/** No server has this method. */
export const UNIMPLEMENTED_METHOD: RpcMethod = method(
  "UnimplementedCall",
  false,
  false,
);
/** No server has this service. */
export const UNIMPLEMENTED_SERVICE: RpcMethod = {
  path: "/grpc.testing.UnimplementedService/UnimplementedCall",
  requestStream: false,
  responseStream: false,
};

/** A header that a server sends back as it has come. */
export const ECHO_INITIAL = "x-grpc-test-echo-initial";
/** A header that a server sends back as a trailer. */
export const ECHO_TRAILING = "x-grpc-test-echo-trailing-bin";

/** A payload of so many bytes. */
export function payloadOf(size: number): Payload {
  return { body: new Uint8Array(size) };
}

function method(
  name: string,
  requestStream: boolean,
  responseStream: boolean,
): RpcMethod {
  return { path: `/grpc.testing.TestService/${name}`, requestStream, responseStream };
}
