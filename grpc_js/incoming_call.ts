/**
 * The server's half of a call, over grpc-js's server interceptors.
 *
 * @module
 */
import type { Metadata, ServerInterceptingCallInterface } from "@grpc/grpc-js";
import { unlessAborted } from "../base/abort.ts";
import { startTimer } from "../base/timer.ts";
import type { CallHeaders } from "../rpc/call_headers.ts";
import { limitExceeded } from "../rpc/limits.ts";
import { codeToNumber, StatusError } from "../rpc/status.ts";
import type {
  IncomingCall,
  OutgoingMessage,
  PeerCertificate,
  RpcMethod,
  Status,
} from "../rpc/transport.ts";
import { MessageStream } from "./message_streams.ts";
import { fromMetadata, toMetadata } from "./metadata.ts";

/** Messages that may be on their way to the client: one sent, and one behind it. */
const MAX_UNSENT = 2;
/** One message is read ahead. */
const READ_AHEAD = { maxCount: 1, maxBytes: Infinity };
/** How much earlier than a deadline its timer may fire, in milliseconds. */
const TIMER_TOLERANCE = 1;

/** What {@linkcode AnsweredCall} is made of. */
export interface AnsweredCallInit {
  /** The method that is called. */
  readonly method: RpcMethod;
  /** The headers that came. */
  readonly metadata: Metadata;
  /** The largest message of a method that takes exactly one, in bytes. */
  readonly maxRequestBytes: number;
}

/** A call that was received. */
export class AnsweredCall implements IncomingCall {
  readonly method: RpcMethod;
  readonly peer: string;
  readonly certificate: PeerCertificate | undefined;
  readonly authority: string | undefined;
  readonly headers: CallHeaders;
  readonly deadline: Date | undefined;
  readonly signal: AbortSignal;
  readonly requests: AsyncIterable<Uint8Array>;
  readonly #call: ServerInterceptingCallInterface;
  readonly #maxRequestBytes: number;
  readonly #abort: AbortController = new AbortController();
  readonly #requests: MessageStream;
  readonly #timer: Disposable | undefined;
  /** Resolves the sends that wait until a message was sent. */
  readonly #senders: (() => void)[] = [];
  #received = 0;
  #unsent = 0;
  #isEnded = false;

  /** The call whose headers have come. */
  constructor(call: ServerInterceptingCallInterface, init: AnsweredCallInit) {
    this.method = init.method;
    this.peer = peerOf(call);
    this.certificate = certificateOf(call);
    // A client may leave it out, although the type says otherwise.
    this.authority = call.getHost() as string | undefined;
    this.headers = fromMetadata(init.metadata);
    this.signal = this.#abort.signal;
    this.#call = call;
    this.#maxRequestBytes = init.maxRequestBytes;
    this.#requests = new MessageStream(READ_AHEAD, () => call.startRead());
    this.requests = this.#requests;
    const deadline = call.getDeadline();
    if (deadline !== Infinity) {
      this.deadline = new Date(deadline);
      this.#timer = startTimer(
        this.deadline.getTime() - Date.now(),
        () => this.#refuse(deadlinePassed()),
      );
    }
    this.#requests.askForMore();
  }

  sendHeaders(headers: CallHeaders): void {
    if (!this.#isEnded) this.#call.sendMetadata(toMetadata(headers));
  }

  async send(message: OutgoingMessage): Promise<void> {
    this.signal.throwIfAborted();
    if (this.#isEnded) throw new TypeError("Cannot send a message: the call was ended");
    this.#unsent++;
    this.#call.sendMessage(message, () => {
      this.#unsent--;
      this.#senders.shift()?.();
    });
    if (this.#unsent < MAX_UNSENT) return;
    // grpc-js does not call back for the messages of a call that was cancelled.
    await unlessAborted(
      new Promise<void>((resolve) => this.#senders.push(resolve)),
      this.signal,
    );
  }

  end(status: Status): void {
    if (this.#isEnded) return;
    this.#finish(new StatusError("CANCELLED", "The call has ended"));
    this.#call.sendStatus({
      code: codeToNumber(status.code),
      // grpc-js cannot encode a lone surrogate.
      details: status.message.toWellFormed(),
      metadata: toMetadata(status.trailers),
    });
  }

  /** Takes a message that came. */
  receive(message: Uint8Array): void {
    this.#received++;
    if (!this.method.requestStream) {
      if (this.#received > 1) {
        return this.#requests.fail(notOne(this.method, "more than one message"));
      }
      if (message.length > this.#maxRequestBytes) {
        return this.#refuse(limitExceeded("maxRequestBytes", this.#maxRequestBytes));
      }
    }
    this.#requests.receive(message);
    // The half-close follows the one message.
    if (!this.method.requestStream) this.#call.startRead();
  }

  /** Records that the client has half-closed, or seems to have. */
  halfClose(): void {
    // grpc-js reports a half-close first when a stream was reset or its connection was
    // lost, and the cancel before the event loop's next turn.
    setImmediate(() => {
      if (this.method.requestStream || this.#received > 0) this.#requests.end();
      else this.#requests.fail(notOne(this.method, "none"));
    });
  }

  /** Records that nothing more can be sent or received. */
  close(): void {
    for (const resume of this.#senders.splice(0)) resume();
    if (this.#isEnded) return;
    const { deadline } = this;
    const isLate = deadline !== undefined &&
      Date.now() >= deadline.getTime() - TIMER_TOLERANCE;
    this.#abandon(
      isLate
        ? deadlinePassed()
        : new StatusError("CANCELLED", "The client cancelled the call, or went away"),
    );
  }

  /** Ends the call for this reason, and tells the client. */
  #refuse(reason: StatusError): void {
    if (this.#isEnded) return;
    this.#abandon(reason);
    this.#call.sendStatus({
      code: codeToNumber(reason.code),
      details: reason.message,
    });
  }

  #abandon(reason: StatusError): void {
    this.#finish(reason);
    this.#abort.abort(reason);
  }

  #finish(reason: StatusError): void {
    this.#isEnded = true;
    this.#timer?.[Symbol.dispose]();
    this.#requests.fail(reason);
  }
}

function deadlinePassed(): StatusError {
  return new StatusError("DEADLINE_EXCEEDED", "The client's deadline has passed");
}

function notOne({ path }: RpcMethod, count: string): StatusError {
  return new StatusError(
    "INTERNAL",
    `Cannot read the request of ${path}: it is one message, and ${count} came`,
  );
}

function peerOf(call: ServerInterceptingCallInterface): string {
  const { remoteAddress, remotePort } = call.getConnectionInfo();
  if (remoteAddress === undefined) return "unix:";
  const host = remoteAddress.includes(":") ? `[${remoteAddress}]` : remoteAddress;
  return `${host}:${remotePort}`;
}

function certificateOf(
  call: ServerInterceptingCallInterface,
): PeerCertificate | undefined {
  const { sslPeerCertificate } = call.getAuthContext();
  // Deno gives an empty object when there is no certificate.
  if (sslPeerCertificate?.fingerprint256 === undefined) return undefined;
  const { subject, subjectaltname, fingerprint256 } = sslPeerCertificate;
  return {
    commonName: [subject.CN].flat()[0],
    alternativeNames: subjectaltname?.split(", ") ?? [],
    fingerprint: fingerprint256,
  };
}
