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
export type { CallContext, ServerMiddleware } from "./server/call_context.ts";
export { CallHeaders, type CallHeadersInit } from "../rpc/call_headers.ts";
export { type CallRecord, describeCall } from "./server/call_record.ts";
export {
  basicAuth,
  bearerAuth,
  handshakeAuth,
  logIn,
  type TokenSource,
} from "./client/auth.ts";
export type { ClientCall, ClientMiddleware } from "./client/middleware.ts";
export { cookieJar } from "./client/cookie_jar.ts";
export type { CallOptions } from "./client/call_options.ts";
export { decode, type DecodedBatch, FlightReader } from "./arrow/decode/decode.ts";
export type {
  AnyColumns,
  ColumnTypes,
  TableOf,
  TypedTable,
} from "./arrow/decode/column_types.ts";
export type { DecodeOptions } from "./arrow/decode/decode_options.ts";
export { encode } from "./arrow/encode/encode.ts";
export type { EncodeOptions } from "./arrow/encode/encode_options.ts";
export type { EncodeItem, EncodeSource } from "./arrow/encode/encode_source.ts";
export {
  FlightError,
  type FlightErrorCode,
  type FlightErrorOptions,
} from "./errors.ts";
export {
  FlightClient,
  type FlightClientOptions,
  type ReadyOptions,
} from "./client/flight_client.ts";
export {
  FlightServer,
  type FlightServerOptions,
  type ShutdownOptions,
} from "./server/flight_server.ts";
export type { ServerLimits } from "./server/limits.ts";
export {
  type Answer,
  FlightService,
  type FlightServiceOptions,
} from "./server/flight_service.ts";
export {
  cancelFlightInfo,
  closeSession,
  getSessionOptions,
  type PredefinedAction,
  renewFlightEndpoint,
  setSessionOptions,
} from "./protocol/predefined_actions.ts";
export {
  actionOf,
  commandDescriptor,
  pathDescriptor,
  textOf,
  ticketOf,
} from "./protocol/from_text.ts";
export { readFlight, type ReadFlightOptions } from "./client/read_flight.ts";
export type { Authenticator } from "./server/auth.ts";
export { Session, Sessions, type SessionsOptions } from "./server/sessions.ts";
export type { SessionValue } from "./protocol/session_values.ts";
export {
  formatLocation,
  type ParsedLocation,
  parseLocation,
  REUSE_CONNECTION,
} from "./protocol/location.ts";
export type { ArrowSchema } from "./arrow/format/arrow_schema.ts";
export { decodeSchema } from "./arrow/decode/decode_schema.ts";
export { encapsulate } from "./arrow/format/ipc_stream.ts";
export { encodeSchema } from "./arrow/encode/encode_schema.ts";
export type {
  DataLike,
  FieldLike,
  RecordBatchLike,
  SchemaLike,
  TableLike,
  TypeLike,
} from "./arrow/encode/arrow_like.ts";
export type { Compression } from "./arrow/compression/compression.ts";
export type { VerifyOptions } from "./arrow/verify/stream_verifier.ts";
export { dateOf, timestampOf } from "./protocol/timestamps.ts";
export type {
  Address,
  CertificateAndKey,
  Channel,
  ClientTls,
  ClientTransport,
  IncomingCall,
  Listening,
  ListenOptions,
  MakeCallOptions,
  OutgoingCall,
  OutgoingMessage,
  PeerCertificate,
  RefusedConnection,
  RpcMethod,
  ServerTls,
  ServerTransport,
  Status,
  TransportLimits,
} from "../rpc/transport.ts";
export { type StatusCode, StatusError } from "../rpc/status.ts";
