/**
 * The server's half of a call.
 *
 * @module
 */
import { startTimer } from "../../base/timer.ts";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { limitExceeded } from "../../rpc/limits.ts";
import { StatusError } from "../../rpc/status.ts";
import type {
  IncomingCall,
  OutgoingMessage,
  PeerCertificate,
  RpcMethod,
  Status,
  TransportLimits,
} from "../../rpc/transport.ts";
import type { ByteBudget } from "./byte_budget.ts";
import { ErrorCode, errorCodeName } from "../http2/error_codes.ts";
import { MalformedError } from "../http2/field_rules.ts";
import { StreamError } from "../http2/frames.ts";
import type { DecodedHeaders } from "../hpack/hpack_decoder.ts";
import { Progress } from "../http2/progress.ts";
import { Receiver } from "./receiver.ts";
import type { MessageMemory } from "./message_memory.ts";
import { checkRequestTrailers, type RequestHead } from "./request_headers.ts";
import { writeResponse, writeTrailers, writeTrailersOnly } from "./response_headers.ts";
import type { SocketPeer } from "../sockets/socket.ts";
import type { Stream, StreamUser } from "../http2/stream.ts";
import type { Turns } from "./turns.ts";

/** What a call needs of its connection. */
export interface CallHost {
  /** Who is at the other end. */
  readonly peer: SocketPeer;
  /** What the server accepts. */
  readonly limits: TransportLimits;
  /** Counts the bytes of all calls that are not whole or were not read. */
  readonly arriving: ByteBudget;
  /** Gives memory to messages that are kept; undefined where they are copied there. */
  readonly memory: MessageMemory | undefined;
  /** Decompresses one message at a time. */
  readonly turns: Turns;
  /** The client has half-closed: `end` is to be called after all that came with it. */
  callEnding(call: WireIncomingCall): void;
  /** A call was answered by its handler, before anything else has ended it. */
  callAnswered(): void;
  /** The handler of a call has ended. */
  callHandled(): void;
}

const NO_HEADERS = new CallHeaders();
/** The longest deadline, as a Date has no later one. */
const MAX_DATE_MS = 8.64e15;
/**
 * A client that cancels within so many milliseconds of its deadline does so for that: its
 * clock has begun earlier than ours, by the time that the headers were under way.
 */
const NEAR_DEADLINE_MS = 100;

/** A call on its stream. */
export class WireIncomingCall implements IncomingCall, StreamUser {
  /** The method that is called. */
  readonly method: RpcMethod;
  /** The client's address. */
  readonly peer: string;
  /** The client's certificate; undefined when it has shown none. */
  readonly certificate: PeerCertificate | undefined;
  /** The host and port by which the client reached the server. */
  readonly authority: string | undefined;
  /** The headers that the client sent. */
  readonly headers: CallHeaders;
  /** When the client stops waiting. */
  readonly deadline: Date | undefined;
  readonly #stream: Stream;
  readonly #host: CallHost;
  readonly #receiver: Receiver;
  #timer: Disposable | undefined;
  #abort: AbortController | undefined;
  #error: StatusError | undefined;
  /** Whether it was answered, or has failed. */
  #isOver = false;
  #isHandled = false;
  #hasSentHeaders = false;
  #received: Progress | undefined;
  #sent: Progress | undefined;

