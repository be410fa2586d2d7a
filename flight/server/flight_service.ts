/**
 * The Flight protocol, server side: the methods to override.
 *
 * @module
 */
import type {
  CancelStatus,
  CloseSessionStatus,
  SetSessionOptionError,
} from "../../proto/action_messages.ts";
import type { FlightData, FlightDataInit } from "../../proto/flight_data.ts";
import type { Init } from "../../proto/message_type.ts";
import type {
  Action,
  ActionType,
  Criteria,
  FlightDescriptor,
  FlightEndpoint,
  FlightInfo,
  HandshakeRequest,
  HandshakeResponse,
  PollInfo,
  PutResult,
  Result,
  SchemaResult,
  Ticket,
} from "../../proto/messages.ts";
import type { CallContext } from "./call_context.ts";
import { FlightError } from "../errors.ts";
import { checkOptions, type OptionSet } from "../../base/check_options.ts";
import { mapValues } from "../../base/map_values.ts";
import { objectWith } from "../../base/value_kinds.ts";
import * as predefined from "../protocol/predefined_actions.ts";
import type { PredefinedAction } from "../protocol/predefined_actions.ts";
import { readMessage } from "../protocol/read_message.ts";
import {
  fromOptionValue,
  type SessionValue,
  toOptionValue,
} from "../protocol/session_values.ts";
import { answerHandshake, type Authenticator } from "./auth.ts";
import type { Sessions } from "./sessions.ts";

/** What a {@linkcode FlightService} has. */
export interface FlightServiceOptions {
  /**
   * The clients' sessions. With them the server answers the actions
   * SetSessionOptions, GetSessionOptions and CloseSession. @default none
   */
  sessions?: Sessions;
  /** Who may call the server. @default everyone */
  auth?: Authenticator;
}

/** The options of a {@linkcode FlightService}. */
export const FLIGHT_SERVICE_OPTIONS: OptionSet<FlightServiceOptions> = {
  of: "FlightService",
  example: "{ sessions: new Sessions() }",
  kinds: {
    sessions: objectWith(["open", "get", "close"], "Sessions, such as new Sessions()"),
    auth: {
      wanted:
        "an object with the method verify(token, call), and with login(name, password, call) if clients log in",
      isType: (value) =>
        typeof value === "object" && value !== null &&
        typeof Reflect.get(value, "verify") === "function" &&
        ["function", "undefined"].includes(typeof Reflect.get(value, "login")),
    },
  },
};

/** What a method gives that answers once: the answer, or a promise of it. */
export type Answer<T> = T | Promise<T>;

/**
 * The methods of a Flight service, each of which answers UNIMPLEMENTED until a
 * subclass overrides it. They are those of the Arrow Flight RPC specification, and
 * those of the actions that it defines itself.
 */
export class FlightService {
  #sessions: Sessions | undefined;
  #auth: Authenticator | undefined;

  /**
   * A service that answers nothing yet.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   */
  constructor(options: FlightServiceOptions = {}) {
    checkOptions(FLIGHT_SERVICE_OPTIONS, options);
    this.#sessions = options.sessions;
    this.#auth = options.auth;
  }

