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
import type { Http2Server, IncomingHttpHeaders } from "node:http2";
import { type AnyMethod, deserializeWire, serializeWire } from "../proto/service.ts";
import { addressesOf, bindEach } from "./addresses.ts";
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
      const addresses = await addressesOf(options.hostname);
      const port = await bindEach(
        addresses,
        options,
        (address, port) => bind(server, `${formatHost(address)}:${port}`),
      );
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
