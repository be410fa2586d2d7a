/**
 * The client's half of a call.
 *
 * @module
 */
import { startTimer } from "../../base/timer.ts";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { type StatusCode, StatusError } from "../../rpc/status.ts";
import type {
  MakeCallOptions,
  OutgoingCall,
  OutgoingMessage,
  RpcMethod,
  Status,
} from "../../rpc/transport.ts";
import type { ByteBudget } from "./byte_budget.ts";
import { ErrorCode, errorCodeName, statusOfReset } from "../http2/error_codes.ts";
import { MalformedError } from "../http2/field_rules.ts";
import { StreamError } from "../http2/frames.ts";
import type { DecodedHeaders } from "../hpack/hpack_decoder.ts";
import { Receiver } from "./receiver.ts";
import { writeRequest } from "./request_headers.ts";
import { RequestSender } from "./request_sender.ts";
import {
  readResponse,
  readTrailers,
  statusWithoutTrailers,
} from "./response_headers.ts";
import type { Session } from "../http2/session.ts";
import type { Stream, StreamUser } from "../http2/stream.ts";
import type { Turns } from "./turns.ts";

/** What a call needs of its channel. */
export interface CallMaker {
  /** The server, as messages name it. */
  readonly name: string;
  /** The host and port of the server, as it wants to read them. */
  readonly authority: string;
  /** Whether TLS is spoken. */
  readonly isSecure: boolean;
  /** The largest message that is taken, in bytes. */
  readonly maxMessageBytes: number;
  /** Counts what has come and was not read. */
  readonly arriving: ByteBudget;
  /** Decompresses one message at a time. */
  readonly turns: Turns;
  /** The server has not begun the call: makes it again. */
  again(call: WireOutgoingCall): void;
  /** A call that waits has ended. */
  onRoom(): void;
}

/**
 * Why a stream sends nothing any more when its call is over, which nobody is told. One
 * for all calls: to make one for each takes a twentieth of a small call's time.
 */
const CALL_IS_OVER = new StatusError("CANCELLED", "The call is over");
/** A call that servers refuse so often fails. */
const MAX_ATTEMPTS = 5;

/** A call, from when it was asked for until its status is known. */
export class WireOutgoingCall implements OutgoingCall, StreamUser {
  /** The method that is called. */
  readonly method: RpcMethod;
  readonly #options: MakeCallOptions;
  readonly #maker: CallMaker;
  readonly #headers: PromiseWithResolvers<CallHeaders> = Promise.withResolvers();
  readonly #status: PromiseWithResolvers<Status> = Promise.withResolvers();
  readonly #requests: RequestSender;
  readonly #receiver: Receiver;
  #timer: Disposable | undefined;
  #stream: Stream | undefined;
  #attempts = 0;
  #hasHead = false;
  #isOver = false;

