/**
 * Reads a flight as messages, which are not decoded: of all its endpoints, wherever they
 * are, and of every type of Arrow.
 *
 * @module
 */
import { checkSchema } from "../../flight/client/check_schema.ts";
import { isHttp, readHttp } from "../../flight/client/read_http.ts";
import { renewedEndpoint } from "../../flight/client/renew_endpoint.ts";
import {
  FlightClient,
  type FlightData,
  type FlightEndpoint,
  FlightError,
  type FlightInfo,
  parseLocation,
} from "../../flight/mod.ts";
import {
  isReadable,
  isReuseConnection,
  REUSE_CONNECTION,
} from "../../flight/protocol/location.ts";
import { isSchemaHeader } from "./count_rows.ts";

/** How messages are read. */
export interface ReadMessagesOptions {
  /** Ends the reading when it is aborted. */
  readonly signal: AbortSignal;
}

/**
 * The messages of a flight as one stream: the endpoints one after the other, and the
 * schema once.
 *
 * @throws {FlightError} when none of an endpoint's locations gives it, or two endpoints
 * have different schemas.
 */
export async function* readMessages(
  client: FlightClient,
  { endpoint }: FlightInfo,
  { signal }: ReadMessagesOptions,
): AsyncGenerator<FlightData> {
  await using servers = new Servers(client);
  let schema: Uint8Array | undefined;
  for (const one of endpoint) {
    let isFirst = true;
    for await (const data of readEndpoint(servers, one, signal)) {
      if (isFirst && schema !== undefined && isSchemaHeader(data.dataHeader)) {
        checkSchema(data.dataHeader, schema);
      } else yield data;
      if (isFirst) schema ??= data.dataHeader;
      isFirst = false;
    }
  }
  if (endpoint.length === 0) {
    throw new FlightError(
      "NOT_FOUND",
      "Cannot read the flight: the server names no endpoint from which it can be had",
    );
  }
}

/** One endpoint's messages, from the first of its locations that gives any. */
async function* readEndpoint(
  servers: Servers,
  endpoint: FlightEndpoint,
  signal: AbortSignal,
): AsyncGenerator<FlightData> {
  const current = await renewedEndpoint(servers.own, endpoint, { signal });
  const failed: unknown[] = [];
  for (const uri of placesOf(current)) {
    let hasBegun = false;
    try {
      const messages = isHttp(uri)
        ? readHttp(uri, { signal })
        : servers.at(uri).doGet(current.ticket ?? {}, { signal });
      for await (const data of messages) {
        hasBegun = true;
        yield data;
      }
      return;
    } catch (error) {
      if (hasBegun || signal.aborted || !(error instanceof FlightError)) throw error;
      failed.push(error);
    }
  }
  throw failed[0];
}

/**
 * Where an endpoint is looked for, in order: over HTTP, which is the fastest, then where
 * the server says, and, in case that cannot be reached from here, at the server itself.
 */
function placesOf({ location }: FlightEndpoint): string[] {
  const uris = location.map(({ uri }) => uri);
  return [...uris.filter(isHttp), ...uris.filter(isReadable), REUSE_CONNECTION];
}

/** Clients of the servers of a flight. */
class Servers implements AsyncDisposable {
  readonly own: FlightClient;
  readonly #others = new Map<string, FlightClient>();

  constructor(own: FlightClient) {
    this.own = own;
  }

  /** The client for a location; the server itself keeps its connection. */
  at(uri: string): FlightClient {
    if (isReuseConnection(uri) || isSame(uri, this.own.location)) return this.own;
    let other = this.#others.get(uri);
    if (other === undefined) {
      // What is secret over TLS is not sent without it.
      const isLess = parseLocation(this.own.location).tls && !parseLocation(uri).tls;
      other = isLess ? new FlightClient(uri) : this.own.sibling(uri);
      this.#others.set(uri, other);
    }
    return other;
  }

  // deno-lint-ignore require-await -- the interface asks for a promise
  async [Symbol.asyncDispose](): Promise<void> {
    for (const client of this.#others.values()) client.close();
  }
}

/** Whether two locations are the same address. */
function isSame(uri: string, other: string): boolean {
  const [a, b] = [parseLocation(uri), parseLocation(other)];
  return a.tls === b.tls && JSON.stringify(a.address) === JSON.stringify(b.address);
}
