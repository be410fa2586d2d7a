/**
 * Reading a whole flight: every endpoint that a FlightInfo names.
 *
 * @module
 */
import type { FlightEndpoint, FlightInfo, Timestamp } from "../proto/messages.ts";
import { decode, type DecodedBatch, type DecodeOptions } from "./decode.ts";
import { FlightError } from "./errors.ts";
import type { FlightClient } from "./flight_client.ts";
import { isReadable, REUSE_CONNECTION } from "./location.ts";
import type { CallOptions } from "./outgoing_call.ts";

/** How {@linkcode readFlight} reads. */
export interface ReadFlightOptions extends CallOptions, DecodeOptions {
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
   * it is a `client.sibling`, which has the same middleware: credentials go along
   * to wherever the server sends its readers.
   */
  clientFor?: (location: string) => FlightClient;
}

/**
 * The batches of all endpoints of a flight: in the endpoints' order when the
 * flight is `ordered`, else as they come, from several endpoints at a time. Of an
 * endpoint's locations the next is tried when one fails before its first batch; an
 * endpoint without locations, and the location `arrow-flight-reuse-connection://?`,
 * mean the client's own server. Left early, it cancels what is under way.
 *
 * The source is "Downloading data" in the Arrow Flight RPC specification.
 *
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
export async function* readFlight(
  client: FlightClient,
  info: Pick<FlightInfo, "endpoint" | "ordered">,
  options: ReadFlightOptions = {},
): AsyncGenerator<DecodedBatch> {
  const { maxParallel = 4 } = options;
  if (!Number.isInteger(maxParallel) || maxParallel < 1) {
    throw new RangeError(
      `Cannot read ${maxParallel} endpoints at a time: maxParallel has to be 1 or more`,
    );
  }
  for (const endpoint of info.endpoint) checkReadable(endpoint);
  if (info.ordered || maxParallel === 1) {
    for (const endpoint of info.endpoint) {
      yield* readEndpoint(client, endpoint, options);
    }
  } else {
    const left = new AbortController();
    const signal = AbortSignal.any([
      left.signal,
      ...options.signal ? [options.signal] : [],
    ]);
    const streams = info.endpoint.map((endpoint) => () =>
      readEndpoint(client, endpoint, { ...options, signal })
    );
    try {
      yield* merge(streams, maxParallel);
    } finally {
      left.abort();
    }
  }
}

/** One endpoint's batches, from the first of its locations that gives any. */
async function* readEndpoint(
  client: FlightClient,
  endpoint: FlightEndpoint,
  options: ReadFlightOptions,
): AsyncGenerator<DecodedBatch> {
  const { headers, signal, timeout, clientFor, ...decodeOptions } = options;
  const { ticket = {}, location } = await renewed(client, endpoint, options);
  const uris = location.map(({ uri }) => uri).filter(isReadable);
  let failed: unknown;
  for (const uri of uris.length === 0 ? [REUSE_CONNECTION] : uris) {
    const ownServer = uri === REUSE_CONNECTION || uri === client.location;
    const server = ownServer ? client : clientFor?.(uri) ?? client.sibling(uri);
    let begun = false;
    try {
      const messages = server.doGet(ticket, { headers, signal, timeout });
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
    } finally {
      if (!ownServer && clientFor === undefined) server.close();
    }
  }
  throw failed;
}

/** The endpoint, with a later expiry when its own is near. */
async function renewed(
  client: FlightClient,
  endpoint: FlightEndpoint,
  { headers, signal, timeout, renewWithin = 5000 }: ReadFlightOptions,
): Promise<FlightEndpoint> {
  const { expirationTime } = endpoint;
  const left = expirationTime === undefined
    ? Infinity
    : milliseconds(expirationTime) - Date.now();
  if (left >= renewWithin) return endpoint;
  try {
    return await client.renewFlightEndpoint(endpoint, { headers, signal, timeout });
  } catch (error) {
    // A server that cannot renew says itself whether the ticket is still good.
    if (error instanceof FlightError && error.code === "UNIMPLEMENTED") return endpoint;
    throw error;
  }
}

function milliseconds({ seconds, nanos }: Timestamp): number {
  return Number(seconds) * 1000 + nanos / 1e6;
}

function checkReadable({ location }: FlightEndpoint): void {
  const uris = location.map(({ uri }) => uri);
  if (uris.length > 0 && !uris.some(isReadable)) {
    throw new FlightError(
      "UNIMPLEMENTED",
      `Cannot read the endpoint: this client reads none of its locations ${
        uris.map((uri) => `"${uri}"`).join(", ")
      }`,
    );
  }
}

/** What several streams give, as it comes; at most so many of them are open. */
async function* merge<T>(
  streams: readonly (() => AsyncGenerator<T>)[],
  maxOpen: number,
): AsyncGenerator<T> {
  type Step = {
    readonly stream: AsyncGenerator<T>;
    readonly result: IteratorResult<T>;
  };
  const waiting = [...streams];
  const open = new Map<AsyncGenerator<T>, Promise<Step>>();
  const advance = (stream: AsyncGenerator<T>) =>
    open.set(stream, stream.next().then((result) => ({ stream, result })));
  try {
    while (waiting.length > 0 || open.size > 0) {
      while (open.size < maxOpen && waiting.length > 0) advance(waiting.shift()!());
      const { stream, result } = await Promise.race(open.values());
      open.delete(stream);
      if (result.done) continue;
      // Before the item is given, so that the next one comes in meanwhile.
      advance(stream);
      yield result.value;
    }
  } finally {
    // Whoever opened the streams cancels them: nobody waits for what they still say.
    for (const [stream, step] of open) {
      step.then(() => stream.return(undefined)).catch(() => {});
    }
  }
}
