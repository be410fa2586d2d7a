/**
 * The actions that the protocol defines itself, with their messages: cancelling a
 * flight, renewing an endpoint, and sessions.
 *
 * @module
 */
import {
  CancelFlightInfoRequest,
  CancelFlightInfoResult,
  CloseSessionRequest,
  CloseSessionResult,
  GetSessionOptionsRequest,
  GetSessionOptionsResult,
  RenewFlightEndpointRequest,
  SetSessionOptionsRequest,
  SetSessionOptionsResult,
} from "../../proto/action_messages.ts";
import type { MessageType } from "../../proto/message_type.ts";
import { FlightEndpoint } from "../../proto/messages.ts";

/** An action whose body and result are messages. */
export interface PredefinedAction<Request, Response> {
  /** The action's name. */
  readonly type: string;
  /** What it does, for people. */
  readonly description: string;
  /** The message in the action's body. */
  readonly request: MessageType<Request>;
  /** The message in the action's one result. */
  readonly response: MessageType<Response>;
}

/** CancelFlightInfo: nobody will read this flight any more. */
export const cancelFlightInfo: PredefinedAction<
  CancelFlightInfoRequest,
  CancelFlightInfoResult
> = {
  type: "CancelFlightInfo",
  description: "Cancels a flight. Body: CancelFlightInfoRequest.",
  request: CancelFlightInfoRequest,
  response: CancelFlightInfoResult,
};

/** RenewFlightEndpoint: an endpoint is to stay good for longer. */
export const renewFlightEndpoint: PredefinedAction<
  RenewFlightEndpointRequest,
  FlightEndpoint
> = {
  type: "RenewFlightEndpoint",
  description: "Renews an endpoint's expiry. Body: RenewFlightEndpointRequest.",
  request: RenewFlightEndpointRequest,
  response: FlightEndpoint,
};

/** SetSessionOptions: options for the calls of this session. */
export const setSessionOptions: PredefinedAction<
  SetSessionOptionsRequest,
  SetSessionOptionsResult
> = {
  type: "SetSessionOptions",
  description: "Sets options of the client's session. Body: SetSessionOptionsRequest.",
  request: SetSessionOptionsRequest,
  response: SetSessionOptionsResult,
};

/** GetSessionOptions: the options of this session. */
export const getSessionOptions: PredefinedAction<
  GetSessionOptionsRequest,
  GetSessionOptionsResult
> = {
  type: "GetSessionOptions",
  description: "Gives the options of the client's session. Body: empty.",
  request: GetSessionOptionsRequest,
  response: GetSessionOptionsResult,
};

/** CloseSession: the end of this session. */
export const closeSession: PredefinedAction<CloseSessionRequest, CloseSessionResult> = {
  type: "CloseSession",
  description: "Closes the client's session. Body: empty.",
  request: CloseSessionRequest,
  response: CloseSessionResult,
};

/** The actions that a server with sessions answers, as ListActions gives them. */
export const SESSION_ACTIONS: readonly {
  /** The action's name. */
  readonly type: string;
  /** What it does, for people. */
  readonly description: string;
}[] = [setSessionOptions, getSessionOptions, closeSession]
  .map(({ type, description }) => ({ type, description }));

/** Whether the protocol itself defines the action of this name. */
export function isPredefined(type: string): boolean {
  return [
    cancelFlightInfo,
    renewFlightEndpoint,
    setSessionOptions,
    getSessionOptions,
    closeSession,
  ].some((action) => action.type === type);
}