  /**
   * Answers Handshake: gives a token for what the client shows. This one takes a
   * name and a password, when the service has an `auth` by which to log in.
   */
  handshake(
    requests: AsyncIterable<HandshakeRequest>,
    call: CallContext,
  ): AsyncIterable<Init<HandshakeResponse>> {
    if (this.#auth?.login === undefined) throw unimplemented("Handshake");
    return answerHandshake(this.#auth, requests, call);
  }

  /** Answers ListFlights: what flights there are, as the criteria select them. */
  listFlights(
    _criteria: Criteria,
    _call: CallContext,
  ): AsyncIterable<Init<FlightInfo>> {
    throw unimplemented("ListFlights");
  }

  /** Answers GetFlightInfo: how to read one flight. */
  getFlightInfo(
    _descriptor: FlightDescriptor,
    _call: CallContext,
  ): Answer<Init<FlightInfo>> {
    throw unimplemented("GetFlightInfo");
  }

  /** Answers PollFlightInfo: how far a flight's preparation has come. */
  pollFlightInfo(
    _descriptor: FlightDescriptor,
    _call: CallContext,
  ): Answer<Init<PollInfo>> {
    throw unimplemented("PollFlightInfo");
  }

  /** Answers GetSchema: the schema of one flight. */
  getSchema(
    _descriptor: FlightDescriptor,
    _call: CallContext,
  ): Answer<Init<SchemaResult>> {
    throw unimplemented("GetSchema");
  }

  /** Answers DoGet: the schema and the batches behind a ticket. */
  doGet(_ticket: Ticket, _call: CallContext): AsyncIterable<FlightDataInit> {
    throw unimplemented("DoGet");
  }

  /**
   * Answers DoPut: takes a schema and batches. The first message has the
   * descriptor. The iterable throws when the client goes away before its stream
   * has ended, so that what comes to a regular end is whole.
   */
  doPut(
    _messages: AsyncIterable<FlightData>,
    _call: CallContext,
  ): AsyncIterable<Init<PutResult>> {
    throw unimplemented("DoPut");
  }

  /**
   * Whether `doPut` keeps the bytes of its messages for long, and takes them in memory
   * that V8's garbage collector does not count, which makes puts faster: those of large
   * messages are then views of SharedArrayBuffers, which `crypto.subtle` and the bodies
   * of `fetch` and `Response` refuse. What is dropped of it is looked for once 512 MiB
   * more have come. By default it is false.
   */
  get keepsPuts(): boolean {
    return false;
  }

  /** Answers DoExchange: batches in both directions. The first message has the descriptor. */
  doExchange(
    _messages: AsyncIterable<FlightData>,
    _call: CallContext,
  ): AsyncIterable<FlightDataInit> {
    throw unimplemented("DoExchange");
  }

  /**
   * Answers DoAction: whatever else the server offers. This one answers the
   * actions that the protocol defines, by the methods of their names; one that
   * overrides it hands to it, with `super.doAction`, what it does not know.
   */
  async *doAction(action: Action, call: CallContext): AsyncIterable<Init<Result>> {
    yield { body: await this.#answerPredefined(action, call) };
  }

  /** Answers ListActions: what actions there are. */
  listActions(_call: CallContext): AsyncIterable<Init<ActionType>> {
    throw unimplemented("ListActions");
  }

  /** Answers the action CancelFlightInfo: nobody will read this flight any more. */
  cancelFlightInfo(_info: FlightInfo, _call: CallContext): Answer<CancelStatus> {
    throw unimplemented("CancelFlightInfo");
  }

  /** Answers the action RenewFlightEndpoint: gives the endpoint with its new expiry. */
  renewFlightEndpoint(
    _endpoint: FlightEndpoint,
    _call: CallContext,
  ): Answer<Init<FlightEndpoint>> {
    throw unimplemented("RenewFlightEndpoint");
  }

  /**
   * Answers the action SetSessionOptions, where `undefined` removes an option:
   * gives, by name, why an option was not set.
   */
  setSessionOptions(
    options: { readonly [name: string]: SessionValue | undefined },
    call: CallContext,
  ): Answer<{ readonly [name: string]: SetSessionOptionError }> {
    if (this.#sessions === undefined) throw unimplemented("SetSessionOptions");
    return this.#sessions.open(call).set(options);
  }

  /** Answers the action GetSessionOptions. */
  getSessionOptions(
    call: CallContext,
  ): Answer<{ readonly [name: string]: SessionValue }> {
    if (this.#sessions === undefined) throw unimplemented("GetSessionOptions");
    return this.#sessions.open(call).options();
  }

  /** Answers the action CloseSession. */
  closeSession(call: CallContext): Answer<CloseSessionStatus> {
    if (this.#sessions === undefined) throw unimplemented("CloseSession");
    return this.#sessions.close(call);
  }

  async #answerPredefined(
    { type, body }: Action,
    call: CallContext,
  ): Promise<Uint8Array> {
    switch (type) {
      case predefined.cancelFlightInfo.type:
        return await answer(predefined.cancelFlightInfo, body, async ({ info }) => ({
          status: await this.cancelFlightInfo(needed(info, "info"), call),
        }));
      case predefined.renewFlightEndpoint.type:
        return await answer(
          predefined.renewFlightEndpoint,
          body,
          ({ endpoint }) =>
            this.renewFlightEndpoint(needed(endpoint, "endpoint"), call),
        );
      case predefined.setSessionOptions.type:
        return await answer(predefined.setSessionOptions, body, async (request) => {
          const options = mapValues(request.sessionOptions, fromOptionValue);
          const errors = await this.setSessionOptions(options, call);
          return { errors: mapValues(errors, (value) => ({ value })) };
        });
      case predefined.getSessionOptions.type:
        return await answer(predefined.getSessionOptions, body, async () => ({
          sessionOptions: mapValues(await this.getSessionOptions(call), toOptionValue),
        }));
      case predefined.closeSession.type:
        return await answer(predefined.closeSession, body, async () => ({
          status: await this.closeSession(call),
        }));
      default:
        throw new FlightError(
          "UNIMPLEMENTED",
          `Cannot run "${type}": this server does not offer the action`,
        );
    }
  }
}

/** Reads an action's body, answers it, and writes the result. */
async function answer<Request, Response>(
  action: PredefinedAction<Request, Response>,
  body: Uint8Array,
  run: (request: Request) => Answer<Init<Response>>,
): Promise<Uint8Array> {
  const request = readMessage(action.request, body, "INVALID_ARGUMENT");
  return action.response.serialize(await run(request));
}

function needed<T>(message: T | undefined, name: string): T {
  if (message === undefined) {
    throw new FlightError(
      "INVALID_ARGUMENT",
      `Cannot run the action: its body has no ${name}`,
    );
  }
  return message;
}

function unimplemented(method: string): FlightError {
  return new FlightError(
    "UNIMPLEMENTED",
    `Cannot answer ${method}: this server does not offer it`,
  );
}
