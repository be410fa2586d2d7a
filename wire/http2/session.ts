/**
 * A connection of HTTP/2, of either role: how it begins, carries streams and ends
 * (RFC 9113, 3.4, 5.4, 6.8 and 9.1). What each frame means is in incoming_frames.ts.
 *
 * @module
 */
import { startTimer } from "../../base/timer.ts";
import { ErrorCode } from "./error_codes.ts";
import { FloodBudget } from "./flood_budget.ts";
import { FrameReader } from "./frame_reader.ts";
import { FrameWriter } from "./frame_writer.ts";
import {
  ConnectionError,
  MAX_STREAM_ID,
  PREFACE,
  writeGoAway,
  writePing,
  writeSettings,
  writeWindowUpdate,
} from "./frames.ts";
import type { DecodedHeaders } from "../hpack/hpack_decoder.ts";
import { HpackEncoder } from "../hpack/hpack_encoder.ts";
import type { HeaderField } from "../hpack/hpack_table.ts";
import { IncomingFrames } from "./incoming_frames.ts";
import type { Rests } from "./rests.ts";
import { OUR_MAX_FRAME_SIZE, OUR_WINDOW, PeerSettings, SETTING } from "./settings.ts";
import type { Socket } from "../sockets/socket.ts";
import { Stream, type StreamHost } from "./stream.ts";
import { StreamNumbers } from "./stream_numbers.ts";
import { DEFAULT_WINDOW, SendWindow } from "./windows.ts";

/** Whose side of the connection this is, and what is asked of the peer. */
export interface SessionOptions {
  /** Whether this side is the server. */
  readonly isServer: boolean;
  /** The largest headers of a call, in bytes: names, values, and 32 for each. */
  readonly maxHeaderBytes: number;
  /** How many streams the peer may open at a time; infinite for any number. */
  readonly maxStreams: number;
  /** When the connection rests, together with others. */
  readonly rests: Rests;
}

/** The owner of a session, which is told what concerns more than one stream. */
export interface SessionUser {
  /** The peer opens a stream: gives it its user, or resets it. Servers only. */
  opened(stream: Stream, headers: DecodedHeaders, isEnd: boolean): void;
  /** All frames that have come were handled. */
  passEnd(): void;
  /** There may be room for another stream of ours. Clients only. */
  hasRoom(): void;
  /** The peer takes no new streams any more. Clients only. */
  leaving(): void;
  /** The connection is closed, for this reason. */
  closed(reason: Error): void;
}

/** How long a peer that was told everything may take to hang up, in milliseconds. */
const HANG_UP_MS = 1000;
/** The beginning of what a server of HTTP/1 says. */
const HTTP_1: Uint8Array = new TextEncoder().encode("HTTP/1.");

/** A connection over which frames go both ways. */
export class Session implements StreamHost {
  /** Whose side this is, and what is asked of the peer. */
  readonly options: SessionOptions;
  /** The owner, which is told what concerns more than one stream. */
  readonly user: SessionUser;
  /** What goes out. */
  readonly writer: FrameWriter;
  /** What the peer lets all streams send together. */
  readonly sendWindow: SendWindow = new SendWindow(DEFAULT_WINDOW);
  /** What the peer has announced. */
  readonly peerSettings: PeerSettings = new PeerSettings();
  /** The streams that are not closed, by their numbers. */
  readonly streams: Map<number, Stream> = new Map();
  /** The numbers of the peer's streams, and of those that we have reset. */
  readonly numbers: StreamNumbers = new StreamNumbers();
  /** How many frames that bring nothing the peer may send. */
  readonly budget: FloodBudget = new FloodBudget();
  /** Encodes the headers that go out. */
  readonly encoder: HpackEncoder = new HpackEncoder();
  /** The next stream that we open. */
  nextStream = 1;
  /** The last stream of the peer that is taken; those above are ignored. */
  lastTaken: number = MAX_STREAM_ID;
  /** Why the peer leaves, when it has told an error. */
  farewell: Error | undefined;
  /** Grows with all that comes; it stands still while the peer is silent. */
  received = 0;
  /** Whether the peer's first settings have come. */
  isReady = false;
  /** Whether one of both sides has said that no new streams are taken. */
  isLeaving = false;
  /** Whether the streams are lost, and nothing more is taken. */
  isOver = false;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  /** Streams that wait for the connection's window. */
  #blocked: Stream[] = [];
  #pings: (() => void)[] = [];
  #hasPeerLeft = false;
  #isDraining = false;
  #isHangingUp = false;
  #isClosed = false;
  #failure: Error | undefined;
  #hangUpTimer: Disposable | undefined;

