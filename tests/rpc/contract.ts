/**
 * What the cases of the contract of rpc/transport.ts share: a server and a client of
 * any two transports, with both halves of each call in the hands of the case.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import type { StatusCode } from "../../rpc/status.ts";
import type {
  Address,
  Channel,
  ClientTls,
  ClientTransport,
  IncomingCall,
  Listening,
  MakeCallOptions,
  OutgoingCall,
  OutgoingMessage,
  RpcMethod,
  ServerTls,
  ServerTransport,
  Status,
  TransportLimits,
} from "../../rpc/transport.ts";
import { Queue, reasonOf, within } from "../helpers/waiting.ts";

/** Two transports of which one serves and one calls. */
export interface Pair {
  readonly server: ServerTransport;
  readonly client: ClientTransport;
}

/** A sentence of the contract, and how it is tried. */
export interface Case {
  /** The sentence, with the role that has to keep it in front. */
  readonly name: string;
  /** Whether the client may be closed while it dials. @default false */
  readonly dials?: boolean;
  /** Whether it needs connections without TLS, such as to write bytes by hand. */
  readonly isPlain?: boolean;
  /** Fails unless the pair keeps it. */
  run(pair: Pair): Promise<void>;
}

/** The methods that are called. */
export const METHODS = {
  unary: method("Unary", false, false),
  download: method("Download", false, true),
  upload: method("Upload", true, false),
  exchange: method("Exchange", true, true),
  chat: { ...method("Chat", true, true), mayIdle: true },
} as const;

function method(
  name: string,
  requestStream: boolean,
  responseStream: boolean,
): RpcMethod {
  return { path: `/test.Contract/${name}`, requestStream, responseStream };
}

/** The status of a call that ended well. */
export const OK: Status = { code: "OK", message: "", trailers: new CallHeaders() };

/** A status that tells of an error. */
export function failed(code: StatusCode, message = "as it was asked"): Status {
  return { code, message, trailers: new CallHeaders() };
}

/** How a case wants its server and its channel. */
export interface StartOptions {
  readonly address?: Address;
  readonly limits?: Partial<TransportLimits>;
  readonly tls?: ServerTls;
  readonly clientTls?: ClientTls;
}

/** A server that listens, a channel to it, and the calls that have come. */
export class Started implements AsyncDisposable {
  readonly listening: Listening;
  /** Where clients find the server. */
  readonly address: Address;
  readonly channel: Channel;
  /** The calls that have come, in order. */
  readonly incoming: Queue<IncomingCall>;
  readonly #channels: Channel[] = [];
  readonly #client: ClientTransport;

  private constructor(
    listening: Listening,
    address: Address,
    incoming: Queue<IncomingCall>,
    client: ClientTransport,
    tls: ClientTls | undefined,
  ) {
    this.listening = listening;
    this.address = address;
    this.incoming = incoming;
    this.#client = client;
    this.channel = this.connect({ tls });
  }

  /** Starts the server, and connects the channel. */
  static async open(pair: Pair, options: StartOptions = {}): Promise<Started> {
    const { address = { hostname: "127.0.0.1", port: 0 }, limits = {}, tls } = options;
    const incoming = new Queue<IncomingCall>();
    const listening = await pair.server.listen(
      Object.values(METHODS),
      (call) => incoming.push(call),
      { address, limits, tls },
    );
    const { port } = listening;
    const where = "path" in address ? address : { ...address, port };
    return new Started(listening, where, incoming, pair.client, options.clientTls);
  }

  /** Another channel, to the server unless it is to go elsewhere. */
  connect({ address = this.address, tls }: {
    readonly address?: Address;
    readonly tls?: ClientTls;
  } = {}): Channel {
    const channel = this.#client.connect(address, { tls });
    this.#channels.push(channel);
    return channel;
  }

