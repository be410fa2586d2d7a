/**
 * What a client may send to each of the ten methods, before anything is wrong with
 * it.
 *
 * @module
 */
import {
  Action,
  BasicAuth,
  CancelFlightInfoRequest,
  Criteria,
  FlightData,
  FlightDescriptor,
  FlightEndpoint,
  FlightInfo,
  HandshakeRequest,
  RenewFlightEndpointRequest,
  SetSessionOptionsRequest,
  Ticket,
} from "../../../flight/mod.ts";
import { pathDescriptor } from "../../../flight/protocol/from_text.ts";
import { utf8 } from "../../helpers/serving.ts";
import { flightData } from "../streams/flight_messages.ts";
import type { Random } from "../../helpers/random.ts";
import type { Seed } from "../streams/seeds.ts";

/** A method's name, and the messages that it is sent. */
export interface Request {
  readonly method: string;
  readonly messages: readonly Uint8Array[];
}

const TABLES = ["attack", "texts", "nothing", "a/b", "ü"];

/** FlightInfo with something in all its fields. */
export const FULL_INFO = FlightInfo.serialize({
  schema: new Uint8Array(16),
  flightDescriptor: pathDescriptor("a", "b/c"),
  endpoint: [{
    ticket: { ticket: utf8("attack") },
    location: [{ uri: "grpc+tcp://127.0.0.1:5678" }, {
      uri: "arrow-flight-reuse-connection://?",
    }],
    expirationTime: { seconds: 1_700_000_000n, nanos: 5 },
    appMetadata: utf8("metadata"),
  }],
  totalRecords: 7n,
  totalBytes: -1n,
  ordered: true,
  appMetadata: utf8("metadata"),
});

/** A request that is right. */
export function rightRequest(seeds: readonly Seed[], random: Random): Request {
  const name = random.pick(TABLES);
  const descriptor = FlightDescriptor.serialize(
    random.oneIn(2)
      ? { type: "CMD", cmd: utf8(name) }
      : { type: "PATH", path: name.split("/") },
  );
  const stream = () =>
    flightData(random.pick(seeds).messages, name)
      .map((message) => FlightData.serialize(message));
  const method = random.pick(METHODS);
  switch (method) {
    case "Handshake": {
      const payload = BasicAuth.serialize({ username: "ada", password: "ada" });
      return { method, messages: [HandshakeRequest.serialize({ payload })] };
    }
    case "ListFlights":
      return { method, messages: [Criteria.serialize({ expression: utf8(name) })] };
    case "DoGet":
      return { method, messages: [Ticket.serialize({ ticket: utf8(name) })] };
    case "DoPut":
    case "DoExchange":
      return { method, messages: stream() };
    case "DoAction":
      return { method, messages: [Action.serialize(rightAction(name, random))] };
    case "ListActions":
      return { method, messages: [new Uint8Array(0)] };
    default:
      return { method, messages: [descriptor] };
  }
}

const METHODS = [
  "Handshake",
  "ListFlights",
  "GetFlightInfo",
  "PollFlightInfo",
  "GetSchema",
  "DoGet",
  "DoPut",
  "DoPut",
  "DoExchange",
  "DoAction",
  "DoAction",
  "DoAction",
  "ListActions",
] as const;

function rightAction(name: string, random: Random): { type: string; body: Uint8Array } {
  const info = FlightInfo.deserialize(FULL_INFO);
  const endpoint = FlightEndpoint.deserialize(
    FlightEndpoint.serialize(info.endpoint[0]),
  );
  const sessionOptions = {
    text: { stringValue: name },
    flag: { boolValue: true },
    whole: { int64Value: -1n },
    real: { doubleValue: 0.5 },
    list: { stringListValue: { values: ["a", "b"] } },
    gone: {},
    ["__proto__"]: { stringValue: name },
  };
  return random.pick([
    { type: "drop_table", body: utf8(name) },
    { type: "healthcheck", body: new Uint8Array(0) },
    { type: "CancelFlightInfo", body: CancelFlightInfoRequest.serialize({ info }) },
    {
      type: "RenewFlightEndpoint",
      body: RenewFlightEndpointRequest.serialize({ endpoint }),
    },
    {
      type: "SetSessionOptions",
      body: SetSessionOptionsRequest.serialize({ sessionOptions }),
    },
    { type: "GetSessionOptions", body: new Uint8Array(0) },
    { type: "CloseSession", body: new Uint8Array(0) },
  ]);
}
