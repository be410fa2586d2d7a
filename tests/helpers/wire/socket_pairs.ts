/**
 * Both ends of a connection, for tests.
 *
 * @module
 */
import { assert } from "@std/assert";
import type { Address, ClientTls, ServerTls } from "../../../rpc/transport.ts";
import type { Socket, SocketListener, Sockets } from "../../../wire/sockets/socket.ts";

/** How the two ends are connected. */
export interface PairOptions {
  readonly address?: Address;
  readonly serverTls?: ServerTls;
  readonly clientTls?: ClientTls;
}

/** A client's and a server's end, and what listens for them. */
export class SocketPair implements AsyncDisposable {
  readonly client: Socket;
  readonly server: Socket;
  readonly listener: SocketListener;

  private constructor(client: Socket, server: Socket, listener: SocketListener) {
    this.client = client;
    this.server = server;
    this.listener = listener;
  }

  /** Connects two ends. */
  static async open(
    sockets: Sockets,
    { address = LOOPBACK, serverTls, clientTls }: PairOptions = {},
  ): Promise<SocketPair> {
    const opened = Promise.withResolvers<Socket>();
    let count = 0;
    const listener = await sockets.listen(address, { tls: serverTls }, (pending) => {
      if (count++ > 0) return pending.close();
      pending.open().then(opened.resolve, opened.reject);
    });
    const signal = new AbortController().signal;
    const ends = [
      sockets.connect(at(address, listener), { tls: clientTls, signal }),
      opened.promise,
    ];
    try {
      const [client, server] = await Promise.all(ends);
      return new SocketPair(client, server, listener);
    } catch (error) {
      for (const end of await Promise.allSettled(ends)) {
        if (end.status === "fulfilled") end.value.close();
      }
      await listener.close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    this.server.close();
    await this.listener.close();
  }
}

/** Any free port. */
export const LOOPBACK: Address = { hostname: "127.0.0.1", port: 0 };

/** The address at which a listener is reached. */
export function at(address: Address, { port }: SocketListener): Address {
  return "path" in address ? address : { ...address, port };
}

/** Reads until there are so many bytes, or the other end is closed. */
export async function readAll(
  socket: Socket,
  length: number = Infinity,
  piece: number = 64 * 1024,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (let count = 0; count < length;) {
    const target = new Uint8Array(Math.min(piece, length - count));
    const read = await socket.read(target);
    if (read === null) break;
    parts.push(target.subarray(0, read));
    count += read;
  }
  return new Uint8Array(await new Blob(parts as BlobPart[]).arrayBuffer());
}

/** Bytes that differ from each other, and with the seed. */
export function bytesOf(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length);
  for (let at = 0, value = seed; at < length; at++) {
    value = (Math.imul(value, 1664525) + 1013904223) >>> 0;
    bytes[at] = value >>> 24;
  }
  return bytes;
}

/** The most bytes that may be under way: the system's buffers, and a piece each way. */
const MAX_UNDER_WAY = 16 * 1024 * 1024;

/** Checks that what was written is never far ahead of what was read. */
export async function checkBackpressure({ client, server }: SocketPair): Promise<void> {
  const part = bytesOf(256 * 1024);
  let sent = 0;
  let isOver = false;
  const writing = (async () => {
    while (!isOver) {
      await server.write([part]);
      sent += part.length;
    }
    await server.closeWrite();
  })();
  const target = new Uint8Array(32 * 1024);
  let got = 0;
  for (let turn = 0; turn < 300; turn++) {
    got += (await client.read(target))!;
    // The writer has its turn before each small read.
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert(sent - got < MAX_UNDER_WAY, `${sent} bytes were written, ${got} were read`);
  }
  isOver = true;
  while (await client.read(target) !== null);
  await writing;
}
