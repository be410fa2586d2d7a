/**
 * The Flight protocol: a server and a client with all ten RPCs, the messages, and
 * the codec between record batches and FlightData. It knows no tables; for those
 * see `TinyServer` and `TinyClient`.
 *
 * @example A service of one's own
 * ```ts
 * import { encode, FlightServer, textOf, type Ticket } from "@tinyflight/flight/flight";
 * import { tableFromArrays } from "apache-arrow";
 *
 * class Squares extends FlightServer {
 *   override async *doGet(ticket: Ticket) {
 *     const count = Number(textOf(ticket.ticket));
 *     const square = Array.from({ length: count }, (_, i) => i * i);
 *     yield* encode(tableFromArrays({ square }));
 *   }
 * }
 *
 * await using server = await new Squares({ port: 0 }).listen();
 * console.log(server.location);
 * ```
 *
 * @module
 */
export {
  Action,
  ActionType,
  BasicAuth,
  Criteria,
  type DescriptorType,
  Empty,
  FlightDescriptor,
  FlightEndpoint,
  FlightInfo,
  HandshakeRequest,
  HandshakeResponse,
  Location,
  PollInfo,
  PutResult,
  Result,
  SchemaResult,
  Ticket,
  type Timestamp,
} from "../proto/messages.ts";
export {
  CancelFlightInfoRequest,
  CancelFlightInfoResult,
  type CancelStatus,
  CloseSessionRequest,
  CloseSessionResult,
  type CloseSessionStatus,
  GetSessionOptionsRequest,
  GetSessionOptionsResult,
  RenewFlightEndpointRequest,
  SessionOptionValue,
  type SetSessionOptionError,
  SetSessionOptionsRequest,
  SetSessionOptionsResult,
} from "../proto/action_messages.ts";
export { FlightData, type FlightDataInit } from "../proto/flight_data.ts";
export type { Init, MessageType } from "../proto/message_type.ts";
export type { CallContext, ServerMiddleware } from "./call_context.ts";
export { CallHeaders, type CallHeadersInit } from "./call_headers.ts";
export { type CallRecord, describeCall } from "./call_record.ts";
export {
  basicAuth,
  bearerAuth,
  handshakeAuth,
  logIn,
  type TokenSource,
} from "./client_auth.ts";
export type { ClientCall, ClientMiddleware } from "./client_middleware.ts";
export { cookieJar } from "./cookies.ts";
export type { CallOptions } from "./outgoing_call.ts";
export {
  decode,
  type DecodedBatch,
  type DecodeOptions,
  FlightReader,
} from "./decode.ts";
export {
  encode,
  type EncodeItem,
  type EncodeOptions,
  type EncodeSource,
} from "./encode.ts";
export {
  FlightError,
  type FlightErrorCode,
  type FlightErrorOptions,
} from "./errors.ts";
export {
  FlightClient,
  type FlightClientOptions,
  type ReadyOptions,
} from "./flight_client.ts";
export {
  FlightServer,
  type FlightServerOptions,
  type Listening,
  type ShutdownOptions,
} from "./flight_server.ts";
export type { CallHost, RunningCall } from "./running_call.ts";
export type { Share } from "./shared_limit.ts";
export {
  type Answer,
  FlightService,
  type FlightServiceOptions,
} from "./flight_service.ts";
export {
  cancelFlightInfo,
  closeSession,
  getSessionOptions,
  type PredefinedAction,
  renewFlightEndpoint,
  setSessionOptions,
} from "./predefined_actions.ts";
export {
  actionOf,
  commandDescriptor,
  pathDescriptor,
  textOf,
  ticketOf,
} from "./from_text.ts";
export { readFlight, type ReadFlightOptions } from "./read_flight.ts";
export type { Authenticator } from "./server_auth.ts";
export { Session, Sessions, type SessionsOptions } from "./sessions.ts";
export type { SessionValue } from "./session_values.ts";
export { type ParsedLocation, parseLocation, REUSE_CONNECTION } from "./location.ts";
export { type ArrowSchema, decodeSchema, encapsulate, encodeSchema } from "./schema.ts";
export type { Compression } from "./ipc/verified_message.ts";
export type { VerifyOptions } from "./verify.ts";
export { dateOf, timestampOf } from "./timestamps.ts";
