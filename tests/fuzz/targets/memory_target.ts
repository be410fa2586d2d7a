/**
 * Frames in any order and bytes of any kind for the wire's server and client, over
 * sockets in memory: hundreds of cases while a network has a few.
 *
 * @module
 */
import {
  FRAMES,
  http2Frame,
  literalHeaders,
  PREFACE,
} from "../../helpers/wire/http2_bytes.ts";
import { MemorySocket } from "../../helpers/wire/memory_sockets.ts";
import { FLOODS } from "../calls/http2_floods.ts";
import { conversation, type Side } from "../calls/http2_frames.ts";
import {
  callEcho,
  connectEcho,
  EchoServer,
  METHODS,
  recordTalk,
  talk,
} from "../calls/memory_wire.ts";
import { mutateBytes, type Mutated } from "../mutate_bytes.ts";
import { Random } from "../../helpers/random.ts";
import { readSeeds, type Seed } from "../streams/seeds.ts";
import { checkDuration, Fault, type Outcome, type Target } from "../target.ts";

const MAX_CHANGES = 4;
/** Small pieces of what is said have so many bytes. */
const PIECE_SIZES = [1, 5, 9, 100];
/** How long a case may take, in milliseconds; the limits of the server are far below. */
const MAX_TIME = 4000;
/** The calls that a client makes at once, and how long each may take. */
const CALLS = 4;
const CALL_TIMEOUT = 60;
/** After so many turns of the event loop a handler knows that its call has ended. */
const TURNS = 20;

const SETTINGS = http2Frame({ type: FRAMES.SETTINGS });
const CLIENT: Side = { first: [PREFACE, SETTINGS], head: requestHead, moves: FLOODS };
const SERVER: Side = { first: [SETTINGS], head: responseHead, moves: FLOODS };

/** What is said on a connection. */
interface Said {
  readonly pieces: readonly Uint8Array[];
  /** Whether what comes back is read. */
  readonly isRead: boolean;
  /** Whether it ends with a half-close, and waits for the other side. */
  readonly isHalfClosed: boolean;
}

/** What cases are made from: moves of a side, and what that side has said once. */
interface Material {
  readonly side: Side;
  readonly seeds: readonly Seed[];
  readonly recorded: readonly Uint8Array[];
}

