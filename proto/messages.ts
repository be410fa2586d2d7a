/**
 * The messages of Arrow Flight in TypeScript: int64 as bigint, bytes as
 * Uint8Array, enums as their names, an absent message as an absent property.
 * Each is an interface, and beside it, under the same name, the
 * {@linkcode MessageType} that serializes and deserializes it.
 *
 * The source of names, types and numbers is the Arrow Flight RPC specification.
 *
 * @example A FlightInfo that is stored and read back
 * ```ts
 * import { FlightInfo } from "@tinyflight/flight/flight";
 *
 * const bytes = FlightInfo.serialize({ totalRecords: 1000n, totalBytes: -1n });
 * console.log(FlightInfo.deserialize(bytes).totalRecords); // 1000n
 * ```
 *
 * @module
 */
import { FieldReader } from "./field_reader.ts";
import { type MessageType, messageType } from "./message_type.ts";

/** One step of a handshake, from the client. */
export interface HandshakeRequest {
  /** The protocol's version, which client and server agree on; 0 is usual. */
  protocolVersion: bigint;
  /** The client's credentials, in a form that the server understands. */
  payload: Uint8Array;
}
/** Serializes and deserializes a {@linkcode HandshakeRequest}. */
export const HandshakeRequest: MessageType<HandshakeRequest> = messageType(
  "HandshakeRequest",
);

/** One step of a handshake, from the server. */
export interface HandshakeResponse {
  /** The protocol's version; 0 is usual. */
  protocolVersion: bigint;
  /** For example a token for the client's next calls. */
  payload: Uint8Array;
}
/** Serializes and deserializes a {@linkcode HandshakeResponse}. */
export const HandshakeResponse: MessageType<HandshakeResponse> = messageType(
  "HandshakeResponse",
);

/** A name and a password, as some handshakes carry them in their payload. */
export interface BasicAuth {
  /** The user's name. */
  username: string;
  /** The user's password. */
  password: string;
}
/** Serializes and deserializes a {@linkcode BasicAuth}. */
export const BasicAuth: MessageType<BasicAuth> = messageType("BasicAuth");

/** A message without fields. */
export type Empty = Record<never, never>;
/** Serializes and deserializes an {@linkcode Empty}. */
export const Empty: MessageType<Empty> = messageType("Empty");

/** An action that a server offers. */
export interface ActionType {
  /** The action's name. */
  type: string;
  /** What it does, in words. */
  description: string;
}
/** Serializes and deserializes an {@linkcode ActionType}. */
export const ActionType: MessageType<ActionType> = messageType("ActionType");

/** A selection of flights. */
export interface Criteria {
  /** Bytes whose meaning the server defines; empty asks for every flight. */
  expression: Uint8Array;
}
/** Serializes and deserializes a {@linkcode Criteria}. */
export const Criteria: MessageType<Criteria> = messageType("Criteria");

/** A request to run an action. */
export interface Action {
  /** The action's name. */
  type: string;
  /** Its argument, in the form that the action defines. */
  body: Uint8Array;
}
/** Serializes and deserializes an {@linkcode Action}. */
export const Action: MessageType<Action> = messageType("Action");

/** One result of an action. */
export interface Result {
  /** The result, in the form that the action defines. */
  body: Uint8Array;
}
/** Serializes and deserializes a {@linkcode Result}. */
export const Result: MessageType<Result> = messageType("Result");

/** The answer of GetSchema. */
export interface SchemaResult {
  /** The schema as an encapsulated IPC message; empty when there is none. */
  schema: Uint8Array;
}
/** Serializes and deserializes a {@linkcode SchemaResult}. */
export const SchemaResult: MessageType<SchemaResult> = messageType("SchemaResult");

/** The types of descriptors. */
export type DescriptorType = "UNKNOWN" | "PATH" | "CMD";

/** The name of a flight: a path, or a command. */
export interface FlightDescriptor {
  /** Whether it is a path or a command. */
  type: DescriptorType;
  /** The command, when the type is CMD. */
  cmd: Uint8Array;
  /** The path's elements, when the type is PATH. */
  path: string[];
}
const DESCRIPTOR_TYPES: readonly DescriptorType[] = ["UNKNOWN", "PATH", "CMD"];

