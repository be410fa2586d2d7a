/**
 * What HTTP/2 sessions need for which grpc-js has no option: wide windows and large
 * frames, few writes to the socket, and limits.
 *
 * @module
 */
import type { Client } from "@grpc/grpc-js";
import {
  type ClientHttp2Session,
  constants,
  type Http2Server,
  type ServerHttp2Session,
} from "node:http2";
import type { Duplex } from "node:stream";
import { clearTimeout, setTimeout } from "node:timers";
import { DenoSocket } from "./deno_socket.ts";
import {
  FLOW_CONTROL_WINDOW,
  MAX_FRAME_BYTES,
  MAX_UNREAD_BYTES,
} from "./flow_control.ts";
import { gatherWrites } from "./gather_writes.ts";
import { guardSession, type SessionHandle } from "./session_handle.ts";

/** What of grpc-js's inner life is touched here; its version is pinned. */
interface ClientInternals {
  getChannel(): {
    internalChannel: {
      subchannelPool: { getOrCreateSubchannel(...args: unknown[]): Subchannel };
    };
  };
}

interface Subchannel {
  connector: {
    readonly session: ClientHttp2Session | null;
    createSession(...args: unknown[]): Promise<unknown>;
    tcpConnect(address: Address, options: object): Promise<Socket>;
  };
}

type Address =
  | { readonly host: string; readonly port: number }
  | { readonly path: string };

type Socket = Duplex & { unref(): unknown };

/** What a client may do on one connection. */
export interface SessionLimits {
  /** The most calls. */
  readonly maxConnectionCalls: number;
  /** The largest headers of a call, in bytes. */
  readonly maxCallHeaderBytes: number;
}

/** Sets up the sessions of a server, each when it begins. */
export function tuneServerSessions(
  http2Server: Http2Server,
  { maxConnectionCalls, maxCallHeaderBytes }: SessionLimits,
): void {
  http2Server.prependListener("connection", (socket: Duplex) => {
    gatherWrites(socket);
    endAfterRefusals(socket);
  });
  http2Server.on("session", (session: ServerHttp2Session) => {
    const handle = guardSession(session);
    if (handle !== undefined) frameAsRead(session, handle);
    session.settings({
      initialWindowSize: FLOW_CONTROL_WINDOW,
      maxFrameSize: MAX_FRAME_BYTES,
      maxConcurrentStreams: maxConnectionCalls,
      maxHeaderListSize: 4 * maxCallHeaderBytes,
    });
    session.setLocalWindowSize(FLOW_CONTROL_WINDOW);
  });
}

/**
 * Sets up the sessions of a client, each when it begins. The client has to have a
 * pool of subchannels of its own.
 */
export function tuneClientSessions(client: Client): void {
  const { subchannelPool } = (client as unknown as ClientInternals).getChannel()
    .internalChannel;
  const known = new WeakSet<Subchannel>();
  const create = subchannelPool.getOrCreateSubchannel.bind(subchannelPool);
  subchannelPool.getOrCreateSubchannel = (...args) => {
    const subchannel = create(...args);
    if (!known.has(subchannel)) tuneConnections(subchannel);
    known.add(subchannel);
    return subchannel;
  };
}

function tuneConnections({ connector }: Subchannel): void {
  const tcpConnect = connector.tcpConnect.bind(connector);
  connector.tcpConnect = async (address, options) => {
    const isProxied = "grpc.http_connect_target" in options;
    const socket = isProxied
      ? await tcpConnect(address, options)
      : new DenoSocket(await dial(address));
    gatherWrites(socket);
    socket.once("finish", () => hangUp(socket));
    return socket;
  };
  const createSession = connector.createSession.bind(connector);
  connector.createSession = (...args) => {
    const created = createSession(...args);
    const { session } = connector;
    if (session !== null) {
      guardSession(session);
      session.settings({ maxFrameSize: MAX_FRAME_BYTES });
    }
    return created;
  };
}

/** How long a server may take to hang up when the client has, in milliseconds. */
const HANG_UP_MS = 1000;

/** Closes a connection that has ended, if the server does not; no process waits for it. */
function hangUp(socket: Socket): void {
  socket.unref();
  const timer = setTimeout(() => socket.destroy(), HANG_UP_MS).unref();
  socket.once("close", () => clearTimeout(timer));
}

function dial(address: Address): Promise<Deno.Conn> {
  return "path" in address
    ? Deno.connect({ transport: "unix", path: address.path })
    : Deno.connect({ hostname: address.host, port: address.port });
}

/**
 * Makes a session frame no more than its client reads. Deno frames all that the
 * client's windows allow, and answers every ping, whether the socket has room or not:
 * a client with wide windows that reads nothing had whole tables copied to memory.
 */
function frameAsRead(session: ServerHttp2Session, handle: SessionHandle): void {
  const { socket } = session;
  const send = handle.sendPending;
  handle.sendPending = () => {
    if (socket.writableLength < MAX_UNREAD_BYTES) send();
  };
  socket.on("drain", () => {
    if (!session.destroyed) handle.sendPending();
  });
}

/** So many calls with headers that are too large are one broken client's. */
const MAX_REFUSALS = 4;

/**
 * Closes a connection whose client has sent headers that unpack to too much several
 * times. Deno refuses them by itself, with the code ENHANCE_YOUR_CALM, and tells
 * nobody; the memory in which they were unpacked is freed long after.
 */
function endAfterRefusals(socket: Duplex): void {
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  let refusals = 0;
  socket.write = (...args: unknown[]) => {
    if (isRefusal(args[0] as Uint8Array) && ++refusals === MAX_REFUSALS) {
      setImmediate(() => socket.destroy());
    }
    return write(...args);
  };
}

/** Whether this is a frame RST_STREAM with the code ENHANCE_YOUR_CALM. */
function isRefusal(frame: Uint8Array): boolean {
  return frame.length === 13 && frame[2] === 4 && frame[3] === 3 &&
    frame[12] === constants.NGHTTP2_ENHANCE_YOUR_CALM;
}
