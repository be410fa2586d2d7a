/**
 * The wire without a network: a service over sockets in memory, and its client.
 *
 * @module
 */
import { CallHeaders } from "../../../rpc/call_headers.ts";
import { StatusError } from "../../../rpc/status.ts";
import type {
  Channel,
  IncomingCall,
  Listening,
  OutgoingCall,
  OutgoingMessage,
  RpcMethod,
  TransportLimits,
} from "../../../rpc/transport.ts";
import { wireClient } from "../../../wire/client.ts";
import { wireServer } from "../../../wire/server.ts";
import type { Socket, Sockets } from "../../../wire/sockets/socket.ts";
import { MemorySocket, MemorySockets } from "../../helpers/wire/memory_sockets.ts";
import { Fault } from "../target.ts";

/** The methods of the service: all of them send back what they get. */
export const METHODS: readonly RpcMethod[] = [
  { path: "/fuzz.Echo/Unary", requestStream: false, responseStream: false },
  { path: "/fuzz.Echo/Upload", requestStream: true, responseStream: false },
  { path: "/fuzz.Echo/Stream", requestStream: true, responseStream: true },
  { path: "/fuzz.Echo/Chat", requestStream: true, responseStream: true, mayIdle: true },
];
const ADDRESS = { hostname: "memory", port: 1 };
const LIMITS: TransportLimits = {
  maxMessageBytes: 1_000_000,
  maxRequestBytes: 100_000,
  maxArrivingBytes: 2_000_000,
  maxConnectionCalls: 10,
  maxCallHeaderBytes: 4096,
  maxConnections: 20,
  maxPeerConnections: 20,
  maxPeerCalls: 100,
  maxIdleTime: 100,
  maxStallTime: 100,
};
const CALL_TIMEOUT = 5000;
/** The messages of a call that means well. */
const MESSAGES = [new Uint8Array(), new Uint8Array(20).fill(1), new Uint8Array(70_000)];

/** The service, which counts its calls. */
export class EchoServer implements AsyncDisposable {
  /** How its clients connect. */
  readonly sockets: MemorySockets = new MemorySockets();
  /** How many calls have been answered to their end. */
  ended = 0;
  /** How many run. */
  running = 0;
  #failure: unknown;
  #listening: Listening | undefined;

  /** Starts it. */
  static async start(): Promise<EchoServer> {
    const server = new EchoServer();
    const transport = wireServer({ sockets: server.sockets });
    server.#listening = await transport.listen(
      METHODS,
      (call) => void server.#answer(call),
      { address: ADDRESS, limits: LIMITS },
    );
    return server;
  }

  /** Throws unless no call runs any more, and none has failed. */
  check(): void {
    if (this.#failure !== undefined) throw new Fault("a call failed", this.#failure);
    if (this.running > 0) throw new Fault(`${this.running} calls still run`);
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#listening?.close();
  }

  async #answer(call: IncomingCall): Promise<void> {
    this.running++;
    try {
      for await (const message of call.requests) {
        await call.send({ length: message.length, parts: [message] });
        if (!call.method.responseStream) break;
      }
      call.end({ code: "OK", message: "", trailers: new CallHeaders() });
      this.ended++;
    } catch (error) {
      // What a call throws is the client's doing; anything else is a fault.
      if (!(error instanceof StatusError)) this.#failure ??= error;
      const code = error instanceof StatusError ? error.code : "UNKNOWN";
      // A call counts until its handler says that it has ended.
      call.end({ code, message: `${error}`, trailers: new CallHeaders() });
    } finally {
      this.running--;
    }
  }
}

/** A channel over these sockets. */
export function connectEcho(sockets: Sockets): Channel {
  return wireClient({ sockets, maxHeaderBytes: 4096, maxMessageBytes: 1_000_000 })
    .connect(ADDRESS, {});
}

/** Calls a method with messages, and gives how it goes. */
export function callEcho(
  channel: Channel,
  method: RpcMethod,
  timeout: number = CALL_TIMEOUT,
): OutgoingCall {
  const messages = method.requestStream ? MESSAGES : MESSAGES.slice(1, 2);
  return channel.call(method, send(messages), {
    headers: new CallHeaders({ "x-a": "1", "x-b-bin": new Uint8Array(3) }),
    deadline: new Date(Date.now() + timeout),
  });
}

/** Calls each method; throws unless each call gives back what it was sent. */
export async function talk(sockets: Sockets): Promise<void> {
  const channel = connectEcho(sockets);
  try {
    for (const method of METHODS) {
      const call = callEcho(channel, method);
      const responses = await Array.fromAsync(call.responses, ({ length }) => length);
      const { code, message } = await call.status;
      const expected = method.responseStream
        ? MESSAGES.map(({ length }) => length)
        : [method.requestStream ? 0 : 20];
      if (code !== "OK" || responses.join() !== expected.join()) {
        throw new Fault(`${method.path} ended with ${code} ${message}, ${responses}`);
      }
    }
  } finally {
    channel.close();
  }
}

/** What both sides of a connection say, in the pieces in which they write it. */
export interface RecordedTalk {
  readonly fromClient: readonly Uint8Array[];
  readonly fromServer: readonly Uint8Array[];
}

/** The bytes of a connection on which each method is called. */
export async function recordTalk(): Promise<RecordedTalk> {
  await using server = await EchoServer.start();
  const [fromClient, fromServer]: Uint8Array[][] = [[], []];
  const joining: Promise<unknown>[] = [];
  await talk({
    listen: () => Promise.reject(new Error("there are only clients")),
    async connect() {
      const [ours, theirs] = MemorySocket.pair();
      const far = await server.sockets.connect();
      joining.push(copy(theirs, far, fromClient), copy(far, theirs, fromServer));
      return ours;
    },
  });
  await Promise.all(joining);
  return { fromClient, fromServer };
}

async function copy(from: Socket, to: Socket, kept: Uint8Array[]): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let length; (length = await from.read(buffer)) !== null;) {
      kept.push(buffer.slice(0, length));
      await to.write([buffer.subarray(0, length)]);
    }
    await to.closeWrite();
  } catch {
    // One of them is closed, as the client has gone.
    from.close();
    to.close();
  }
}

async function* send(messages: readonly Uint8Array[]): AsyncGenerator<OutgoingMessage> {
  for (const message of messages) yield { length: message.length, parts: [message] };
}