/**
 * Serializes and deserializes a {@linkcode FlightDescriptor}. It refuses a path that is not
 * UTF-8: protobufjs would put replacement characters into it, so that two flights could get
 * the same name.
 */
export const FlightDescriptor: MessageType<FlightDescriptor> = {
  serialize: messageType<FlightDescriptor>("FlightDescriptor").serialize,
  deserialize(bytes) {
    const descriptor: FlightDescriptor = {
      type: "UNKNOWN",
      cmd: new Uint8Array(0),
      path: [],
    };
    const reader = new FieldReader("FlightDescriptor", bytes);
    while (!reader.done) {
      const tag = reader.varint();
      if (tag === (1 << 3 | 0)) {
        descriptor.type = DESCRIPTOR_TYPES[reader.varint()] ?? "UNKNOWN";
      } else if (tag === (2 << 3 | 2)) descriptor.cmd = reader.bytes();
      else if (tag === (3 << 3 | 2)) descriptor.path.push(reader.text());
      else reader.skip(tag);
    }
    return descriptor;
  },
};

/** The request of DoGet; only the server knows what its bytes mean. */
export interface Ticket {
  /** The ticket's bytes. */
  ticket: Uint8Array;
}
/** Serializes and deserializes a {@linkcode Ticket}. */
export const Ticket: MessageType<Ticket> = messageType("Ticket");

/** The address of a server. */
export interface Location {
  /** A URI such as `grpc+tcp://localhost:5678`, of any scheme. */
  uri: string;
}
/** Serializes and deserializes a {@linkcode Location}. */
export const Location: MessageType<Location> = messageType("Location");

/** A moment in time, to the nanosecond, in UTC. */
export interface Timestamp {
  /** Seconds since 1970; negative before. */
  seconds: bigint;
  /** Nanoseconds after these seconds, from 0 to 999,999,999. */
  nanos: number;
}

/** One part of a flight: a ticket, and the servers that accept it. */
export interface FlightEndpoint {
  /** The request for DoGet. */
  ticket?: Ticket;
  /** The servers, any of which can answer; empty for the server that gave the endpoint. */
  location: Location[];
  /** When the ticket expires; absent when it does not. */
  expirationTime?: Timestamp;
  /** Bytes whose meaning the application defines. */
  appMetadata: Uint8Array;
}
/** Serializes and deserializes a {@linkcode FlightEndpoint}. */
export const FlightEndpoint: MessageType<FlightEndpoint> = messageType(
  "FlightEndpoint",
);

/** How to read a flight, and what it contains. */
export interface FlightInfo {
  /** The schema as an encapsulated IPC message; empty when it is not known. */
  schema: Uint8Array;
  /** The flight's name. */
  flightDescriptor?: FlightDescriptor;
  /** The parts that make up the flight; all are needed. */
  endpoint: FlightEndpoint[];
  /** Rows in all the parts; -1 when not known. */
  totalRecords: bigint;
  /** Bytes in all the parts; -1 when not known. */
  totalBytes: bigint;
  /** Whether the endpoints' order is the order of the rows. */
  ordered: boolean;
  /** Bytes whose meaning the application defines. */
  appMetadata: Uint8Array;
}
/** Serializes and deserializes a {@linkcode FlightInfo}. */
export const FlightInfo: MessageType<FlightInfo> = messageType("FlightInfo");

/** The answer of PollFlightInfo: how far a flight's preparation has come. */
export interface PollInfo {
  /** The flight, with the endpoints that are ready. */
  info?: FlightInfo;
  /** The descriptor for the next poll; absent when the flight is complete. */
  flightDescriptor?: FlightDescriptor;
  /** How much is done, from 0 to 1; absent when not known. */
  progress?: number;
  /** When the descriptor expires; absent when it does not. */
  expirationTime?: Timestamp;
}
/** Serializes and deserializes a {@linkcode PollInfo}. */
export const PollInfo: MessageType<PollInfo> = messageType("PollInfo");

/** The server's answer to a put, during the put or at its end. */
export interface PutResult {
  /** Bytes whose meaning the application defines. */
  appMetadata: Uint8Array;
}
/** Serializes and deserializes a {@linkcode PutResult}. */
export const PutResult: MessageType<PutResult> = messageType("PutResult");