  /** A call of this method, with these headers. */
  constructor(stream: Stream, method: RpcMethod, head: RequestHead, host: CallHost) {
    const { limits, peer } = host;
    this.#stream = stream;
    this.#host = host;
    this.method = method;
    this.peer = peer.address;
    this.certificate = peer.certificate;
    this.authority = head.authority;
    this.headers = head.headers;
    stream.contentLength = head.contentLength;
    const limit =
      method.requestStream || limits.maxMessageBytes <= limits.maxRequestBytes
        ? "maxMessageBytes"
        : "maxRequestBytes";
    this.#receiver = new Receiver({
      isStream: method.requestStream,
      maxMessageBytes: limits[limit],
      tooLarge: () => limitExceeded(limit, limits[limit]),
      memory: method.keepsRequests ? host.memory : undefined,
      arriving: host.arriving,
      turns: host.turns,
      connection: host,
      fail: (error) => this.#fail(error, true),
      leave: () => {},
    });
    this.#receiver.stream = stream;
    this.#receiver.encoding = head.encoding;
    if (head.timeout !== undefined) {
      this.deadline = new Date(Math.min(Date.now() + head.timeout, MAX_DATE_MS));
      this.#timer = startTimer(head.timeout, () => this.#onDeadline());
    }
  }

  /** The client's messages. */
  get requests(): AsyncIterable<Uint8Array> {
    return this.#receiver.messages;
  }

  /** Aborted with the reason when the call ends before it was answered. */
  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.#error !== undefined) this.#abort.abort(this.#error);
    }
    return this.#abort.signal;
  }

  /** Whether the client wants no answer any more. */
  get isCancelled(): boolean {
    return this.#error?.code === "CANCELLED";
  }

  /** Sends the headers. */
  sendHeaders(headers: CallHeaders): void {
    if (this.#isOver) return;
    if (this.#hasSentHeaders) {
      throw new TypeError("Cannot send the headers: they were sent already");
    }
    this.#stream.sendHeaders(writeResponse(headers));
    this.#hasSentHeaders = true;
  }

  /** Sends a message. */
  send(message: OutgoingMessage): Promise<void> {
    if (this.#isOver) return this.#rejectSend();
    if (!this.#hasSentHeaders) this.sendHeaders(NO_HEADERS);
    return this.#stream.send(message);
  }

  /** Ends the call with this status. */
  end(status: Status): void {
    if (!this.#isOver) {
      this.#sendStatus(status);
      this.#isOver = true;
      this.#timer?.[Symbol.dispose]();
      this.#receiver.stop();
      this.#host.callAnswered();
    }
    this.setHandled();
  }

  /** The handler has ended, or was never begun. */
  setHandled(): void {
    if (this.#isHandled) return;
    this.#isHandled = true;
    this.#host.callHandled();
  }

  /** Samples whether the client sends what is waited for. */
  sampleReceived(): void {
    const isWaiting = !this.#isOver && !this.#stream.isRemoteEnded &&
      this.method.mayIdle !== true &&
      (this.#receiver.messages.isWanting || !this.method.requestStream);
    this.#received ??= new Progress();
    if (!this.#received.isStuck(isWaiting ? this.#stream.receivedBytes : undefined)) {
      return;
    }
    this.#fail(limitExceeded("maxIdleTime", this.#host.limits.maxIdleTime), true);
  }

  /** Samples whether the client takes what is sent. */
  sampleSent(): void {
    const isWaiting = this.#stream.isWaiting && !this.#stream.isClosed;
    this.#sent ??= new Progress();
    if (!this.#sent.isStuck(isWaiting ? this.#stream.sentBytes : undefined)) return;
    const error = limitExceeded("maxStallTime", this.#host.limits.maxStallTime);
    if (!this.#isOver) return this.#fail(error, true);
    // It was answered well, but the answer does not get to the client.
    this.#stream.stop(error);
    this.#stream.reset(ErrorCode.ENHANCE_YOUR_CALM);
  }

  /** Trailers say nothing, but have to be well-formed, and the end. */
  onHeaders({ headers }: DecodedHeaders, isEnd: boolean): void {
    const broken = (message: string) =>
      new StreamError(this.#stream.id, ErrorCode.PROTOCOL_ERROR, message);
    if (!isEnd) throw broken("trailers that are not the end");
    try {
      checkRequestTrailers(headers);
    } catch (error) {
      if (error instanceof MalformedError) throw broken(error.message);
      throw error;
    }
  }

  /** Takes bytes of messages. */
  onData(bytes: Uint8Array): void {
    this.#receiver.push(bytes);
  }

  /** Where the next bytes are wanted. */
  dataTarget(most: number): Uint8Array | undefined {
    return this.#receiver.target(most);
  }

  /** Takes bytes that are where they were wanted. */
  onDataRead(bytes: number): void {
    this.#receiver.filled(bytes);
  }

  /**
   * The client has half-closed, unless a RST_STREAM came with it: a call that node:http2
   * cancels seems to be complete before.
   */
  onEnd(): void {
    this.#host.callEnding(this);
  }

  /** All that came with the half-close was handled. */
  endRequests(): void {
    this.#receiver.end();
  }

  /** The client has cancelled. */
  onReset(code: number): void {
    if (code === ErrorCode.CANCEL && this.#isNearDeadline()) {
      return this.#leave(deadlinePassed());
    }
    const reason = code === ErrorCode.CANCEL ? "" : ` (${errorCodeName(code)})`;
    this.#cancel(`The client has cancelled the call${reason}`);
  }

  /** The client has broken a rule. */
  onBroken({ message }: StreamError): void {
    this.#cancel(`The client has broken a rule of HTTP/2: ${message}`);
  }

  /** The connection has ended. */
  onLost({ message }: Error): void {
    this.#cancel(`The client's connection was lost: ${message}`);
  }

  #cancel(message: string): void {
    this.#leave(new StatusError("CANCELLED", message));
  }

  /** The client is not there any more. */
  #leave(error: StatusError): void {
    this.#stream.stop(error);
    this.#fail(error, false);
  }

  #isNearDeadline(): boolean {
    return this.deadline !== undefined &&
      this.deadline.getTime() - Date.now() < NEAR_DEADLINE_MS;
  }

  #onDeadline(): void {
    this.#fail(deadlinePassed(), true);
  }

  /** Ends the call before it was answered; a client that is there is told why. */
  #fail(error: StatusError, isThere: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#timer?.[Symbol.dispose]();
    this.#stream.stop(error);
    if (isThere) {
      const { code, message } = error;
      this.#sendStatus({ code, message, trailers: NO_HEADERS });
    }
    this.#receiver.stop(error);
    this.#abort?.abort(error);
  }

  #sendStatus(status: Status): void {
    if (this.#hasSentHeaders) this.#stream.end(writeTrailers(status));
    else this.#stream.endWithHeaders(writeTrailersOnly(status));
  }

  #rejectSend(): Promise<never> {
    const ended = "Cannot send a message: the call has ended";
    const rejected = Promise.reject(this.#error ?? new StatusError("CANCELLED", ended));
    // A handler that does not look is no reason to end the process.
    rejected.catch(() => {});
    return rejected;
  }
}

function deadlinePassed(): StatusError {
  const message = "Cannot finish the call: its deadline has passed";
  return new StatusError("DEADLINE_EXCEEDED", message);
}
