/**
 * The client's half of the transport over grpc-js.
 *
 * @module
 */
import {
  type ChannelCredentials,
  Client,
  connectivityState,
  credentials,
} from "@grpc/grpc-js";
import { Buffer } from "node:buffer";
import { isIP } from "node:net";
import { firstOf, unlessAborted } from "../base/abort.ts";
import { startTimer } from "../base/timer.ts";
import { StatusError } from "../rpc/status.ts";
import type {
  Address,
  Channel,
  ClientTls,
  MakeCallOptions,
  OutgoingCall,
  OutgoingMessage,
  RpcMethod,
} from "../rpc/transport.ts";
import { checkAuthorities, checkCertificate } from "./certificates.ts";
import { localStatus, readStatus } from "./local_status.ts";
import type { GrpcJsOptions } from "./options.ts";
import { MadeCall, type Received, unmadeCall } from "./outgoing_call.ts";

/** The largest message that peers in C++ and Java can send, in bytes. */
const MAX_RECEIVED_BYTES = 2 ** 31 - 1;
/** How many bytes a server may send before it has to wait for the client. */
const FLOW_CONTROL_WINDOW = 4 * 1024 * 1024;

/**
 * A channel to this address.
 *
 * @throws {TypeError} when TLS cannot be spoken in this way.
 */
export function connect(
  address: Address,
  tls: ClientTls | undefined,
  options: GrpcJsOptions,
): Channel {
  const target = formatTarget(address);
  const { serverName } = tls ?? {};
  if (tls !== undefined && serverName === undefined) checkName(address);
  const secrets = credentialsOf(tls);
  return new GrpcJsChannel(target, () =>
    new Client(target, secrets, {
      "grpc.max_receive_message_length": MAX_RECEIVED_BYTES,
      "grpc.max_send_message_length": -1,
      "grpc-node.flow_control_window": FLOW_CONTROL_WINDOW,
      "grpc.enable_channelz": 0,
      // A server that is just starting is found soon.
      "grpc.initial_reconnect_backoff_ms": 100,
      "grpc.max_reconnect_backoff_ms": 1000,
      ...serverName === undefined
        ? {}
        : { "grpc.ssl_target_name_override": serverName },
      ...options,
      // Retries would buffer what is sent, and undo the backpressure.
      "grpc.enable_retries": 0,
      "grpc.per_rpc_retry_buffer_size": 0,
      // A channel's sockets are its own, and close with it.
      "grpc.use_local_subchannel_pool": 1,
    }));
}

/** The largest frame that most servers send, in bytes; larger ones are fewer. */
const MAX_FRAME_BYTES = 16 * 1024;
/** HTTP/2 in Deno ends a connection after some more late frames than these. */
const MAX_LATE_FRAMES = 800;
/** How long an attempt to connect may take when it is the only one, in milliseconds. */
const MAX_ATTEMPT_TIME = 10_000;
/** grpc-js pauses a little less than this before it tries again, in milliseconds. */
const MAX_PAUSE = 1500;

/** One client of grpc-js, and the calls that it has under way. */
interface Link {
  readonly client: Client;
  calls: number;
}

/**
 * A channel with one link for new calls. The link is replaced after calls were cancelled
 * while their messages came: HTTP/2 in Deno ends a connection on which about a thousand
 * frames came for streams that were reset, and with it all other calls.
 */
class GrpcJsChannel implements Channel {
  readonly #target: string;
  readonly #open: () => Client;
  #link: Link;
  #lateFrames = 0;
  readonly #closed: AbortController = new AbortController();

  constructor(target: string, open: () => Client) {
    this.#target = target;
    this.#open = open;
    this.#link = { client: open(), calls: 0 };
  }

  call(
    method: RpcMethod,
    requests: AsyncIterable<OutgoingMessage>,
    options: MakeCallOptions,
  ): OutgoingCall {
    if (this.#closed.signal.aborted) {
      return unmadeCall(localStatus("CANCELLED", closed(`call ${method.path}`)));
    }
    const link = this.#link;
    link.calls++;
    return new MadeCall(method, requests, options, {
      client: link.client,
      target: this.#target,
      onEnd: () => {
        link.calls--;
        this.#closeUnused(link);
      },
      onCancelled: (received) => this.#countLateFrames(received),
    });
  }