  /** A session over this socket; `run` begins it. */
  constructor(socket: Socket, user: SessionUser, options: SessionOptions) {
    this.#socket = socket;
    this.user = user;
    this.options = options;
    const fail = (error: unknown) => this.close(toError(error));
    this.writer = new FrameWriter(socket, fail, options.rests);
    this.#reader = new FrameReader(socket, new IncomingFrames(this), options.rests);
  }

  /** Whether another stream of ours may be opened. */
  get canOpen(): boolean {
    return this.isReady && !this.isLeaving && !this.isOver &&
      this.streams.size < this.peerSettings.maxConcurrentStreams &&
      this.nextStream <= MAX_STREAM_ID;
  }

  /** Whether neither side has opened this stream yet (RFC 9113, 5.1, "idle"). */
  isIdle(stream: number): boolean {
    const next = this.options.isServer ? this.numbers.last + 1 : this.nextStream;
    return stream % 2 === 0 || stream >= next;
  }

  /** The largest payload of a frame that may be sent. */
  get maxFrameSize(): number {
    return this.peerSettings.maxFrameSize;
  }

  /** Speaks HTTP/2 until the connection is closed. It never rejects. */
  async run(): Promise<void> {
    let reason: Error;
    try {
      this.#writePreface();
      await this.#readPreface();
      await this.#reader.run();
      reason = new Error("the peer has closed the connection");
    } catch (error) {
      reason = toError(error);
    }
    if (reason instanceof ConnectionError) this.#fail(reason);
    reason = this.#failure ?? this.farewell ?? reason;
    this.#loseStreams(reason);
    if (reason instanceof ConnectionError) await this.#readToEnd();
    this.#isClosed = true;
    this.#hangUpTimer?.[Symbol.dispose]();
    this.writer.close();
    this.#socket.close();
    this.user.closed(reason);
  }

  /** Closes the connection at once, for this reason. */
  close(reason: Error): void {
    this.#failure ??= reason;
    this.#socket.close();
  }

