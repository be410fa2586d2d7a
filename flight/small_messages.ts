/**
 * Small messages of a server, for which nobody waits. grpc-js ends a call, or sends the
 * next message, when the last one has gone out, which is some turns of the event loop
 * later: a small answer would go in three parts, and takes a tenth longer.
 *
 * @module
 */
import type { ServerInterceptingCall, ServerInterceptor } from "@grpc/grpc-js";
import type { ServerHttp2Stream } from "node:http2";
import type { WireMessage } from "../proto/flight_data.ts";

/** What of grpc-js's inner life is touched here; its version is pinned. */
interface Sending {
  readonly stream: ServerHttp2Stream;
  sendMessage(message: WireMessage, onSent: () => void): void;
}

/** A message of so many bytes is small. */
const SMALL_MESSAGE = 16 * 1024;
/** With so many bytes that have not gone out, all messages wait. */
const MAX_UNSENT = 64 * 1024;

/** Makes grpc-js take small messages for sent at once. */
export const sendSmallAtOnce: ServerInterceptor = (_method, call) => {
  const inner = call as ServerInterceptingCall & Sending;
  const { stream } = inner;
  const send = inner.sendMessage.bind(inner) as Sending["sendMessage"];
  inner.sendMessage = (message: WireMessage, onSent: () => void) => {
    const isSmall = message.length <= SMALL_MESSAGE &&
      stream.writableLength <= MAX_UNSENT;
    send(message, isSmall ? () => {} : onSent);
    if (isSmall) onSent();
  };
  return inner;
};
