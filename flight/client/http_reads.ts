/**
 * Reads flights over HTTP from servers that offer that, and their endpoints at the same
 * time.
 *
 * @module
 */
import type { FlightData } from "../../proto/flight_data.ts";
import type { FlightDescriptor, FlightEndpoint, Ticket } from "../../proto/messages.ts";
import type { Init } from "../../proto/message_type.ts";
import { firstOf } from "../../base/abort.ts";
import { inOrder } from "../../base/in_order.ts";
import { FlightError } from "../errors.ts";
import type { FlightClient } from "./flight_client.ts";
import { isHttp, readHttp } from "./read_http.ts";
import type { CallOptions } from "./call_options.ts";
import { checkSchema } from "./check_schema.ts";
import { renewedEndpoint } from "./renew_endpoint.ts";

/** A flight that a server has under a descriptor, and gives for a ticket. */
export interface NamedFlight {
  /** What the server is asked about. */
  readonly descriptor: Init<FlightDescriptor>;
  /** What DoGet takes. */
  readonly ticket: Init<Ticket>;
}

/** How many endpoints are read at a time. */
const MAX_PARALLEL = 4;
/** How many bytes are read ahead of each of them. */
const MAX_AHEAD = 16 * 1024 * 1024;

/**
 * A way to flights that goes over HTTP where a flight's endpoints have such locations,
 * and else by DoGet. A server that has offered nothing but DoGet for a flight is not
 * asked again; nor is one whose HTTP location was of no use.
 */
export class FlightReads {
  readonly #client: FlightClient;
  readonly #closed = new AbortController();
  /** Undefined until the server has told. */
  #isOffered: boolean | undefined;

  /** Reads for this client. */
  constructor(client: FlightClient) {
    this.#client = client;
  }

  /** The flight's messages: those of all its endpoints, in their order, as one stream. */
  async *read(
    { descriptor, ticket }: NamedFlight,
    options: CallOptions,
  ): AsyncGenerator<FlightData> {
    const left = timeLeft(options);
    const endpoints = this.#isOffered === false
      ? undefined
      : await this.#find(descriptor, left());
    if (endpoints === undefined) {
      yield* this.#client.doGet(ticket, left());
    } else if (endpoints.length === 1) {
      yield* this.#readEndpoint(endpoints[0], left);
    } else {
      yield* this.#readEndpoints(endpoints, left);
    }
  }

  /** Ends what is being read. */
  close(): void {
    this.#closed.abort(new FlightError("CANCELLED", "The client was closed"));
  }

  /** The messages of several endpoints, of which only the first gives the schema. */
  async *#readEndpoints(
    endpoints: readonly FlightEndpoint[],
    timeLeft: () => CallOptions,
  ): AsyncGenerator<FlightData> {
    const left = new AbortController();
    const options = () => {
      const { signal, ...rest } = timeLeft();
      return { ...rest, signal: firstOf(signal, left.signal) };
    };
    const streams = endpoints.map((endpoint) => () =>
      numbered(this.#readEndpoint(endpoint, options))
    );
    let schema: Uint8Array | undefined;
    for await (
      const { number, data } of inOrder(streams, {
        maxOpen: MAX_PARALLEL,
        maxAhead: MAX_AHEAD,
        costOf: ({ data }) => data.dataHeader.length + data.dataBody.length,
        left,
      })
    ) {
      if (number > 0) yield data;
      else if (schema !== undefined) checkSchema(data.dataHeader, schema);
      else {
        schema = data.dataHeader;
        yield data;
      }
    }
  }

  /** An endpoint's messages, over HTTP if it has such a location, and else by DoGet. */
  async *#readEndpoint(
    endpoint: FlightEndpoint,
    timeLeft: () => CallOptions,
  ): AsyncGenerator<FlightData> {
    const current = await renewedEndpoint(this.#client, endpoint, timeLeft());
    const uri = httpLocation(current);
    if (uri !== undefined) {
      const options = timeLeft();
      const signal = firstOf(this.#closed.signal, options.signal);
      let hasBegun = false;
      try {
        for await (const data of readHttp(uri, { ...options, signal })) {
          hasBegun = true;
          yield data;
        }
        return;
      } catch (error) {
        // Until the first message came, the server's other location is as good.
        if (hasBegun || signal.aborted || !isElsewhere(error)) throw error;
        if (!isPassing(error)) this.#isOffered = false;
      }
    }
    yield* this.#client.doGet(current.ticket ?? {}, timeLeft());
  }

  /** The flight's endpoints; undefined when DoGet is as good. */
  async #find(
    descriptor: Init<FlightDescriptor>,
    options: CallOptions,
  ): Promise<readonly FlightEndpoint[] | undefined> {
    try {
      const { endpoint } = await this.#client.getFlightInfo(descriptor, options);
      this.#isOffered = endpoint.length > 1 || endpoint.some(httpLocation);
      return this.#isOffered ? endpoint : undefined;
    } catch (error) {
      // A server may know the flight by its ticket, and by no such descriptor.
      if (!isElsewhere(error)) throw error;
      if (error.code === "UNIMPLEMENTED") this.#isOffered = false;
      return undefined;
    }
  }
}

/** The options with the time that is left of the timeout when they are asked for. */
function timeLeft(options: CallOptions): () => CallOptions {
  const { timeout = Infinity } = options;
  if (timeout === Infinity) return () => options;
  const deadline = performance.now() + timeout;
  return () => ({ ...options, timeout: Math.max(0, deadline - performance.now()) });
}

function httpLocation({ location }: FlightEndpoint): string | undefined {
  return location.find(({ uri }) => isHttp(uri))?.uri;
}

async function* numbered(messages: AsyncIterable<FlightData>) {
  let number = 0;
  for await (const data of messages) yield { number: number++, data };
}

/** Whether it says nothing of the location that a table was dropped, or much is going on. */
function isPassing({ code }: FlightError): boolean {
  return code === "NOT_FOUND" || code === "RESOURCE_EXHAUSTED";
}

/** Whether another way may lead on from here: neither was it given up, nor too late. */
function isElsewhere(error: unknown): error is FlightError {
  return error instanceof FlightError &&
    error.code !== "CANCELLED" && error.code !== "DEADLINE_EXCEEDED";
}