  /** Calls, and gives both halves once the server has its own. */
  async call(
    method: RpcMethod,
    requests: AsyncIterable<OutgoingMessage> = messages(),
    { channel = this.channel, ...options }:
      & Partial<MakeCallOptions>
      & { readonly channel?: Channel } = {},
  ): Promise<{ readonly outgoing: OutgoingCall; readonly incoming: IncomingCall }> {
    const outgoing = channel.call(method, requests, {
      headers: new CallHeaders(),
      ...options,
    });
    const unanswered = outgoing.status.then(({ code, message }) => {
      throw new Error(`The call has ended before it came: ${code} ${message}`);
    });
    return {
      outgoing,
      incoming: await Promise.race([this.incoming.next(), unanswered]),
    };
  }

  /** Sends a message to and fro, by a call of its own. */
  async echo(
    text = "echo",
    options: Partial<MakeCallOptions> & { readonly channel?: Channel } = {},
  ): Promise<void> {
    const { outgoing, incoming } = await this.call(
      METHODS.unary,
      messages(text),
      options,
    );
    for (const request of await collect(incoming.requests)) {
      await incoming.send(message(request));
    }
    incoming.end(OK);
    assertEquals(await texts(outgoing.responses), [text]);
    assertEquals((await outgoing.status).code, "OK");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const channel of this.#channels) channel.close();
    await within(Promise.resolve(this.listening.close()), "the server to close");
  }
}

/** A message of one part. */
export function message(content: string | Uint8Array): OutgoingMessage {
  const bytes = typeof content === "string"
    ? new TextEncoder().encode(content)
    : content;
  return { length: bytes.length, parts: [bytes] };
}

/** These messages, and then the half-close. */
export async function* messages(
  ...contents: (string | Uint8Array)[]
): AsyncGenerator<OutgoingMessage> {
  for (const content of contents) yield message(content);
}

/** Messages that are sent when the case says so. */
export class Outbox implements AsyncIterable<OutgoingMessage> {
  readonly #queue: Queue<OutgoingMessage | undefined> = new Queue();
  /** How many the transport has taken. */
  taken = 0;

  /** Adds messages. */
  send(...contents: (string | Uint8Array)[]): this {
    for (const content of contents) this.#queue.push(message(content));
    return this;
  }

  /** Half-closes after those that were added. */
  end(): this {
    this.#queue.push(undefined);
    return this;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<OutgoingMessage> {
    while (true) {
      // The call may end while nothing is to be sent: there is no limit to this wait.
      const next = await this.#queue.take();
      if (next === undefined) return;
      this.taken++;
      yield next;
    }
  }
}

/** All messages until the end, within the time that a test has for a wait. */
export async function collect(
  stream: AsyncIterable<Uint8Array>,
): Promise<Uint8Array[]> {
  const all: Uint8Array[] = [];
  const read = async () => {
    for await (const bytes of stream) all.push(bytes);
  };
  await within(read(), "the end of a stream");
  return all;
}

/** The same as texts. */
export async function texts(stream: AsyncIterable<Uint8Array>): Promise<string[]> {
  return (await collect(stream)).map((bytes) => new TextDecoder().decode(bytes));
}

/** The reason of a signal that is to be aborted soon. */
export function aborted(signal: AbortSignal): Promise<unknown> {
  return within(reasonOf(signal), "a signal to be aborted");
}

/** The code of the StatusError that the promise is rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<unknown> {
  try {
    await within(promise, "a rejection");
  } catch (error) {
    return codeOf(error);
  }
  return "nothing was thrown";
}

/** The code of a StatusError, or whatever else it is. */
export function codeOf(error: unknown): unknown {
  const { name, code } = error as { name?: unknown; code?: unknown };
  return name === "StatusError" ? code : error;
}

/** The entries of headers that the cases have set. */
export function ownEntries(headers: CallHeaders): [string, string | Uint8Array][] {
  return [...headers].filter(([name]) => name.startsWith("x-"));
}
