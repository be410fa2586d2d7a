/**
 * A client's connection, and its calls.
 *
 * @module
 */
import { limitExceeded } from "../rpc/limits.ts";
import { CallHeaders } from "../rpc/call_headers.ts";
import { StatusError } from "../rpc/status.ts";
import type {
  IncomingCall,
  RefusedConnection,
  RpcMethod,
  TransportLimits,
} from "../rpc/transport.ts";
import type { ByteBudget } from "./grpc/byte_budget.ts";
import { ErrorCode } from "./http2/error_codes.ts";
import { MalformedError } from "./http2/field_rules.ts";
import type { DecodedHeaders } from "./hpack/hpack_decoder.ts";
import { type CallHost, WireIncomingCall } from "./grpc/incoming_call.ts";
import type { MessageMemory } from "./grpc/message_memory.ts";
import { KeepAlive } from "./http2/keepalive.ts";
import type { PeerCounts } from "./peer_counts.ts";
import { Progress } from "./http2/progress.ts";
import { Refusal } from "./grpc/refusal.ts";
import { readRequest } from "./grpc/request_headers.ts";
import { writeTrailersOnly } from "./grpc/response_headers.ts";
import { Session, type SessionUser } from "./http2/session.ts";
import type { Rests } from "./http2/rests.ts";
import type { Socket, SocketPeer } from "./sockets/socket.ts";
import type { Stream } from "./http2/stream.ts";
import type { Turns } from "./grpc/turns.ts";

/** What a connection shares with the others of its server. */
export interface ServerShared {
  /** The methods by their paths. */
  readonly methods: ReadonlyMap<string, RpcMethod>;
  /** Answers a call. */
  readonly answer: (call: IncomingCall) => void;
  /** What the server accepts. */
  readonly limits: TransportLimits;
  /** Counts the bytes of all calls that are not whole or were not read. */
  readonly arriving: ByteBudget;
  /** Gives memory to messages that are kept. */
  readonly memory: MessageMemory;
  /** Decompresses one message at a time. */
  readonly turns: Turns;
  /** When its connections rest. */
  readonly rests: Rests;
  /** How many calls each address has under way. */
  readonly peerCalls: PeerCounts;
  /** Told of each connection that is refused. */
  readonly onRefused?: (refused: RefusedConnection) => void;
}

/**
 * A client may take at least so long to answer a ping, in milliseconds: it waits behind
 * all that was sent before, on a slow link too.
 */
const MIN_PING_MS = 1000;

const NO_TRAILERS = new CallHeaders();

/** A connection of a server. */
export class ServerConnection implements SessionUser, CallHost {
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
  readonly #shared: ServerShared;
  readonly #session: Session;
  readonly #keepAlive: KeepAlive;
  /** Calls whose client has half-closed, to be told when all that has come was read. */
  #ending: WireIncomingCall[] = [];
  /** Calls whose handler is to begin when all that has come was read. */
  #begun: WireIncomingCall[] = [];
  /** Calls whose handlers have not ended: a reset stream counts as long as its handler runs. */
  #running = 0;
  readonly #progress = new Progress();

