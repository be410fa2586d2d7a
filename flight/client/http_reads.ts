/**
 * Reads flights over HTTP from servers that offer that.
 *
 * @module
 */
import type { FlightData } from "../../proto/flight_data.ts";
import type { FlightDescriptor, FlightInfo, Ticket } from "../../proto/messages.ts";
import type { Init } from "../../proto/message_type.ts";
import { firstOf } from "../../base/abort.ts";
import { FlightError } from "../errors.ts";
import type { FlightClient } from "./flight_client.ts";
import { isHttp, readHttp } from "./read_http.ts";
import type { CallOptions } from "./call_options.ts";

/** A flight that a server has under a descriptor, and gives for a ticket. */
export interface NamedFlight {
  /** What the server is asked about. */
  readonly descriptor: Init<FlightDescriptor>;
  /** What DoGet takes. */
  readonly ticket: Init<Ticket>;
}

/**
 * A way to flights that goes over HTTP where a flight's one endpoint has such a
 * location, and else by DoGet. A server that has offered none for a flight is not
 * asked again; nor is one whose location was of no use.
 */
export class FastLane {
  readonly #client: FlightClient;
  readonly #closed = new AbortController();
  /** Undefined until the server has told. */
  #isOffered: boolean | undefined;

  /** A fast lane beside the calls of this client. */
  constructor(client: FlightClient) {
    this.#client = client;
  }

  /** The flight's messages. */
  async *read(
    { descriptor, ticket }: NamedFlight,
    options: CallOptions,
  ): AsyncGenerator<FlightData> {
    const { timeout = Infinity } = options;
    const deadline = performance.now() + timeout;
    const left = (): CallOptions =>
      timeout === Infinity
        ? options
        : { ...options, timeout: Math.max(0, deadline - performance.now()) };
    const uri = this.#isOffered === false
      ? undefined
      : await this.#find(descriptor, left());
    if (uri !== undefined) {
      const signal = firstOf(this.#closed.signal, options.signal);
      let hasBegun = false;
      try {
        for await (const data of readHttp(uri, { ...left(), signal })) {
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
    yield* this.#client.doGet(ticket, left());
  }

  /** Ends what is being read. */
  close(): void {
    this.#closed.abort(new FlightError("CANCELLED", "The client was closed"));
  }

  /** The HTTP location of a flight's one endpoint. */
  async #find(
    descriptor: Init<FlightDescriptor>,
    options: CallOptions,
  ): Promise<string | undefined> {
    let info: FlightInfo;
    try {
      info = await this.#client.getFlightInfo(descriptor, options);
    } catch (error) {
      // A server may know the flight by its ticket, and by no such descriptor.
      if (!isElsewhere(error)) throw error;
      if (error.code === "UNIMPLEMENTED") this.#isOffered = false;
      return undefined;
    }
    const uris = info.endpoint.length === 1 ? info.endpoint[0].location : [];
    const uri = uris.find(({ uri }) => isHttp(uri))?.uri;
    this.#isOffered = uri !== undefined;
    return uri;
  }
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
