/**
 * The client's half of a call, over grpc-js's client interceptors.
 *
 * @module
 */
import {
  type CallOptions,
  type Client,
  InterceptingCall,
  Metadata,
  type NextCall,
} from "@grpc/grpc-js";
import { unlessAborted } from "../base/abort.ts";
import { MAX_TIMER, startTimer } from "../base/timer.ts";
import { CallHeaders } from "../rpc/call_headers.ts";
import { codeToNumber } from "../rpc/status.ts";
import type {
  MakeCallOptions,
  OutgoingCall,
  OutgoingMessage,
  RpcMethod,
  Status,
} from "../rpc/transport.ts";
import { DEADLINE_PASSED, localStatus, readStatus } from "./local_status.ts";
import { MessageStream } from "./message_streams.ts";
import { deserialize, fromMetadata, serialize, toMetadata } from "./metadata.ts";

/**
 * How much is read before the reader asks for it: grpc-js gives the status only after
 * the messages, and drops messages that were not read when the status is an error.
 */
const READ_AHEAD = { maxCount: 1024, maxBytes: 1024 * 1024 };

/** grpc-js's side of a call. */
type GrpcCall = ReturnType<NextCall>;

/** The messages that a call had received when it was cancelled. */
export interface Received {
  /** How many messages. */
  readonly count: number;
  /** How many bytes they have together. */
  readonly bytes: number;
}

/** What {@linkcode MadeCall} is made of. */
export interface MadeCallInit {
  /** grpc-js's client. */
  readonly client: Client;
  /** The server, as messages name it. */
  readonly target: string;
  /** Called once when the call has ended. */
  readonly onEnd: () => void;
  /** Called when it was cancelled after its first message. */
  readonly onCancelled: (received: Received) => void;
}

/** A call that was started. */
export class MadeCall implements OutgoingCall {
  readonly headers: Promise<CallHeaders>;
  readonly responses: AsyncIterable<Uint8Array>;
  readonly status: Promise<Status>;
  readonly #method: RpcMethod;
  readonly #init: MadeCallInit;
  readonly #headers: PromiseWithResolvers<CallHeaders> = Promise.withResolvers();
  readonly #status: PromiseWithResolvers<Status> = Promise.withResolvers();
  readonly #responses: MessageStream;
  /** Aborted when the status is known. */
  readonly #over: AbortController = new AbortController();
  readonly #call: GrpcCall;
  readonly #received = { count: 0, bytes: 0 };
  #timer: Disposable | undefined;

  /** Starts the call. */
  constructor(
    method: RpcMethod,
    requests: AsyncIterable<OutgoingMessage>,
    { headers, deadline }: MakeCallOptions,
    init: MadeCallInit,
  ) {
    this.headers = this.#headers.promise;
    this.status = this.#status.promise;
    this.#method = method;
    this.#init = init;
    this.#responses = new MessageStream(
      READ_AHEAD,
      () => this.#call.startRead(),
      () => this.cancel(),
    );
    this.responses = this.#responses;
    const left = deadline === undefined ? Infinity : deadline.getTime() - Date.now();
    this.#timer = startTimer(
      Math.max(left, 0),
      () => this.#end(localStatus("DEADLINE_EXCEEDED", DEADLINE_PASSED)),
    );
    // grpc-js believes that a deadline beyond its timers has passed.
    this.#call = open(init.client, method, left <= MAX_TIMER ? { deadline } : {});
    this.#call.start(toMetadata(headers), {
      onReceiveMetadata: (metadata) => this.#headers.resolve(fromMetadata(metadata)),
      onReceiveMessage: (message) => this.#receive(message),
      onReceiveStatus: (status) => this.#finish(readStatus(status, init.target)),
    });
    this.#responses.askForMore();
    this.#send(requests);
  }

  cancel(): void {
    this.#end(localStatus("CANCELLED", "The call was cancelled"));
  }

  /** Sends each request once the one before it was sent, and half-closes. */
  async #send(requests: AsyncIterable<OutgoingMessage>): Promise<void> {
    const { signal } = this.#over;
    let iterator: AsyncIterator<OutgoingMessage> | undefined;
    try {
      iterator = requests[Symbol.asyncIterator]();
      while (true) {
        const { done, value } = await unlessAborted(iterator.next(), signal);
        if (done) return this.#call.halfClose();
        const sent = new Promise<void>((resolve) =>
          this.#call.sendMessageWithContext({ callback: () => resolve() }, value)
        );
        await unlessAborted(sent, signal);
      }
    } catch {
      if (!signal.aborted) {
        return this.#end(localStatus("CANCELLED", "The requests of the call failed"));
      }
      // The call is over: nobody can be told if its source fails to close.
      iterator?.return?.().catch(() => {});
    }
  }

  #receive(message: Uint8Array): void {
    this.#received.count++;
    this.#received.bytes += message.length;
    if (!this.#method.responseStream && this.#received.count > 1) {
      return this.#end(this.#notOne("more than one message"));
    }
    this.#responses.receive(message);
  }

  /** Ends the call from this side. */
  #end(status: Status): void {
    if (this.#over.signal.aborted) return;
    this.#finish(status);
    this.#call.cancelWithStatus(codeToNumber(status.code), status.message);
    if (this.#received.count > 0) this.#init.onCancelled(this.#received);
  }

  #finish(status: Status): void {
    if (this.#over.signal.aborted) return;
    this.#timer?.[Symbol.dispose]();
    this.#over.abort();
    const isLacking = status.code === "OK" && !this.#method.responseStream &&
      this.#received.count === 0;
    this.#headers.resolve(new CallHeaders());
    this.#status.resolve(isLacking ? this.#notOne("none") : status);
    this.#responses.end();
    this.#init.onEnd();
  }

  #notOne(count: string): Status {
    return localStatus(
      "INTERNAL",
      `Cannot read the response of ${this.#method.path}: it is one message, and ${count} came`,
    );
  }
}

/** A call that has ended with this status before it was started. */
export function unmadeCall(status: Status): OutgoingCall {
  const responses = new MessageStream(READ_AHEAD, () => {});
  responses.end();
  return {
    headers: Promise.resolve(new CallHeaders()),
    responses,
    status: Promise.resolve(status),
    cancel: () => {},
  };
}

/**
 * Opens a call, and gives what an interceptor drives. The stream that grpc-js makes for
 * the call is never started, as it would read 16 messages ahead.
 */
function open(client: Client, { path }: RpcMethod, options: CallOptions): GrpcCall {
  let opened: GrpcCall | undefined;
  client.makeBidiStreamRequest(path, serialize, deserialize, new Metadata(), {
    ...options,
    interceptors: [(options, nextCall) => {
      opened = nextCall(options);
      return new InterceptingCall(opened, { start: () => {} });
    }],
  });
  return opened!;
}
