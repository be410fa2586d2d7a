/**
 * The messages that the pre-defined actions carry in Action.body and Result.body:
 * cancelling, renewing, and sessions.
 *
 * @module
 */
import { type MessageType, messageType } from "./message_type.ts";
import type { FlightEndpoint, FlightInfo } from "./messages.ts";

/** The body of the action CancelFlightInfo. */
export interface CancelFlightInfoRequest {
  /** The flight to cancel. */
  info?: FlightInfo;
}
/** Serializes and deserializes a {@linkcode CancelFlightInfoRequest}. */
export const CancelFlightInfoRequest: MessageType<CancelFlightInfoRequest> =
  messageType("CancelFlightInfoRequest");

/** The outcome of a request to cancel. */
export type CancelStatus =
  | "CANCEL_STATUS_UNSPECIFIED"
  | "CANCEL_STATUS_CANCELLED"
  | "CANCEL_STATUS_CANCELLING"
  | "CANCEL_STATUS_NOT_CANCELLABLE";

/** The result of the action CancelFlightInfo. */
export interface CancelFlightInfoResult {
  /** The outcome. */
  status: CancelStatus;
}
/** Serializes and deserializes a {@linkcode CancelFlightInfoResult}. */
export const CancelFlightInfoResult: MessageType<CancelFlightInfoResult> = messageType(
  "CancelFlightInfoResult",
);

/** The body of the action RenewFlightEndpoint; its result is a FlightEndpoint. */
export interface RenewFlightEndpointRequest {
  /** The endpoint that is to expire later. */
  endpoint?: FlightEndpoint;
}
/** Serializes and deserializes a {@linkcode RenewFlightEndpointRequest}. */
export const RenewFlightEndpointRequest: MessageType<RenewFlightEndpointRequest> =
  messageType("RenewFlightEndpointRequest");

/** The value of a session's option: one member is set, or none to remove it. */
export interface SessionOptionValue {
  /** A text. */
  stringValue?: string;
  /** True or false. */
  boolValue?: boolean;
  /** A whole number of 64 bits. */
  int64Value?: bigint;
  /** A real number. */
  doubleValue?: number;
  /** A list of texts. */
  stringListValue?: {
    /** The texts. */
    values: string[];
  };
}

/** Serializes and deserializes a {@linkcode SessionOptionValue}. */
export const SessionOptionValue: MessageType<SessionOptionValue> = messageType(
  "SessionOptionValue",
);

/** The body of the action SetSessionOptions. */
export interface SetSessionOptionsRequest {
  /** The options to set, by name. */
  sessionOptions: { [name: string]: SessionOptionValue };
}
/** Serializes and deserializes a {@linkcode SetSessionOptionsRequest}. */
export const SetSessionOptionsRequest: MessageType<SetSessionOptionsRequest> =
  messageType("SetSessionOptionsRequest");

/** Why an option was not set. */
export type SetSessionOptionError =
  | "UNSPECIFIED"
  | "INVALID_NAME"
  | "INVALID_VALUE"
  | "ERROR";

/** The result of the action SetSessionOptions. */
export interface SetSessionOptionsResult {
  /** One entry for each option that was not set, by name. */
  errors: {
    [name: string]: {
      /** Why it was not set. */
      value: SetSessionOptionError;
    };
  };
}
/** Serializes and deserializes a {@linkcode SetSessionOptionsResult}. */
export const SetSessionOptionsResult: MessageType<SetSessionOptionsResult> =
  messageType(
    "SetSessionOptionsResult",
  );

/** The body of the action GetSessionOptions. */
export type GetSessionOptionsRequest = Record<never, never>;
/** Serializes and deserializes a {@linkcode GetSessionOptionsRequest}. */
export const GetSessionOptionsRequest: MessageType<GetSessionOptionsRequest> =
  messageType("GetSessionOptionsRequest");

/** The result of the action GetSessionOptions. */
export interface GetSessionOptionsResult {
  /** The session's options, by name. */
  sessionOptions: { [name: string]: SessionOptionValue };
}
/** Serializes and deserializes a {@linkcode GetSessionOptionsResult}. */
export const GetSessionOptionsResult: MessageType<GetSessionOptionsResult> =
  messageType(
    "GetSessionOptionsResult",
  );

/** The body of the action CloseSession. */
export type CloseSessionRequest = Record<never, never>;
/** Serializes and deserializes a {@linkcode CloseSessionRequest}. */
export const CloseSessionRequest: MessageType<CloseSessionRequest> = messageType(
  "CloseSessionRequest",
);

/** The outcome of a request to close a session. */
export type CloseSessionStatus = "UNSPECIFIED" | "CLOSED" | "CLOSING" | "NOT_CLOSEABLE";

/** The result of the action CloseSession. */
export interface CloseSessionResult {
  /** The outcome. */
  status: CloseSessionStatus;
}
/** Serializes and deserializes a {@linkcode CloseSessionResult}. */
export const CloseSessionResult: MessageType<CloseSessionResult> = messageType(
  "CloseSessionResult",
);
