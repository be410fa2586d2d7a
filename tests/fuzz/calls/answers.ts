/**
 * What a server may answer to each of the ten methods, right or wrong.
 *
 * @module
 */
import {
  ActionType,
  CancelFlightInfoResult,
  CloseSessionResult,
  encapsulate,
  FlightData,
  FlightEndpoint,
  FlightInfo,
  GetSessionOptionsResult,
  HandshakeResponse,
  PollInfo,
  PutResult,
  Result,
  SchemaResult,
  SetSessionOptionsResult,
} from "../../../flight/mod.ts";
import { utf8 } from "../../helpers/serving.ts";
import { flightData } from "../streams/flight_messages.ts";
import { frameAnyhow } from "./frames.ts";
import {
  type Answer,
  RIGHT_HEADERS,
  RIGHT_TRAILERS,
} from "../../helpers/wire/hostile_server.ts";
import { mutateBytes, type Mutated } from "../mutate_bytes.ts";
import type { Random } from "../../helpers/random.ts";
import { FULL_INFO } from "./requests.ts";
import { type Seed, wrongStream } from "../streams/seeds.ts";

const WRONG_HEADERS: readonly { readonly [name: string]: string }[] = [
  { ":status": "500" },
  { ":status": "404" },
  { ":status": "302" },
  { "content-type": "text/html" },
  { "grpc-encoding": "gzip" },
  { "grpc-encoding": "gzip" },
  { "grpc-encoding": "deflate" },
  { "grpc-encoding": "snappy" },
  { "set-cookie": "arrow_flight_session_id=; Max-Age=x; Expires=never" },
  { "set-cookie": "=;=" },
  { "authorization": "Bearer" },
  { "x-key-bin": "not base64!" },
  { "x-long": "y".repeat(20_000) },
];
const WRONG_TRAILERS: readonly { readonly [name: string]: string }[] = [
  { "grpc-status": "-1" },
  { "grpc-status": "99" },
  { "grpc-status": "five" },
  { "grpc-status": "5", "grpc-message": "%E0%A4%A" },
  { "grpc-status": "13", "grpc-message": "x".repeat(20_000) },
  { "grpc-status": "3", "grpc-status-details-bin": "???" },
  { "grpc-status": "3", "grpc-status-details-bin": "AAAA" },
  { "grpc-status": "1", "x-arrow-status": "bad" },
  {},
];

/** An answer to a call of this method, with something wrong in it for the most part. */
export function wrongAnswer(
  method: string,
  seeds: readonly Seed[],
  random: Random,
): Mutated<Answer> {
  const { result: messages, what } = wrongMessages(method, seeds, random);
  const words = [what];
  const framed = frameAnyhow(messages, random);
  words.push(framed.what);
  const pick = (wrong: readonly { readonly [name: string]: string }[]) => {
    if (!random.oneIn(8)) return undefined;
    const picked = random.pick(wrong);
    words.push(
      ...Object.entries(picked).map(([name, value]) =>
        `${name} is ${`${value}`.slice(0, 60)}`
      ),
    );
    return picked;
  };
  const headers = { ...RIGHT_HEADERS, ...pick(WRONG_HEADERS) };
  const trailers = pick(WRONG_TRAILERS) ?? RIGHT_TRAILERS;
  const end: Answer["end"] = random.oneIn(10)
    ? random.pick(["close", "reset", "disconnect"] as const)
    : "trailers";
  if (end !== "trailers") words.push(end);
  const result = { headers, trailers, pieces: framed.result, end };
  return { result, what: words.join("; ") };
}

function wrongMessages(
  method: string,
  seeds: readonly Seed[],
  random: Random,
): Mutated<readonly Uint8Array[]> {
  if (method === "DoGet" || method === "DoExchange") {
    const { result, what } = wrongStream(seeds, random);
    const messages = flightData(result).map((message) => FlightData.serialize(message));
    return random.oneIn(2) ? { result: messages, what } : changed(messages, random);
  }
  return changed(rightMessages(method, seeds, random), random);
}

function changed(
  messages: readonly Uint8Array[],
  random: Random,
): Mutated<readonly Uint8Array[]> {
  const count = random.oneIn(6) ? random.below(4) : 1;
  const words: string[] = count === 1 ? [] : [`${count} times`];
  const result = Array.from({ length: count }, () => messages).flat()
    .map((message, index) => {
      if (random.oneIn(4)) return message;
      const { result, what } = mutateBytes(message, random);
      words.push(`message ${index}: ${what}`);
      return result;
    });
  return { result, what: words.join("; ") };
}

function rightMessages(
  method: string,
  seeds: readonly Seed[],
  random: Random,
): Uint8Array[] {
  const schema = encapsulate(random.pick(seeds).messages[0].header);
  const info = { ...FlightInfo.deserialize(FULL_INFO), schema };
  switch (method) {
    case "Handshake":
      return [HandshakeResponse.serialize({ payload: utf8("token") })];
    case "GetSchema":
      return [SchemaResult.serialize({ schema })];
    case "PollFlightInfo":
      return [PollInfo.serialize({
        info,
        flightDescriptor: info.flightDescriptor,
        progress: 0.5,
        expirationTime: { seconds: 1n, nanos: 1 },
      })];
    case "DoPut":
      return [PutResult.serialize({ appMetadata: utf8("kept") })];
    case "DoAction":
      return [Result.serialize({ body: rightResult(info, random) })];
    case "ListActions":
      return [ActionType.serialize({ type: "drop_table", description: "drops" })];
    default:
      return [FlightInfo.serialize(info)];
  }
}

function rightResult(info: FlightInfo, random: Random): Uint8Array {
  return random.pick([
    () => CancelFlightInfoResult.serialize({ status: "CANCEL_STATUS_CANCELLED" }),
    () => FlightEndpoint.serialize(info.endpoint[0]),
    () => SetSessionOptionsResult.serialize({ errors: { a: { value: "ERROR" } } }),
    () =>
      GetSessionOptionsResult.serialize({
        sessionOptions: { a: { stringValue: "b" }, c: { doubleValue: 1 } },
      }),
    () => CloseSessionResult.serialize({ status: "CLOSED" }),
  ])();
}