/** Clients that say anything to a server. */
export async function serverMemoryTarget(seed: number): Promise<Target> {
  const { fromClient: recorded } = await recordTalk();
  const material = { side: CLIENT, seeds: readSeeds(), recorded };
  const server = await EchoServer.start();
  return {
    count: Infinity,
    prepare(index) {
      const { result, what } = makeSaid(new Random(seed, "memory", index), material);
      return { describe: () => what, run: () => attackServer(server, result) };
    },
    check: () => talk(server.sockets),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A server that says anything to a client. */
export async function clientMemoryTarget(seed: number): Promise<Target> {
  const { fromServer: recorded } = await recordTalk();
  const material = { side: SERVER, seeds: readSeeds(), recorded };
  return {
    count: Infinity,
    prepare(index) {
      const { result, what } = makeSaid(new Random(seed, "memory", index), material);
      return { describe: () => what, run: () => attackClient(result) };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function makeSaid(random: Random, material: Material): Mutated<Said> {
  const { side, seeds, recorded } = material;
  const said = random.oneIn(2)
    ? changeRecorded(recorded, random)
    : conversation(side, seeds, random, 0);
  const pieces = said.result.map((turn) => "bytes" in turn ? turn.bytes : turn);
  const isRead = !random.oneIn(6);
  const isHalfClosed = random.oneIn(2);
  const size = random.oneIn(3) ? random.pick(PIECE_SIZES) : Infinity;
  const words = [said.what, `${size} bytes at a time`];
  if (!isRead) words.push("what comes back is not read");
  if (isHalfClosed) words.push("half-closed");
  const result = {
    pieces: pieces.flatMap((piece) => cut(piece, size)),
    isRead,
    isHalfClosed,
  };
  return { result, what: words.join("; ") };
}

function changeRecorded(
  recorded: readonly Uint8Array[],
  random: Random,
): Mutated<readonly Uint8Array[]> {
  const words: string[] = [];
  let result = recorded;
  for (let count = random.between(1, MAX_CHANGES); count > 0; count--) {
    const at = random.below(result.length);
    const change = mutateBytes(result[at], random, random.pick(result));
    result = result.with(at, change.result);
    words.push(`piece ${at}: ${change.what}`);
  }
  return { result, what: words.join(", ") };
}

/** Large pieces are cut at their beginning only, where the frames' heads are. */
function cut(piece: Uint8Array, size: number): Uint8Array[] {
  const pieces: Uint8Array[] = [];
  let at = 0;
  for (; at < Math.min(piece.length, 40 * size); at += size) {
    pieces.push(piece.subarray(at, at + size));
  }
  if (at < piece.length) pieces.push(piece.subarray(at));
  return pieces;
}

async function attackServer(server: EchoServer, said: Said): Promise<Outcome> {
  const started = performance.now();
  const endedBefore = server.ended;
  await say(await server.sockets.connect(), said);
  for (let turn = 0; turn < TURNS && server.running > 0; turn++) await nextTurn();
  server.check();
  checkDuration(started, MAX_TIME, "the case");
  return server.ended > endedBefore ? "accepted" : "refused";
}

async function attackClient(said: Said): Promise<Outcome> {
  const started = performance.now();
  const [ours, theirs] = MemorySocket.pair();
  const sockets = [theirs];
  const channel = connectEcho({
    connect() {
      const socket = sockets.pop();
      if (socket !== undefined) return Promise.resolve(socket);
      return Promise.reject(new Error("the server has gone"));
    },
    listen: () => Promise.reject(new Error("there are only clients")),
  });
  const calls = Array.from(
    { length: CALLS },
    (_, index) => callEcho(channel, METHODS[index % METHODS.length], CALL_TIMEOUT),
  );
  const saying = say(ours, said);
  const codes = await Promise.all(calls.map(async ({ headers, responses, status }) => {
    for await (const { length } of responses) {
      if (length > 1_000_000) throw new Fault("a response is larger than it may be");
    }
    await headers;
    return (await status).code;
  }));
  channel.close();
  await saying;
  checkDuration(started, MAX_TIME, "the case");
  return codes.includes("OK") ? "accepted" : "refused";
}

/** Says it all, and waits until the other end is closed. */
async function say(
  socket: MemorySocket,
  { pieces, isRead, isHalfClosed }: Said,
): Promise<void> {
  const reading = isRead ? readAll(socket) : undefined;
  for (const piece of pieces) {
    if (!await tryWrite(socket, piece)) break;
  }
  if (isHalfClosed) await socket.closeWrite();
  else socket.close();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Fault("the other end does not hang up")),
    MAX_TIME,
  );
  try {
    await Promise.race([socket.otherClosed, late.promise]);
  } finally {
    clearTimeout(timer);
    socket.close();
  }
  await reading;
}

/** Writes; gives false when the other end is closed. */
async function tryWrite(socket: MemorySocket, piece: Uint8Array): Promise<boolean> {
  try {
    await socket.write([piece]);
    return true;
  } catch {
    return false;
  }
}

async function readAll(socket: MemorySocket): Promise<void> {
  const target = new Uint8Array(64 * 1024);
  try {
    while (await socket.read(target) !== null);
    await socket.closeWrite();
  } catch {
    // Both ends are closed.
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function requestHead(_: readonly Seed[], random: Random): Uint8Array {
  return literalHeaders({
    ":method": "POST",
    ":scheme": "http",
    ":path": random.pick(METHODS).path,
    "content-type": "application/grpc",
    ...random.oneIn(4) ? { "grpc-timeout": `${random.below(100)}m` } : {},
    ...random.oneIn(4)
      ? { "grpc-encoding": random.pick(["gzip", "deflate", "br"]) }
      : {},
    ...random.oneIn(8) ? { "content-length": `${random.below(100)}` } : {},
  });
}

function responseHead(_: readonly Seed[], random: Random): Uint8Array {
  return literalHeaders({
    ":status": random.oneIn(10) ? random.pick(["103", "503"]) : "200",
    "content-type": random.oneIn(10) ? "text/html" : "application/grpc",
    ...random.oneIn(10) ? { "grpc-encoding": random.pick(["gzip", "br"]) } : {},
    ...random.oneIn(10) ? { "grpc-status": "0" } : {},
  });
}
