/**
 * Messages of which a part has come. grpc-js keeps the parts of each until it is whole,
 * for as many calls as there are.
 *
 * @module
 */
import {
  type ServerInterceptingCall,
  type ServerInterceptor,
  status,
} from "@grpc/grpc-js";
import type { ServerHttp2Stream } from "node:http2";

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

  /** Counts what comes for a call, until it ends. */
  readonly count: ServerInterceptor = (_method, call) => {
    const inner = call as ServerInterceptingCall & Receiving;
    const { stream, decoder } = inner;
    let held = 0;
    const hold = (bytes: number) => {
      this.#total += bytes - held;
      held = bytes;
    };
    const onData = () => {
      const { readMessageSize, readMessageRemaining, readPartialMessage } = decoder;
      if (readMessageRemaining === 0) return hold(0);
      const parts = readPartialMessage.length;
      hold(readMessageSize - readMessageRemaining + parts * PART_COST);
      if (this.#total <= this.#most) return;
      stop();
      decoder.readPartialMessage = [];
      inner.sendStatus({
        code: status.RESOURCE_EXHAUSTED,
        details:
          `Cannot take more of the message: parts of messages have come that take more than ${this.#most} bytes, which is the most (maxArrivingBytes); try again later`,
      });
    };
    const stop = () => {
      stream.off("data", onData);
      hold(0);
    };
    // grpc-js has listened before, and knows of the data when this does.
    stream.on("data", onData);
    stream.once("close", stop);
    return inner;
  };
}