  /** The connection over this socket. */
  constructor(socket: Socket, shared: ServerShared) {
    const { limits } = shared;
    this.peer = socket.peer;
    this.limits = limits;
    this.arriving = shared.arriving;
    // To copy to shared memory takes longer than to other memory.
    this.memory = socket.readsDirectly ? shared.memory : undefined;
    this.turns = shared.turns;
    this.#shared = shared;
    this.#session = new Session(socket, this, {
      isServer: true,
      maxHeaderBytes: limits.maxCallHeaderBytes,
      maxStreams: limits.maxConnectionCalls,
      rests: shared.rests,
    });
    this.#keepAlive = new KeepAlive(this.#session, {
      timeout: Math.max(limits.maxIdleTime, MIN_PING_MS),
      lost: () =>
        this.close(new Error("the client does not answer a ping (maxIdleTime)")),
    });
  }

  /** Whether the client has said that it speaks HTTP/2. */
  get isReady(): boolean {
    return this.#session.isReady;
  }

  /** Speaks HTTP/2 until the connection is closed. It never rejects. */
  run(): Promise<void> {
    return this.#session.run();
  }

  /** Takes no new calls, and hangs up after those under way. */
  drain(): void {
    this.#session.drain();
  }

  /** Closes the connection at once. */
  close(reason: Error): void {
    this.#session.close(reason);
  }

  /** The client opens a stream. */
  opened(stream: Stream, headers: DecodedHeaders, isEnd: boolean): void {
    if (
      Math.max(this.#running, this.#session.streams.size - 1) >=
        this.limits.maxConnectionCalls
    ) {
      // The client may not know of the limit yet, and makes the call again later.
      stream.reset(ErrorCode.REFUSED_STREAM);
      return this.#session.budget.reset();
    }
    if (headers.isTooLarge) {
      const error = limitExceeded("maxCallHeaderBytes", this.limits.maxCallHeaderBytes);
      refuse(stream, error);
      return this.#session.budget.reset();
    }
    try {
      this.#accept(stream, headers, isEnd);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      stream.reset(ErrorCode.PROTOCOL_ERROR);
      this.#session.budget.reset();
    }
  }

  /** Ends requests, and begins the calls that have come, unless they were reset meanwhile. */
  passEnd(): void {
    if (this.#ending.length > 0) {
      const ending = this.#ending;
      this.#ending = [];
      for (const call of ending) call.endRequests();
    }
    if (this.#begun.length === 0) return;
    const begun = this.#begun;
    this.#begun = [];
    for (const call of begun) {
      if (call.isCancelled) call.setHandled();
      else this.#shared.answer(call);
    }
  }

  /** Servers open no streams. */
  hasRoom(): void {}

  /** Servers open no streams. */
  leaving(): void {}

  /** The connection is closed. */
  closed(): void {
    this.#keepAlive.stop();
    // What was to begin is over, and its place is free again.
    this.passEnd();
  }

  /** The client has half-closed a call. */
  callEnding(call: WireIncomingCall): void {
    this.#ending.push(call);
  }

  /** A call was answered by its handler: the client means well. */
  callAnswered(): void {
    this.#session.budget.callEnded();
  }

  /** The handler of a call has ended. */
  callHandled(): void {
    this.#running--;
    this.#shared.peerCalls.remove(this.peer.hostname);
  }

  /** Samples which calls wait in vain for their client to send. */
  sampleReceived(): void {
    this.#keepAlive.sample();
    for (const stream of [...this.#session.streams.values()]) {
      if (stream.user instanceof WireIncomingCall) stream.user.sampleReceived();
      else if (stream.user instanceof Refusal) stream.user.answer();
    }
  }

  /** Samples which calls wait in vain for their client to take what is sent. */
  sampleSent(): void {
    for (const stream of [...this.#session.streams.values()]) {
      if (stream.user instanceof WireIncomingCall) stream.user.sampleSent();
    }
    const { writer } = this.#session;
    const isStuck = this.#progress.isStuck(
      writer.isWriting ? writer.writes : undefined,
    );
    if (isStuck) this.close(new Error("the client reads nothing (maxStallTime)"));
  }

  #accept(stream: Stream, { headers }: DecodedHeaders, isEnd: boolean): void {
    const head = readRequest(headers);
    stream.contentLength = head.contentLength;
    if (isEnd && head.contentLength !== undefined && head.contentLength > 0) {
      throw new MalformedError("content-length is wrong, as there is no body");
    }
    if (head.kind === "refused") {
      // A client of gRPC does not wait until its request has ended.
      if (head.body.length === 0) return stream.endWithHeaders(head.answer);
      const refusal = new Refusal(stream, head);
      stream.user = refusal;
      if (isEnd) refusal.onEnd();
      return;
    }
    const method = this.#shared.methods.get(head.path);
    if (method === undefined) return refuse(stream, unknownMethod(head.path));
    const { peerCalls } = this.#shared;
    if (!peerCalls.add(this.peer.hostname)) {
      return refuse(stream, limitExceeded("maxPeerCalls", peerCalls.most));
    }
    this.#running++;
    const call = new WireIncomingCall(stream, method, head, this);
    stream.user = call;
    this.#begun.push(call);
    if (isEnd) call.onEnd();
  }
}

/** Answers a call without a handler. */
function refuse(stream: Stream, { code, message }: StatusError): void {
  stream.endWithHeaders(writeTrailersOnly({ code, message, trailers: NO_TRAILERS }));
}

function unknownMethod(path: string): StatusError {
  const name = JSON.stringify(path.slice(0, 200));
  return new StatusError(
    "UNIMPLEMENTED",
    `Cannot call ${name}: there is no such method`,
  );
}