  async ready(
    { timeout, signal }: { timeout: number; signal?: AbortSignal },
  ): Promise<void> {
    signal?.throwIfAborted();
    // grpc-js pauses after a failure, and does not say when it has failed again.
    const isPausing = this.#state(false) === connectivityState.TRANSIENT_FAILURE;
    const oneAttempt = isPausing ? MAX_PAUSE : MAX_ATTEMPT_TIME;
    const time = new AbortController();
    using _ = startTimer(timeout === 0 ? oneAttempt : timeout, () => time.abort());
    const stop = firstOf(time.signal, this.#closed.signal, signal);
    while (true) {
      const state = this.#state(true);
      if (state === connectivityState.READY) return;
      const isOver = timeout === 0 && !isPausing &&
        state === connectivityState.TRANSIENT_FAILURE;
      if (isOver || time.signal.aborted) throw await this.#lastFailure();
      await unlessAborted(this.#stateChange(state), stop)
        .catch(() => signal?.throwIfAborted());
    }
  }

  close(): void {
    this.#closed.abort();
    this.#closeUnused(this.#link);
  }

  #state(tryToConnect: boolean): connectivityState {
    if (this.#closed.signal.aborted) {
      throw new StatusError("CANCELLED", closed("connect"));
    }
    return this.#link.client.getChannel().getConnectivityState(tryToConnect);
  }

  /** Resolves when the state of the link has changed. It leaves no timer behind. */
  #stateChange(state: connectivityState): Promise<void> {
    return new Promise((resolve) =>
      this.#link.client.getChannel().watchConnectivityState(
        state,
        Infinity,
        () => resolve(),
      )
    );
  }

  /** Why there is no connection: a call that does not wait for one fails with it. */
  #lastFailure(): Promise<StatusError> {
    const nothing = () => Buffer.alloc(0);
    const options = { deadline: Date.now() + 100 };
    return new Promise((resolve) =>
      this.#link.client.makeUnaryRequest(
        "/",
        nothing,
        nothing,
        undefined,
        options,
        (error) => {
          const status = error === null ? undefined : readStatus(error, this.#target);
          const message = status?.code === "UNAVAILABLE"
            ? status.message
            : `Cannot connect to ${this.#target}: it has not answered yet`;
          resolve(new StatusError("UNAVAILABLE", message));
        },
      )
    );
  }

  #countLateFrames({ count, bytes }: Received): void {
    const frame = Math.min(bytes / count, MAX_FRAME_BYTES);
    this.#lateFrames += FLOW_CONTROL_WINDOW / Math.max(frame, 1);
    if (this.#lateFrames < MAX_LATE_FRAMES || this.#closed.signal.aborted) return;
    this.#replaceLink();
  }

  #replaceLink(): void {
    const before = this.#link;
    this.#lateFrames = 0;
    this.#link = { client: this.#open(), calls: 0 };
    this.#closeUnused(before);
  }

  /** Closes a link that takes no new calls and has none under way. */
  #closeUnused(link: Link): void {
    const isUsed = link === this.#link && !this.#closed.signal.aborted;
    if (!isUsed && link.calls === 0) close(link.client);
  }
}

/**
 * Closes a client once it does not connect: grpc-js would go on connecting for ever. A
 * client that is closed in the pause after a failure connects once more.
 */
function close(client: Client): void {
  const { CONNECTING } = connectivityState;
  const channel = client.getChannel();
  if (channel.getConnectivityState(false) !== CONNECTING) return client.close();
  // grpc-js has to finish what it does after a failure.
  const onChange = () => setImmediate(() => close(client));
  channel.watchConnectivityState(CONNECTING, Infinity, onChange);
}

function closed(what: string): string {
  return `Cannot ${what}: the channel was closed`;
}

function formatTarget(address: Address): string {
  if ("path" in address) return `unix:${address.path}`;
  const { hostname, port } = address;
  return `${hostname.includes(":") ? `[${hostname}]` : hostname}:${port}`;
}

/** Checks that there is a name: grpc-js cannot check a certificate by an IP address. */
function checkName(address: Address): void {
  if ("hostname" in address && isIP(address.hostname) === 0) return;
  throw new TypeError(
    `Cannot connect to "${
      formatTarget(address)
    }" with TLS over grpc-js: it needs a name to check the certificate by (serverName)`,
  );
}

function credentialsOf(tls: ClientTls | undefined): ChannelCredentials {
  if (tls === undefined) return credentials.createInsecure();
  const { ca, certificate, insecureSkipVerify = false } = tls;
  // grpc-js would notice only when it connects.
  if (certificate !== undefined) checkCertificate(certificate);
  if (ca !== undefined) checkAuthorities(ca);
  const bytes = (pem: string | undefined) =>
    pem === undefined ? null : Buffer.from(pem);
  return credentials.createSsl(
    bytes(ca),
    bytes(certificate?.key),
    bytes(certificate?.cert),
    { rejectUnauthorized: !insecureSkipVerify },
  );
}
