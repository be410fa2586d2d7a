/**
 * Messages of which a part has come. The parts of each are kept until it is whole, for
 * as many calls as there are.
 *
 * @module
 */
import type { ServerInterceptingCall, ServerInterceptor } from "@grpc/grpc-js";
import type { ServerHttp2Stream } from "node:http2";
import { codeToNumber, FlightError } from "./errors.ts";

/** What has come of one call's message. */
export interface Arriving extends Disposable {
  /**
   * Takes notice of how many bytes it takes now.
   *
   * @throws {FlightError} RESOURCE_EXHAUSTED, when all calls take too much together.
   */
  hold(bytes: number): void;
}

/** What of grpc-js's inner life is touched here; its version is pinned. */
interface Receiving {
  readonly stream: ServerHttp2Stream;
  readonly decoder: {
    readonly readMessageSize: number;
    readonly readMessageRemaining: number;
    readPartialMessage: readonly Uint8Array[];
  };
}

/** What a part of a message takes in memory beside its bytes. */
const PART_COST = 300;

/** Counts the parts of messages, of all calls of a server, and refuses what is too much. */
export class ArrivingBytes {
  readonly #most: number;
  #total = 0;

  /** A count that goes as far as this. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Counts for one call, until this is disposed of. */
  open(): Arriving {
    let held = 0;
    const hold = (bytes: number) => {
      this.#total += bytes - held;
      held = bytes;
    };
    return {
      hold: (bytes) => {
        hold(bytes);
        if (this.#total <= this.#most || bytes === 0) return;
        hold(0);
        throw new FlightError(
          "RESOURCE_EXHAUSTED",
          `Cannot take more of the message: parts of messages have come that take more than ${this.#most} bytes, which is the most (maxArrivingBytes); ${
            bytes > this.#most ? "send smaller batches" : "try again later"
          }`,
        );
      },
      [Symbol.dispose]: () => hold(0),
    };
  }

  /** Counts for the calls of grpc-js. */
  readonly count: ServerInterceptor = (_method, call) => {
    const inner = call as ServerInterceptingCall & Receiving;
    const { stream, decoder } = inner;
    const arriving = this.open();
    const onData = () => {
      const { readMessageSize, readMessageRemaining, readPartialMessage } = decoder;
      const bytes = readMessageRemaining === 0
        ? 0
        : readMessageSize - readMessageRemaining +
          readPartialMessage.length * PART_COST;
      try {
        arriving.hold(bytes);
      } catch (error) {
        if (!(error instanceof FlightError)) throw error;
        stream.off("data", onData);
        decoder.readPartialMessage = [];
        const { code, message } = error;
        inner.sendStatus({ code: codeToNumber(code), details: message });
      }
    };
    // grpc-js has listened before, and knows of the data when this does.
    stream.on("data", onData);
    stream.once("close", () => arriving[Symbol.dispose]());
    return inner;
  };
}