  /** A call that waits for its stream. */
  constructor(
    method: RpcMethod,
    requests: AsyncIterable<OutgoingMessage>,
    options: MakeCallOptions,
    maker: CallMaker,
  ) {
    this.method = method;
    this.#options = options;
    this.#maker = maker;
    const { maxMessageBytes, arriving, turns } = maker;
    this.#requests = new RequestSender(
      requests,
      method.requestStream,
      (error) => this.#onRequestsError(error),
    );
    this.#receiver = new Receiver({
      isStream: true,
      maxMessages: method.responseStream ? Infinity : 1,
      maxMessageBytes,
      tooLarge: () => tooLarge(method.path, maxMessageBytes),
      arriving,
      turns,
      connection: this,
      fail: (error) => this.fail(error.code, error.message),
      leave: () => this.#leave(),
    });
    const { deadline } = options;
    if (deadline !== undefined) {
      const timeout = Math.max(deadline.getTime() - Date.now(), 0);
      this.#timer = startTimer(timeout, () => this.#onDeadline());
    }
  }

  /** The headers that came. */
  get headers(): Promise<CallHeaders> {
    return this.#headers.promise;
  }

  /** The server's messages. */
  get responses(): AsyncIterable<Uint8Array> {
    return this.#receiver.messages;
  }

  /** How the call ended. */
  get status(): Promise<Status> {
    return this.#status.promise;
  }

  /** Whether the status is known. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Cancels the call. */
  cancel(): void {
    this.fail("CANCELLED", "The call was cancelled");
  }

  /** Ends the call with a status of our own. */
  fail(code: StatusCode, message: string): void {
    if (this.#isOver) return;
    this.#finish({ code, message, trailers: new CallHeaders(), isLocal: true });
    this.#stream?.reset(ErrorCode.CANCEL);
  }

  /** Makes the call over this connection, which has room for it. */
  open(session: Session): void {
    const { headers, deadline } = this.#options;
    const { authority, isSecure } = this.#maker;
    const timeout = deadline === undefined
      ? {}
      : { timeout: Math.max(deadline.getTime() - Date.now(), 1) };
    let fields;
    try {
      const { path } = this.method;
      fields = writeRequest({ path, isSecure, authority, headers, ...timeout });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return this.fail("INTERNAL", error.message);
    }
    const stream = session.open();
    stream.user = this;
    this.#stream = stream;
    this.#receiver.stream = stream;
    this.#attempts++;
    stream.sendHeaders(fields);
    this.#requests.send(stream);
  }

  /** Headers before the first message, or trailers. */
  onHeaders({ headers, isTooLarge }: DecodedHeaders, isEnd: boolean): void {
    if (this.#isOver) return;
    this.#requests.forget();
    const { path } = this.method;
    if (isTooLarge) {
      const message = `Cannot call ${path}: the headers of the answer are too large`;
      return this.fail("RESOURCE_EXHAUSTED", message);
    }
    try {
      if (!this.#hasHead) return this.#onHead(headers, isEnd);
      if (!isEnd) throw new MalformedError("trailers that are not the end");
      this.#finish(this.#check(readTrailers(headers, { path })));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw new StreamError(this.#stream!.id, ErrorCode.PROTOCOL_ERROR, error.message);
    }
  }

  /** Takes bytes of messages. */
  onData(bytes: Uint8Array): void {
    if (this.#mayReceive()) this.#receiver.push(bytes);
  }

  /** Where the next bytes are wanted. */
  dataTarget(most: number): Uint8Array | undefined {
    return this.#isOver || !this.#hasHead ? undefined : this.#receiver.target(most);
  }

  /** Takes bytes that are where they were wanted. */
  onDataRead(bytes: number): void {
    if (this.#mayReceive()) this.#receiver.filled(bytes);
  }

  /** The server has ended the stream. */
  onEnd(): void {
    if (!this.#isOver) this.#finish(statusWithoutTrailers(this.method.path));
    // The requests that are left are not wanted any more.
    this.#stream?.reset(ErrorCode.CANCEL);
  }

  /** The server has reset the stream. */
  onReset(code: number): void {
    if (this.#isOver) return;
    if (code === ErrorCode.REFUSED_STREAM && this.#again()) return;
    // A server may know of the deadline before we do.
    if (code === ErrorCode.CANCEL && this.#isLate()) return this.#onDeadline();
    const message = `Cannot finish the call: ${this.#maker.name} has reset it (${
      errorCodeName(code)
    })`;
    this.fail(statusOfReset(code), message);
  }

  /** The server has broken a rule. */
  onBroken({ message }: StreamError): void {
    const { name } = this.#maker;
    this.fail(
      "INTERNAL",
      `Cannot finish the call: ${name} has broken a rule of HTTP/2: ${message}`,
    );
  }

  /** The connection was lost. */
  onLost({ message }: Error, isRefused: boolean): void {
    if (this.#isOver || isRefused && this.#again()) return;
    const { name } = this.#maker;
    this.fail(
      "UNAVAILABLE",
      `Cannot finish the call: the connection to ${name} was lost: ${message}`,
    );
  }

  #onHead(headers: DecodedHeaders["headers"], isEnd: boolean): void {
    const { path } = this.method;
    const head = readResponse(headers, { path, isEnd });
    if (head.kind === "informational") return;
    if (head.kind === "ended") {
      this.#finish(this.#check(head.status));
      if (!isEnd) this.#stream!.reset(ErrorCode.CANCEL);
      return;
    }
    this.#hasHead = true;
    this.#receiver.encoding = head.encoding;
    this.#stream!.contentLength = head.contentLength;
    this.#headers.resolve(head.headers);
  }

  /** Messages come behind headers; what comes after the status is not wanted. */
  #mayReceive(): boolean {
    if (!this.#hasHead && !this.#isOver) {
      const message = "DATA before HEADERS";
      throw new StreamError(this.#stream!.id, ErrorCode.PROTOCOL_ERROR, message);
    }
    return !this.#isOver;
  }

  /** A call that went well has whole messages, and exactly one if it gives no stream. */
  #check(status: Status): Status {
    if (status.code !== "OK") return status;
    const { path, responseStream } = this.method;
    let wrong;
    if (this.#receiver.isInside) wrong = "ended inside a message";
    else if (!responseStream && this.#receiver.received !== 1) wrong = "has no message";
    else return status;
    const message = `Cannot call ${path}: the answer ${wrong}`;
    return { code: "INTERNAL", message, trailers: status.trailers, isLocal: true };
  }

  /** Makes the call again if the server has not begun it. False when that cannot be. */
  #again(): boolean {
    if (!this.#requests.canRepeat || this.#attempts >= MAX_ATTEMPTS) return false;
    this.#requests.pause();
    this.#stream?.stop(new Error("refused"));
    this.#stream = undefined;
    this.#maker.again(this);
    return true;
  }

  #finish(status: Status): void {
    this.#isOver = true;
    this.#timer?.[Symbol.dispose]();
    this.#requests.stop();
    this.#stream?.stop(CALL_IS_OVER);
    this.#headers.resolve(new CallHeaders());
    this.#receiver.finish();
    if (status.code !== "OK" || this.#receiver.encoding === "identity") {
      this.#status.resolve(status);
    } else this.#status.resolve(this.#checkCompressed(status));
    if (this.#stream === undefined) this.#maker.onRoom();
  }

  /** A call that went well has only messages that can be decompressed. */
  async #checkCompressed(status: Status): Promise<Status> {
    const error = await this.#receiver.checkCompressed();
    if (error === undefined) return status;
    const { code, message } = error;
    return { code, message, trailers: status.trailers, isLocal: true };
  }

  #leave(): void {
    this.cancel();
    this.#receiver.stop();
  }

  #isLate(): boolean {
    const { deadline } = this.#options;
    return deadline !== undefined && deadline.getTime() <= Date.now();
  }

  #onDeadline(): void {
    this.fail("DEADLINE_EXCEEDED", "Cannot finish the call: its deadline has passed");
  }

  #onRequestsError(error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error);
    this.fail("CANCELLED", `The call was cancelled, as its requests failed: ${reason}`);
  }
}

function tooLarge(path: string, most: number): StatusError {
  return new StatusError(
    "RESOURCE_EXHAUSTED",
    `Cannot accept a message of ${path}: it exceeds ${most} bytes`,
  );
}
