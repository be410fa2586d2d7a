/**
 * Connections of `node:net`, for Node and Bun.
 *
 * @module
 */
import net from "node:net";
import type { Address } from "../../rpc/transport.ts";
import { PartJoiner } from "./join_parts.ts";
import {
  peerAt,
  type PlainListener,
  type PlainSocket,
  type PlainSockets,
} from "./plain_sockets.ts";
import { connectionLost } from "./socket_errors.ts";
import { StreamSocket } from "./stream_socket.ts";

/** The sockets of `node:net`. */
export class NodeSockets implements PlainSockets {
  readonly #joiner: PartJoiner = new PartJoiner();

  /** Listens on one address. */
  listen(
    address: Address,
    accept: (socket: PlainSocket) => void,
  ): Promise<PlainListener> {
    return new Promise((resolve, reject) => {
      const options = { allowHalfOpen: true, noDelay: true };
      const server = net.createServer(options, (socket) => accept(this.#wrap(socket)));
      server.once("error", reject);
      server.listen(optionsOf(address), () => {
        server.off("error", reject);
        // A connection that cannot be accepted is no reason to accept no more.
        server.on("error", () => {});
        const bound = server.address();
        const isHost = bound !== null && typeof bound === "object";
        resolve({
          port: isHost ? bound.port : 0,
          hostname: isHost ? bound.address : undefined,
          close() {
            server.close();
            return Promise.resolve();
          },
        });
      });
    });
  }

  /** Connects to one address. */
  connect(address: Address, signal: AbortSignal): Promise<PlainSocket> {
    return new Promise((resolve, reject) => {
      signal.throwIfAborted();
      const socket = net.connect({
        ...optionsOf(address),
        allowHalfOpen: true,
        noDelay: true,
      });
      const onAbort = () => {
        socket.destroy();
        reject(signal.reason);
      };
      const onError = (error: Error) => {
        signal.removeEventListener("abort", onAbort);
        reject(error);
      };
      signal.addEventListener("abort", onAbort);
      socket.once("error", onError);
      socket.once("connect", () => {
        signal.removeEventListener("abort", onAbort);
        socket.off("error", onError);
        resolve(this.#wrap(socket));
      });
    });
  }

  #wrap(socket: net.Socket): PlainSocket {
    return new StreamSocket(socket, {
      peer: peerAt(socket.remoteAddress, socket.remotePort),
      joiner: this.#joiner,
      readsAhead: false,
      setFlowing: (isFlowing) => void (isFlowing ? socket.resume() : socket.pause()),
      close: () => void socket.destroy(),
      explain: connectionLost,
    });
  }
}

function optionsOf(
  address: Address,
): { path: string } | { host: string; port: number } {
  return "path" in address
    ? { path: address.path }
    : { host: address.hostname, port: address.port };
}
