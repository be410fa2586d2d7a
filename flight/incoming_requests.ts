/**
 * Requests on their way in, of which grpc-js keeps what has come: the parts of a message
 * until it is whole, and whole messages until they are read.
 *
 * @module
 */
import type { ServerInterceptingCall, ServerInterceptor } from "@grpc/grpc-js";
import { constants, type ServerHttp2Stream } from "node:http2";
import { FlightError } from "./errors.ts";
import { codeToNumber } from "../rpc/status.ts";
import type { IdleWatch } from "../base/idle_watch.ts";
import type { SharedLimit } from "../base/shared_limit.ts";
import { limitExceeded } from "../rpc/limits.ts";

/** What requests may be. */
export interface RequestLimits {
  /** The largest message, in bytes. */
  readonly maxMessageBytes: number;
  /** Counts what all calls have that was not read. */
  readonly arrivingBytes: SharedLimit;
  /** Ends calls whose one request does not come. */
  readonly idleWatch: IdleWatch;
}

/** What of grpc-js's inner life is touched here; its version is pinned. */
interface Receiving {
  readonly stream: ServerHttp2Stream;
  readonly decoder: Decoder;
  readonly readQueue: readonly { readonly compressedMessage: Uint8Array | null }[];
  maybePushNextMessage(): void;
  checkCancelled(): boolean;
}

interface Decoder {
  readonly readMessageSize: number;
  readonly readMessageRemaining: number;
  readPartialMessage: readonly Uint8Array[];
  write(data: Uint8Array): Uint8Array[];
}

/** What a message, or a part of one, takes in memory beside its bytes. */
const PART_COST = 300;
/** So many messages in one frame are not meant to be read. */
const MOST_AT_ONCE = 20_000;

/**
 * Counts what has come and was not read, and ends calls that bring too much, or whose
 * one request does not come: nothing of ours runs for those yet, and grpc-js waits for
 * ever.
 */
export function watchRequests(limits: RequestLimits): ServerInterceptor {
  return (method, call) => {
    const inner = call as ServerInterceptingCall & Receiving;
    const { stream, decoder } = inner;
    const share = limits.arrivingBytes.open();
    let received = 0;
    let queued = 0;
    // A single request is kept until its call has ended.
    const held = () => method.requestStream ? partBytes(decoder) + queued : received;
    const end = ({ code, message }: FlightError) => {
      stream.off("data", onData);
      share[Symbol.dispose]();
      // A client with a closed window keeps the status waiting, and may send on.
      decoder.readPartialMessage = [];
      decoder.write = () => [];
      inner.sendStatus({ code: codeToNumber(code), details: message });
      // A call that was answered before stays open as long as its client likes.
      if (!method.requestStream) stream.close(constants.NGHTTP2_NO_ERROR);
    };
    const count = () => {
      try {
        share.hold(held());
      } catch (error) {
        end(FlightError.from(error));
      }
    };
    const onData = (chunk: Uint8Array) => {
      received += chunk.length + PART_COST;
      queued = queueBytes(inner);
      count();
    };
    limitMessages(decoder, limits.maxMessageBytes);
    const push = inner.maybePushNextMessage.bind(inner);
    inner.maybePushNextMessage = () => {
      // Nobody tells a method that begins when its call has ended already.
      if (!method.requestStream && inner.checkCancelled()) return;
      push();
      if (queued === 0 || inner.readQueue.length > 0) return;
      queued = 0;
      count();
    };
    const { maxIdleTime } = limits.idleWatch;
    const watched = method.requestStream ? undefined : limits.idleWatch.watch(
      () => received,
      () => end(FlightError.from(limitExceeded("maxIdleTime", maxIdleTime))),
    );
    // grpc-js has listened before, and knows of the data when this does.
    stream.on("data", onData);
    stream.once("end", () => watched?.[Symbol.dispose]());
    stream.once("close", () => {
      watched?.[Symbol.dispose]();
      share[Symbol.dispose]();
    });
    return inner;
  };
}

function partBytes({
  readMessageSize,
  readMessageRemaining,
  readPartialMessage,
}: Decoder): number {
  if (readMessageRemaining === 0) return 0;
  return readMessageSize - readMessageRemaining + readPartialMessage.length * PART_COST;
}

function queueBytes({ readQueue }: Receiving): number {
  let bytes = readQueue.length * PART_COST;
  for (const { compressedMessage } of readQueue) {
    bytes += compressedMessage?.length ?? 0;
  }
  return bytes;
}

/** Refuses messages that are too large, and too many of those that are too small. */
function limitMessages(decoder: Decoder, maxMessageBytes: number): void {
  const write = decoder.write.bind(decoder);
  decoder.write = (data) => {
    let messages: Uint8Array[];
    try {
      messages = write(data);
    } catch (error) {
      throw new Error(
        `Cannot accept a message of ${decoder.readMessageSize} bytes: ${maxMessageBytes} is the most (maxMessageBytes); send smaller batches`,
        { cause: error },
      );
    }
    if (messages.length <= MOST_AT_ONCE) return messages;
    throw new Error(
      `Cannot accept ${messages.length} messages at once: ${MOST_AT_ONCE} are the most; send larger ones`,
    );
  };
}
