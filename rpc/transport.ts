/**
 * The seam of calls: what a transport of gRPC calls offers, and what is built on it.
 * A transport moves whole messages as bytes; it knows neither protobuf nor Flight.
 * `wire/` and `grpc_js/` implement it, `flight/` uses it, and each sentence here is
 * tested over every transport in tests/rpc/contract_test.ts.
 *
 * @module
 */
import type { CallHeaders } from "./call_headers.ts";
import type { StatusCode } from "./status.ts";

/** How a call ended. */
export interface Status {
  /** `OK`, or what went wrong. */
  readonly code: StatusCode | "OK";
  /** What went wrong in words; empty when nothing did. */
  readonly message: string;
  /**
   * The headers that follow the last message, `grpc-status-details-bin` among them,
   * without those in which the code and the message stand.
   */
  readonly trailers: CallHeaders;
  /**
   * Whether the client's transport says so itself: there is no connection, the
   * deadline has passed here, `cancel` was called, or the answer is not gRPC's. A
   * status that the server has sent is not local. @default false
   */
  readonly isLocal?: boolean;
}

/** A method as a transport sees it: a path and which sides stream. */
export interface RpcMethod {
  /** Its path in HTTP/2, such as `/arrow.flight.protocol.FlightService/DoGet`. */
  readonly path: string;
  /** Whether the client sends any number of messages, not exactly one. */
  readonly requestStream: boolean;
  /** Whether the server sends any number of messages, not exactly one. */
  readonly responseStream: boolean;
  /** Whether a client may stay silent between messages for as long as it likes. */
  readonly mayIdle?: boolean;
  /**
   * Whether the requests are kept, and taken in memory that several threads could share:
   * large ones may then be in SharedArrayBuffers. @default false
   */
  readonly keepsRequests?: boolean;
}

/** A message to send. Its parts follow each other, and are not changed until it is sent. */
export interface OutgoingMessage {
  /** How many bytes all parts have together. */
  readonly length: number;
  /** The bytes, in pieces, so that they need not be joined. */
  readonly parts: readonly Uint8Array[];
}

/** Where a server is: a host and a port, or the path of a Unix socket. */
export type Address =
  | { readonly hostname: string; readonly port: number }
  | { readonly path: string };

/** A client's certificate, as a server has verified it. */
export interface PeerCertificate {
  /** The subject's common name; undefined when it has none. */
  readonly commonName: string | undefined;
  /** The subject alternative names, such as `DNS:ada.example` or `URI:spiffe://a/b`. */
  readonly alternativeNames: readonly string[];
  /** The SHA-256 fingerprint, as pairs of hexadecimal digits with colons. */
  readonly fingerprint: string;
}

/** A certificate chain and its private key, both as PEM text. */
export interface CertificateAndKey {
  /** The certificate, and those between it and its authority. */
  readonly cert: string;
  /** The private key. */
  readonly key: string;
}

/** How a server speaks TLS. */
export interface ServerTls {
  /**
   * One or more certificates. A client gets the first whose names cover the host that
   * it asks for (SNI), or else the first.
   */
  readonly certificates: readonly CertificateAndKey[];
  /** The authorities of client certificates, as PEM text; without it none is asked for. */
  readonly clientCa?: string;
  /** Whether a client without a certificate is refused. @default true with clientCa */
  readonly requireClientCertificate?: boolean;
}

/** How a client speaks TLS. */
export interface ClientTls {
  /** The authorities to trust, as PEM text. @default those of the system or runtime */
  readonly ca?: string;
  /** The client's own certificate, for servers that ask for one. */
  readonly certificate?: CertificateAndKey;
  /** The name that the server's certificate has to have. @default the hostname */
  readonly serverName?: string;
  /** Accepts any certificate: for tests only. @default false */
  readonly insecureSkipVerify?: boolean;
}

/** The server's half of a call. */
export interface IncomingCall {
  /** The method that is called. */
  readonly method: RpcMethod;
  /** The client's address, such as `127.0.0.1:41234` or `unix:`. */
  readonly peer: string;
  /** The client's certificate; undefined when it has shown none. */
  readonly certificate?: PeerCertificate;
  /** The host and port by which the client reached the server, when it said so. */
  readonly authority?: string;
  /** The headers that the client sent, without those of HTTP/2 and of gRPC itself. */
  readonly headers: CallHeaders;
  /** When the client stops waiting; undefined when it waits on. */
  readonly deadline?: Date;
  /**
   * Aborted with a StatusError when the call ends before `end` was called: CANCELLED
   * when the client cancelled or its connection was lost, DEADLINE_EXCEEDED at the
   * deadline, RESOURCE_EXHAUSTED when a limit is exceeded, INTERNAL when a message is
   * broken. A client that is still there is told the same status by the transport.
   */
  readonly signal: AbortSignal;
  /**
   * The client's messages, whole, in order. The iteration ends only after the client
   * has half-closed; if the call ends before, it throws the signal's reason. For a
   * method without `requestStream` there is exactly one message, or it throws
   * INTERNAL. It is iterated once; no more than one message is read ahead.
   */
  readonly requests: AsyncIterable<Uint8Array>;
  /** Sends the headers; called at most once, before the first message. */
  sendHeaders(headers: CallHeaders): void;
  /**
   * Sends a message, and headers without entries before it if none were sent.
   * Resolves when there is room for the next one. Rejects with the signal's reason
   * when the call has ended.
   */
  send(message: OutgoingMessage): Promise<void>;
  /**
   * Ends the call, after all messages that were sent. Called once, also for a call that
   * has ended already: that has no other effect than that the call no longer counts as
   * running.
   */
  end(status: Status): void;
}