  /** Ends the connection, and tells the peer why. */
  #fail(reason: ConnectionError): void {
    if (this.isOver) return;
    this.#failure ??= reason;
    this.#loseStreams(reason);
    writeGoAway(this.writer.out, this.numbers.last, reason.code, reason.message);
    this.writer.wake();
    // A peer that does not read may not learn why.
    this.#closeSoon();
    this.#hangUp();
  }

  /**
   * Takes no new streams, and hangs up when those that there are have ended. Streams
   * that are on their way are still taken (RFC 9113, 6.8).
   */
  drain(): void {
    if (this.#isDraining || this.isOver || this.#isHangingUp) return;
    this.#isDraining = this.isLeaving = true;
    // There are no streams on their way when the preface has not come.
    if (!this.isReady) return this.#leave();
    writeGoAway(this.writer.out, MAX_STREAM_ID, ErrorCode.NO_ERROR, "");
    // A client that does not answer the ping has no streams on their way.
    const timer = startTimer(HANG_UP_MS, () => this.#leave());
    this.#hangUpTimer = timer;
    this.ping(() => {
      timer[Symbol.dispose]();
      this.#leave();
    });
  }

  /** Opens no new streams, and hangs up when those that there are have ended. */
  leave(): void {
    this.isLeaving = true;
    this.#leave();
  }

  /** Sends a ping, and calls back when it is answered. */
  ping(answered: () => void): void {
    this.#pings.push(answered);
    writePing(this.writer.out, new Uint8Array(8), false);
    this.writer.wake();
  }

  /** The peer has answered a ping. */
  pingAnswered(): void {
    // Answers come in the order of the pings; one that nobody waits for says nothing.
    this.#pings.shift()?.();
  }

  /** Opens a stream of ours, whose headers have to be sent next. */
  open(): Stream {
    const stream = this.addStream(this.nextStream);
    this.nextStream += 2;
    return stream;
  }

  /** Adds a stream of either side. */
  addStream(id: number): Stream {
    const stream = new Stream(id, this, {
      sendWindow: this.peerSettings.initialWindowSize,
      receiveWindow: OUR_WINDOW,
    });
    this.streams.set(id, stream);
    return stream;
  }

  /** Encodes headers; their block has to be the next one that is written. */
  encode(fields: readonly HeaderField[]): Uint8Array {
    return this.encoder.encode(fields);
  }

  /** So many bytes of data were sent. */
  dataSent(bytes: number): void {
    this.budget.dataMoved(bytes);
  }

  /** The stream waits for credit of the connection. */
  waitForConnection(stream: Stream): void {
    this.#blocked.push(stream);
  }

  /** The connection's window has become larger. */
  resumeBlocked(): void {
    const blocked = this.#blocked;
    this.#blocked = [];
    for (const stream of blocked) stream.resume();
  }

  /** Our side of a stream has ended: a server that has answered wants no more of it. */
  localEnded(stream: Stream): void {
    // With NO_ERROR, as the answer is whole (RFC 9113, 8.1).
    if (this.options.isServer && !stream.isRemoteEnded) {
      stream.reset(ErrorCode.NO_ERROR);
    }
  }

  /** A stream has ended in both directions, or was reset by us. */
  closed(stream: Stream, isReset: boolean): void {
    this.streams.delete(stream.id);
    if (isReset) this.numbers.addReset(stream.id);
    this.#hangUpWhenDone();
    if (!this.options.isServer) this.user.hasRoom();
  }

  /** The peer has said that it takes no new streams, and those above its last were told. */
  peerLeft(): void {
    this.#hasPeerLeft = true;
    this.#hangUpWhenDone();
  }

  /** Hangs up if one side leaves, and the last stream has ended. */
  #hangUpWhenDone(): void {
    const isLast = this.#hasPeerLeft || this.lastTaken < MAX_STREAM_ID;
    if (isLast && this.streams.size === 0 && !this.isOver) this.#hangUp();
  }

  /** Says that streams above those that were taken are ignored from now on. */
  #leave(): void {
    if (this.isOver || this.lastTaken < MAX_STREAM_ID) return;
    this.lastTaken = this.numbers.last;
    writeGoAway(this.writer.out, this.lastTaken, ErrorCode.NO_ERROR, "");
    this.writer.wake();
    this.#hangUpWhenDone();
  }

  #writePreface(): void {
    const { isServer, maxHeaderBytes, maxStreams } = this.options;
    const { out } = this.writer;
    if (!isServer) out.bytes(PREFACE);
    const settings: [number, number][] = [
      [SETTING.MAX_FRAME_SIZE, OUR_MAX_FRAME_SIZE],
      [SETTING.INITIAL_WINDOW_SIZE, OUR_WINDOW],
      [SETTING.NO_RFC7540_PRIORITIES, 1],
    ];
    if (!isServer) settings.push([SETTING.ENABLE_PUSH, 0]);
    if (maxHeaderBytes < 2 ** 32) {
      settings.push([SETTING.MAX_HEADER_LIST_SIZE, maxHeaderBytes]);
    }
    if (maxStreams < 2 ** 32) {
      settings.push([SETTING.MAX_CONCURRENT_STREAMS, maxStreams]);
    }
    writeSettings(out, settings);
    writeWindowUpdate(out, 0, OUR_WINDOW - DEFAULT_WINDOW);
    this.writer.wake();
  }

  /** Reads a client's preface, or looks whether a server speaks HTTP/1. */
  async #readPreface(): Promise<void> {
    const expected = this.options.isServer ? PREFACE : HTTP_1;
    const differs = (bytes: Uint8Array) =>
      bytes.some((byte, index) => index < expected.length && byte !== expected[index]);
    const first = await this.#reader.first(expected.length, differs);
    const isSame = first.length >= expected.length && !differs(first);
    if (!this.options.isServer) {
      if (isSame) throw new Error("it answers by HTTP/1, and does not speak HTTP/2");
      return;
    }
    if (first.length === 0) throw new Error("the client has said nothing");
    if (!isSame) {
      throw new ConnectionError(ErrorCode.PROTOCOL_ERROR, "this is not HTTP/2");
    }
    this.#reader.skip(expected.length);
  }

  #loseStreams(reason: Error): void {
    if (this.isOver) return;
    this.isOver = this.isLeaving = true;
    this.lastTaken = 0;
    const streams = [...this.streams.values()];
    this.streams.clear();
    for (const stream of streams) {
      stream.isClosed = true;
      stream.user.onLost(reason, false);
    }
  }

  /**
   * Lets what was written arrive: ends our side, and gives the peer time to hang up.
   * To close at once could make its system throw away what it has not read.
   */
  async #hangUp(): Promise<void> {
    if (this.#isHangingUp) return;
    this.#isHangingUp = true;
    try {
      await this.writer.flushed();
      await this.#socket.closeWrite();
      // After it has left a client waits for nothing.
      if (this.options.isServer) this.#closeSoon();
      else this.#socket.close();
    } catch {
      this.#socket.close();
    }
  }

  /** Closes the connection if the peer does not. */
  #closeSoon(): void {
    this.#hangUpTimer?.[Symbol.dispose]();
    if (this.#isClosed) return;
    this.#hangUpTimer = startTimer(HANG_UP_MS, () => this.#socket.close());
  }

  /** Throws away what a peer still sends that was told of an error. */
  async #readToEnd(): Promise<void> {
    const buffer = new Uint8Array(16 * 1024);
    try {
      while (await this.#socket.read(buffer) !== null);
    } catch {
      // It is closed, by the peer or by the timer.
    }
  }
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
