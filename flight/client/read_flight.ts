/**
 * Reading a whole flight: every endpoint that a FlightInfo names.
 *
 * @module
 */
import type { FlightEndpoint, FlightInfo } from "../../proto/messages.ts";
import { firstOf } from "../../base/abort.ts";
import {
  checkOptions,
  checkValue,
  type OptionSet,
  type ValueKind,
} from "../../base/check_options.ts";
import {
  functionLike,
  MILLISECONDS,
  objectWith,
  wholeNumber,
} from "../../base/value_kinds.ts";
import { decode, type DecodedBatch } from "../arrow/decode/decode.ts";
import type { AnyColumns, ColumnTypes } from "../arrow/decode/column_types.ts";
import {
  DECODE_OPTION_KINDS,
  type DecodeOptions,
} from "../arrow/decode/decode_options.ts";
import { FlightError } from "../errors.ts";
import { renewedEndpoint } from "./renew_endpoint.ts";
import type { FlightClient } from "./flight_client.ts";
import {
  isReadable,
  isReuseConnection,
  REUSE_CONNECTION,
} from "../protocol/location.ts";
import { merge } from "../../base/merge.ts";
import { CALL_OPTION_KINDS, type CallOptions } from "./call_options.ts";

/** How {@linkcode readFlight} reads. */
export interface ReadFlightOptions<T extends ColumnTypes = AnyColumns>
  extends CallOptions, DecodeOptions<T> {
  /**
   * How many endpoints are read at the same time, where the flight's order allows
   * it. @default 4
   */
  maxParallel?: number;
  /**
   * An endpoint that expires within so many milliseconds when its turn comes is
   * renewed first, by the action RenewFlightEndpoint; 0 never renews.
   * @default 5000
   */
  renewWithin?: number;
  /**
   * Gives the client for another location, which stays open afterwards. By default
   * it is a `client.sibling`, one for each location, which has the same middleware:
   * credentials go along to wherever the server sends its readers.
   */
  clientFor?: (location: string) => FlightClient;
}

const OPTIONS: OptionSet<ReadFlightOptions> = {
  of: "readFlight()",
  example: "{ maxParallel: 2 }",
  kinds: {
    ...CALL_OPTION_KINDS,
    ...DECODE_OPTION_KINDS,
    maxParallel: wholeNumber(1, Number.MAX_SAFE_INTEGER),
    renewWithin: MILLISECONDS,
    clientFor: functionLike("(location) => new FlightClient(location)"),
  },
};
const CLIENT: ValueKind = objectWith(["doGet", "sibling"], "a FlightClient");
const INFO: ValueKind = {
  wanted: "a FlightInfo, such as await client.getFlightInfo(descriptor)",
  isType: (value) =>
    typeof value === "object" && value !== null &&
    Array.isArray(Reflect.get(value, "endpoint")),
};

/**
 * The batches of all endpoints of a flight: in the endpoints' order when the
 * flight is `ordered`, else as they come, from several endpoints at a time. Of an
 * endpoint's locations the next is tried when one fails before its first batch; an
 * endpoint without locations, and the location `arrow-flight-reuse-connection://?`,
 * mean the client's own server. Left early, it cancels what is under way.
 *
 * The source is "Downloading data" in the Arrow Flight RPC specification.
 *
 * @throws {TypeError} at once, when an argument or an option has a wrong type.
 * @throws {FlightError} UNIMPLEMENTED, when an endpoint has only locations of
 * schemes that this client cannot read; else what the last location answered.
 *
 * @example Every batch of every flight
 * ```ts
 * import { FlightClient, readFlight } from "@tinyflight/flight/flight";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * await using server = await new TinyServer({ port: 0 }).listen();
 * await using client = new FlightClient(server.location);
 * for await (const info of client.listFlights()) {
 *   for await (const { batch } of readFlight(client, info)) console.log(batch?.numRows);
 * }
 * ```
 */
export function readFlight<T extends ColumnTypes = AnyColumns>(
  client: FlightClient,
  info: Pick<FlightInfo, "endpoint" | "ordered">,
  options: ReadFlightOptions<T> = {},
): AsyncGenerator<DecodedBatch<T>> {
  checkValue("client", client, CLIENT);
  checkValue("info", info, INFO);
  checkOptions(OPTIONS, options);
  return readEndpoints(client, info, options);
}

async function* readEndpoints(
  client: FlightClient,
  info: Pick<FlightInfo, "endpoint" | "ordered">,
  options: ReadFlightOptions,
): AsyncGenerator<DecodedBatch> {
  const { maxParallel = 4 } = options;
  for (const endpoint of info.endpoint) readableLocations(endpoint);
  const left = new AbortController();
  const signal = firstOf(left.signal, options.signal);
  const siblings = new Map<string, FlightClient>();
  const clientFor = options.clientFor ?? ((location) => {
    const sibling = siblings.get(location) ?? client.sibling(location);
    siblings.set(location, sibling);
    return sibling;
  });
  const streams = info.endpoint.map((endpoint) => () =>
    readEndpoint(client, endpoint, { ...options, signal, clientFor })
  );
  try {
    yield* merge(streams, info.ordered ? 1 : maxParallel, left);
  } finally {
    for (const sibling of siblings.values()) sibling.close();
  }
}

/** One endpoint's batches, from the first of its locations that gives any. */
async function* readEndpoint(
  client: FlightClient,
  endpoint: FlightEndpoint,
  options: ReadFlightOptions & Pick<Required<ReadFlightOptions>, "clientFor">,
): AsyncGenerator<DecodedBatch> {
  const {
    headers,
    signal,
    timeout,
    clientFor,
    maxParallel: _maxParallel,
    renewWithin: _renewWithin,
    ...decodeOptions
  } = options;
  const current = await renewedEndpoint(client, endpoint, options);
  let failed: unknown;
  for (const uri of readableLocations(current)) {
    const ownServer = isReuseConnection(uri) || uri === client.location;
    const server = ownServer ? client : clientFor(uri);
    let begun = false;
    try {
      const messages = server.doGet(current.ticket ?? {}, { headers, signal, timeout });
      for await (
        const item of decode(messages, { code: "INTERNAL", ...decodeOptions })
      ) {
        begun = true;
        yield item;
      }
      return;
    } catch (error) {
      if (begun || signal?.aborted) throw error;
      failed = error;
    }
  }
  throw failed;
}

/** The locations from which the endpoint can be read, of which there is at least one. */
function readableLocations({ location }: FlightEndpoint): string[] {
  const uris = location.length === 0
    ? [REUSE_CONNECTION]
    : location.map(({ uri }) => uri);
  const readable = uris.filter(isReadable);
  if (readable.length === 0) {
    throw new FlightError(
      "UNIMPLEMENTED",
      `Cannot read the endpoint: this client reads none of its locations ${
        uris.map((uri) => `"${uri}"`).join(", ")
      }`,
    );
  }
  return readable;
}