/** What a server accepts. A transport that cannot keep one of them refuses to listen. */
export interface TransportLimits {
  /** The largest message of a call, in bytes. */
  readonly maxMessageBytes: number;
  /** The largest message of a method that takes exactly one, in bytes. */
  readonly maxRequestBytes: number;
  /** The most bytes of partial and unread messages of all calls together. */
  readonly maxArrivingBytes: number;
  /** The most calls that a connection may have under way (MAX_CONCURRENT_STREAMS). */
  readonly maxConnectionCalls: number;
  /** The largest headers of a call, in bytes: names, values, and 32 for each. */
  readonly maxCallHeaderBytes: number;
  /** The most connections at the same time; one more is closed. */
  readonly maxConnections: number;
  /** The most connections from one IP address at the same time; one more is closed. */
  readonly maxPeerConnections: number;
  /** The most calls from one IP address at the same time; one more is refused. */
  readonly maxPeerCalls: number;
  /**
   * How long a client may send nothing while its request is incomplete and the method
   * is not `mayIdle`, in milliseconds; and after how long of silence a connection has
   * to answer a ping, for which it has as long again.
   */
  readonly maxIdleTime: number;
  /** How long a client may take nothing of an answer that waits, in milliseconds. */
  readonly maxStallTime: number;
}

/** A connection that a server has not accepted. */
export interface RefusedConnection {
  /** The client's IP address, or `unix:`. */
  readonly peer: string;
  /** Why it was refused, such as `the client's certificate has expired`. */
  readonly reason: string;
}

/** Where and how a server listens. */
export interface ListenOptions {
  /** A host name or an IP address and a port (0 for any free one), or a Unix socket. */
  readonly address: Address;
  /** How to speak TLS; without it the connections are not encrypted. */
  readonly tls?: ServerTls;
  /** What to accept; what is left out is not limited. */
  readonly limits: Partial<TransportLimits>;
  /**
   * Told of each connection that is refused: for a certificate, a TLS handshake that
   * fails, or a limit. A transport that does not know of them does not tell.
   */
  readonly onRefused?: (refused: RefusedConnection) => void;
}

/** The server's half of a transport. */
export interface ServerTransport {
  /** The limits that it can keep; `listen` refuses all others. */
  readonly limits: readonly (keyof TransportLimits)[];
  /**
   * Listens on every address of the host, and hands each call of these methods to
   * `answer`. A call of another path is answered with UNIMPLEMENTED.
   *
   * @throws {TypeError} when it cannot keep one of the limits, or has no TLS.
   * @throws {Error} when an address cannot be had.
   */
  listen(
    methods: readonly RpcMethod[],
    answer: (call: IncomingCall) => void,
    options: ListenOptions,
  ): Promise<Listening>;
}

/** A server that takes calls until it is closed. */
export interface Listening {
  /** The port; 0 on a Unix socket. */
  readonly port: number;
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
  /** How many connections are open, those that still speak of TLS included. */
  readonly connections: number;
  /**
   * Uses other certificates for new connections, and refuses none meanwhile.
   *
   * @throws {TypeError} when it listens without TLS, or they cannot be used.
   */
  setTls(tls: ServerTls): Promise<void>;
  /**
   * Accepts no new calls, and waits until the running ones have ended and their
   * clients were told.
   */
  drain(): Promise<void>;
  /** Closes every connection; running calls are cancelled. */
  close(): void | Promise<void>;
}

/** How a client makes one call. */
export interface MakeCallOptions {
  /** The headers to send. */
  readonly headers: CallHeaders;
  /** When to stop waiting: the call then ends with DEADLINE_EXCEEDED. */
  readonly deadline?: Date;
}

/** The client's half of a call. It was started already. */
export interface OutgoingCall {
  /**
   * The headers that came, before the first response; empty ones when the call ended
   * without any. It never rejects.
   */
  readonly headers: Promise<CallHeaders>;
  /**
   * The server's messages, whole, in order: all that came before the status, also
   * when it is an error. The iteration never throws; when it ends, `status` is known.
   * It is iterated once. Left early, it cancels the call.
   */
  readonly responses: AsyncIterable<Uint8Array>;
  /**
   * How the call ended; never rejects. It does not wait for the responses to be read.
   * When `requests` throws, the call is cancelled, and this is CANCELLED. For a method
   * without `responseStream` it is INTERNAL when OK came without exactly one message.
   */
  readonly status: Promise<Status>;
  /** Cancels the call: the status is CANCELLED unless it is known already. */
  cancel(): void;
}

/** A client's connection to one address, made when needed and again after a loss. */
export interface Channel {
  /**
   * Starts a call. The requests are read as they can be sent; half-closes after the
   * last one. Never throws: a call that cannot be made has the status UNAVAILABLE.
   */
  call(
    method: RpcMethod,
    requests: AsyncIterable<OutgoingMessage>,
    options: MakeCallOptions,
  ): OutgoingCall;
  /**
   * Connects if need be, and resolves when HTTP/2 is spoken. Tries again until the
   * timeout (in milliseconds; with 0 it tries once), then rejects with a StatusError,
   * UNAVAILABLE, that says why the last attempt failed. Rejects with the signal's
   * reason when that is aborted.
   */
  ready(options: { timeout: number; signal?: AbortSignal }): Promise<void>;
  /** Makes no more calls (they are CANCELLED); closes after those under way. */
  close(): void;
}

/** The client's half of a transport. */
export interface ClientTransport {
  /**
   * A channel to this address. It does not connect yet.
   *
   * @throws {TypeError} when the transport cannot do what `tls` says.
   */
  connect(address: Address, options: { tls?: ClientTls }): Channel;
}
