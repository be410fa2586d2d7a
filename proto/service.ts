/**
 * The ten methods of the service `arrow.flight.protocol.FlightService`: their
 * paths, which sides stream, and how messages are serialized and deserialized.
 *
 * @module
 */
import {
  Action,
  ActionType,
  Criteria,
  Empty,
  FlightDescriptor,
  FlightInfo,
  HandshakeRequest,
  HandshakeResponse,
  PollInfo,
  PutResult,
  Result,
  SchemaResult,
  Ticket,
} from "./messages.ts";
import {
  decodeFlightData,
  encodeFlightData,
  type FlightData,
  type FlightDataInit,
} from "./flight_data.ts";
import type { OutgoingMessage, RpcMethod } from "../rpc/transport.ts";
import { definition, type Init, type MessageType } from "./message_type.ts";

/** Writes messages given as `In`, and reads them as `Out`. */
export interface Codec<In, Out> {
  /** The bytes of a message that is to be sent. */
  encode(message: In): OutgoingMessage;
  /** The message in these bytes; a SyntaxError when they are not one. */
  decode(bytes: Uint8Array): Out;
}

/**
 * One method of the service: a request is written as `RequestIn` and read as
 * `RequestOut`, a response likewise.
 */
export interface Method<RequestIn, RequestOut, ResponseIn, ResponseOut>
  extends RpcMethod {
  /** Its name, such as `DoGet`. */
  readonly name: string;
  /** What the client sends. */
  readonly request: Codec<RequestIn, RequestOut>;
  /** What the server sends. */
  readonly response: Codec<ResponseIn, ResponseOut>;
}

/** Any of the methods, whatever its messages are. */
// deno-lint-ignore no-explicit-any -- any method fits, whatever its messages are
export type AnyMethod = Method<any, any, any, any>;

/** The name of the service. */
export const SERVICE = "arrow.flight.protocol.FlightService";

const flightData: Codec<FlightDataInit, FlightData> = {
  encode: encodeFlightData,
  decode: decodeFlightData,
};

/** Handshake: the client proves who it is. */
export const handshake: Method<
  Init<HandshakeRequest>,
  HandshakeRequest,
  Init<HandshakeResponse>,
  HandshakeResponse
> = method("Handshake", codec(HandshakeRequest), codec(HandshakeResponse));

/** ListFlights: what flights there are. */
export const listFlights: Method<
  Init<Criteria>,
  Criteria,
  Init<FlightInfo>,
  FlightInfo
> = method("ListFlights", codec(Criteria), codec(FlightInfo));

/** GetFlightInfo: how to read one flight. */
export const getFlightInfo: Method<
  Init<FlightDescriptor>,
  FlightDescriptor,
  Init<FlightInfo>,
  FlightInfo
> = method("GetFlightInfo", codec(FlightDescriptor), codec(FlightInfo));

/** PollFlightInfo: the same, for a flight that takes long to prepare. */
export const pollFlightInfo: Method<
  Init<FlightDescriptor>,
  FlightDescriptor,
  Init<PollInfo>,
  PollInfo
> = method("PollFlightInfo", codec(FlightDescriptor), codec(PollInfo));

/** GetSchema: the schema of one flight. */
export const getSchema: Method<
  Init<FlightDescriptor>,
  FlightDescriptor,
  Init<SchemaResult>,
  SchemaResult
> = method("GetSchema", codec(FlightDescriptor), codec(SchemaResult));

/** DoGet: the batches behind a ticket. */
export const doGet: Method<Init<Ticket>, Ticket, FlightDataInit, FlightData> = method(
  "DoGet",
  codec(Ticket),
  flightData,
);

/** DoPut: batches for the server to keep. */
export const doPut: Method<FlightDataInit, FlightData, Init<PutResult>, PutResult> =
  method("DoPut", flightData, codec(PutResult));

/** DoExchange: batches in both directions. */
export const doExchange: Method<
  FlightDataInit,
  FlightData,
  FlightDataInit,
  FlightData
> = {
  ...method("DoExchange", flightData, flightData),
  // The two sides may have nothing to say to each other for long.
  mayIdle: true,
};

/** DoAction: anything that is not about moving batches. */
export const doAction: Method<Init<Action>, Action, Init<Result>, Result> = method(
  "DoAction",
  codec(Action),
  codec(Result),
);

/** ListActions: what actions there are. */
export const listActions: Method<Init<Empty>, Empty, Init<ActionType>, ActionType> =
  method("ListActions", codec(Empty), codec(ActionType));

function method<RequestIn, RequestOut, ResponseIn, ResponseOut>(
  name: string,
  request: Codec<RequestIn, RequestOut>,
  response: Codec<ResponseIn, ResponseOut>,
): Method<RequestIn, RequestOut, ResponseIn, ResponseOut> {
  const service = definition[SERVICE] as Record<string, RpcMethod>;
  const { path, requestStream, responseStream } = service[name];
  return { name, path, requestStream, responseStream, request, response };
}

function codec<T>(type: MessageType<T>): Codec<Init<T>, T> {
  return {
    encode: (message) => inOnePart(type.serialize(message)),
    decode: (bytes) => type.deserialize(bytes),
  };
}

function inOnePart(bytes: Uint8Array): OutgoingMessage {
  return { length: bytes.length, parts: [bytes] };
}
