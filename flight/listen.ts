/**
 * A listening gRPC server: addresses, flow control and shutdown.
 *
 * @module
 */
import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedHandleCall,
} from "@grpc/grpc-js";
import { lookup } from "node:dns/promises";
import { createServer } from "node:net";
import type { Http2Server, IncomingHttpHeaders } from "node:http2";
import { type AnyMethod, deserializeWire, serializeWire } from "../proto/service.ts";
import { tuneServerSessions } from "./http2_sessions.ts";
import { formatHost, isLoopback } from "./location.ts";

/** Where to listen, and what to accept. */
export interface ListenOptions {
  /** A host name, or an IP address. */
  readonly hostname: string;
  /** A port, or 0 for any free one. */
  readonly port: number;
  /** The largest message that is accepted, in bytes. */
  readonly maxMessageBytes: number;
}

/** A gRPC server that listens. */
export class Listener {
  /** The port on which it listens. */
  readonly port: number;
  /** Whether only this machine reaches it. */
  readonly loopback: boolean;
  #server: Server;

  private constructor(server: Server, port: number, loopback: boolean) {
    this.#server = server;
    this.port = port;
    this.loopback = loopback;
  }

  /**
   * Listens on every address of the host, and answers these methods.
   *
   * @throws {Error} when an address or the port cannot be had.
   */
  static async open(
    handlers: readonly (readonly [AnyMethod, UntypedHandleCall])[],
    options: ListenOptions,
  ): Promise<Listener> {
    const server = new Server({
      "grpc.max_receive_message_length": options.maxMessageBytes,
      "grpc.max_send_message_length": -1,
      "grpc.enable_channelz": 0,
    });
    server.addService(
      serviceDefinition(handlers.map(([method]) => method)),
      Object.fromEntries(handlers.map(([method, handler]) => [method.name, handler])),
    );
    try {
      const addresses = await resolve(options.hostname);
      const port = await bindAll(server, addresses, options);
      adjust(server);
      return new Listener(server, port, addresses.every(isLoopback));
    } catch (error) {
      server.forceShutdown();
      throw error;
    }
  }

  /** Takes no new calls, and waits until those that run have ended. */
  drain(): Promise<void> {
    return new Promise((resolve, reject) =>
      this.#server.tryShutdown((error) => error ? reject(error) : resolve())
    );
  }

  /** Closes every connection. */
  close(): void {
    this.#server.forceShutdown();
  }
}

function serviceDefinition(methods: readonly AnyMethod[]): ServiceDefinition {
  return Object.fromEntries(methods.map((method) => [method.name, {
    path: method.path,
    requestStream: method.requestStream,
    responseStream: method.responseStream,
    requestSerialize: serializeWire,
    requestDeserialize: deserializeWire,
    responseSerialize: serializeWire,
    responseDeserialize: deserializeWire,
  }]));
}

async function resolve(hostname: string): Promise<string[]> {
  try {
    const found = await lookup(hostname, { all: true });
    return [...new Set(found.map(({ address }) => address))];
  } catch (error) {
    // Another reason, such as a permission that is missing, speaks for itself.
    if (!/ENOTFOUND|EAI_AGAIN/.test(String((error as { code?: string }).code))) {
      throw error;
    }
    throw new Error(`Cannot listen on "${hostname}": there is no such host`, {
      cause: error,
    });
  }
}

/**
 * Binds each address by itself: given a name, grpc-js is content when one of the
 * addresses is free, and a client might reach another server under the same name.
 * An address that this machine lacks (IPv6, often) is passed over.
 */
async function bindAll(
  server: Server,
  addresses: readonly string[],
  { hostname, port }: ListenOptions,
): Promise<number> {
  let bound = port;
  let count = 0;
  for (const address of addresses) {
    const reason = await whyNotFree(address, bound);
    if (reason === "EADDRNOTAVAIL" || reason === "EAFNOSUPPORT") continue;
    if (reason !== undefined) {
      throw new Error(
        `Cannot listen on "${hostname}:${port}": ${REASONS[reason] ?? reason}`,
      );
    }
    bound = await bind(server, `${formatHost(address)}:${bound}`);
    count++;
  }
  if (count === 0) {
    throw new Error(`Cannot listen on "${hostname}": this machine has no such address`);
  }
  return bound;
}

const REASONS: { readonly [code: string]: string } = {
  EADDRINUSE: "the port is in use",
  EACCES: "this user may not use the port",
};

/**
 * The system's code of what keeps us from an address and port. grpc-js says it in
 * words only, after it has printed them to the console, so it is asked first.
 */
function whyNotFree(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once(
      "error",
      (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message),
    );
    probe.listen({ host, port }, () => probe.close(() => resolve(undefined)));
  });
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) =>
    server.bindAsync(
      address,
      ServerCredentials.createInsecure(),
      (error, port) => error ? reject(error) : resolve(port),
    )
  );
}

/** Sets up the HTTP/2 servers, and what they tell grpc-js of a call's headers. */
function adjust(server: Server): void {
  const { http2Servers } = server as unknown as {
    http2Servers: Map<Http2Server, unknown>;
  };
  for (const http2Server of http2Servers.keys()) {
    tuneServerSessions(http2Server);
    http2Server.prependListener(
      "stream",
      (_stream, headers, _flags, rawHeaders: string[]) =>
        separateValues(headers, rawHeaders),
    );
  }
}

/**
 * Makes a header that came several times several values again, which HTTP/2's own
 * interface joins with commas.
 */
function separateValues(headers: IncomingHttpHeaders, rawHeaders: string[]): void {
  const values = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index].toLowerCase(), rawHeaders[index + 1]];
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  for (const [name, several] of values) {
    if (several.length > 1 && !name.startsWith(":")) headers[name] = several;
  }
}
