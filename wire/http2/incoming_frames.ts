/**
 * What each frame means that comes (RFC 9113, 6), and which of them are errors.
 *
 * @module
 */
import { ErrorCode, errorCodeName } from "./error_codes.ts";
import type { FrameSink } from "./frame_reader.ts";
import {
  ConnectionError,
  FLAG,
  FRAME,
  MAX_STREAM_ID,
  protocolError,
  StreamError,
  writePing,
  writeReset,
  writeSettingsAck,
  writeWindowUpdate,
} from "./frames.ts";
import { readDependency } from "./header_block.ts";
import {
  checkLength,
  dependencyError,
  endRemote,
  IncomingHeaders,
} from "./incoming_headers.ts";
import type { Session } from "./session.ts";
import { OUR_WINDOW } from "./settings.ts";
import type { Stream } from "./stream.ts";
import { ReceiveWindow } from "./windows.ts";

/** How many answers to pings and settings may wait for a peer that does not read. */
const MAX_WAITING_ANSWERS = 1000;
/** SETTINGS and GOAWAY have no more bytes than this. */
const MAX_CONTROL_BYTES = 16 * 1024;
/** The length of those frames that have only one. */
const LENGTHS: { readonly [type: number]: number | undefined } = {
  [FRAME.RST_STREAM]: 4,
  [FRAME.PING]: 8,
  [FRAME.WINDOW_UPDATE]: 4,
};

/** Acts on the frames of one connection. What it throws ends the connection. */
export class IncomingFrames implements FrameSink {
  readonly #session: Session;
  readonly #headers: IncomingHeaders;
  /** The connection's window: the preface has made it as wide as this. */
  readonly #window = new ReceiveWindow(OUR_WINDOW);
  /** The stream of the DATA frame that comes; undefined when it is thrown away. */
  #receiving: Stream | undefined;
  #isLastData = false;
  #waitingAnswers = 0;
  #writesBefore = 0;

  /** What acts on the frames of this session. */
  constructor(session: Session) {
    this.#session = session;
    this.#headers = new IncomingHeaders(session);
  }

  /** All frames that have come were handled. */
  passEnd(): void {
    this.#session.user.passEnd();
  }

  /** Checks a frame before its payload is read. */
  frameHead(type: number, flags: number, stream: number, length: number): boolean {
    const session = this.#session;
    session.received++;
    this.#checkOrder(type, flags, stream);
    if (type > FRAME.CONTINUATION) {
      // Unknown frames are ignored (5.5), but not when there are too many.
      session.budget.idleFrame();
      return false;
    }
    const isOfConnection = type === FRAME.SETTINGS || type === FRAME.PING ||
      type === FRAME.GOAWAY;
    if (type !== FRAME.WINDOW_UPDATE && isOfConnection !== (stream === 0)) {
      throw protocolError(`a frame of type ${type} on stream ${stream}`);
    }
    const expected = LENGTHS[type] ?? length;
    if (length !== expected || type === FRAME.GOAWAY && length < 8) {
      throw sizeError(type, length);
    }
    if (type === FRAME.HEADERS || type === FRAME.CONTINUATION) {
      this.#headers.expect(length);
    } else if (length > MAX_CONTROL_BYTES) {
      throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "a frame is too large");
    }
    return true;
  }

  /** Acts on a frame other than DATA. */
  frame(type: number, flags: number, stream: number, payload: Uint8Array): void {
    const isAck = (flags & FLAG.ACK) !== 0;
    try {
      switch (type) {
        case FRAME.HEADERS:
          return this.#headers.begin(stream, flags, payload);
        case FRAME.CONTINUATION:
          return this.#headers.continue(stream, flags, payload);
        case FRAME.PRIORITY:
          return this.#onPriority(stream, payload);
        case FRAME.RST_STREAM:
          return this.#onReset(stream, readUint32(payload, 0));
        case FRAME.SETTINGS:
          return isAck ? this.#onSettingsAck(payload) : this.#onSettings(payload);
        case FRAME.PUSH_PROMISE:
          // Clients may not push, and servers were told not to (8.4).
          throw protocolError("PUSH_PROMISE");
        case FRAME.PING:
          return isAck ? this.#session.pingAnswered() : this.#onPing(payload);
        case FRAME.GOAWAY:
          return this.#onGoAway(payload);
        case FRAME.WINDOW_UPDATE:
          return this.#onWindowUpdate(stream, readUint32(payload, 0) & MAX_STREAM_ID);
      }
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Checks DATA against both windows and the stream's state (6.1, 6.9). */
  dataBegin(id: number, isLast: boolean, length: number, padding: number): void {
    const session = this.#session;
    session.received++;
    this.#checkOrder(FRAME.DATA, 0, id);
    if (id === 0) throw protocolError("DATA on stream 0");
    if (!this.#window.receive(length)) {
      throw new ConnectionError(ErrorCode.FLOW_CONTROL_ERROR, "more data than allowed");
    }
    // Whether anyone reads it or not: one stream must not block the others.
    const credit = this.#window.take(length);
    if (credit > 0) {
      writeWindowUpdate(session.writer.out, 0, credit);
      session.writer.wake();
    }
    if (length > padding) session.budget.dataMoved(length);
    else if (!isLast) session.budget.idleFrame();
    this.#receiving = undefined;
    this.#isLastData = isLast;
    try {
      this.#receiving = this.#checkData(id, length, padding, isLast);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Gives the stream bytes of its messages. */
  data(bytes: Uint8Array): void {
    this.#session.received += bytes.length;
    const stream = this.#receiving;
    if (stream === undefined || stream.isClosed) return;
    try {
      stream.user.onData(bytes);
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Where the stream wants its next bytes. */
  dataTarget(most: number): Uint8Array | undefined {
    const stream = this.#receiving;
    if (stream === undefined || stream.isClosed) return undefined;
    return stream.user.dataTarget(most);
  }

  /** The stream's bytes are where it wanted them. */
  dataRead(bytes: number): void {
    this.#session.received += bytes;
    const stream = this.#receiving;
    if (stream !== undefined && !stream.isClosed) stream.user.onDataRead(bytes);
  }

  /** Ends the stream, if this was its last frame. */
  dataEnd(): void {
    const stream = this.#receiving;
    this.#receiving = undefined;
    if (stream === undefined || stream.isClosed || !this.#isLastData) return;
    endRemote(stream);
  }

  /** SETTINGS come first (3.4), and a block of headers has only its own frames (6.10). */
  #checkOrder(type: number, flags: number, stream: number): void {
    if (!this.#session.isReady) {
      const isFirst = type === FRAME.SETTINGS && (flags & FLAG.ACK) === 0;
      if (!isFirst) throw protocolError("the first frame is not SETTINGS");
    }
    const inBlock = this.#headers.openBlock;
    const isContinuation = type === FRAME.CONTINUATION;
    if (isContinuation !== (inBlock !== 0) || isContinuation && stream !== inBlock) {
      throw protocolError("CONTINUATION is missing, or out of place");
    }
  }

  #checkData(
    id: number,
    length: number,
    padding: number,
    isLast: boolean,
  ): Stream | undefined {
    const session = this.#session;
    const stream = session.streams.get(id);
    if (stream === undefined) {
      if (this.#session.isIdle(id)) {
        throw protocolError(`DATA on stream ${id}, which is idle`);
      }
      const isExpected = !session.options.isServer || id > session.lastTaken ||
        session.numbers.wasReset(id);
      if (isExpected) return undefined;
      throw new StreamError(id, ErrorCode.STREAM_CLOSED, "DATA on a closed stream");
    }
    if (stream.isRemoteEnded) {
      throw new StreamError(id, ErrorCode.STREAM_CLOSED, "DATA after the end");
    }
    if (!stream.receiveWindow.receive(length)) {
      throw new StreamError(id, ErrorCode.FLOW_CONTROL_ERROR, "more data than allowed");
    }
    stream.receivedBytes += length - padding;
    if (isLast) checkLength(stream);
    if (padding > 0) stream.giveCredit(padding);
    return stream;
  }

  #onPriority(id: number, payload: Uint8Array): void {
    this.#session.budget.idleFrame();
    if (payload.length !== 5) {
      throw new StreamError(id, ErrorCode.FRAME_SIZE_ERROR, "PRIORITY of a wrong size");
    }
    if (readDependency(payload) === id) throw dependencyError(id);
  }

  #onReset(id: number, code: number): void {
    if (this.#session.isIdle(id)) {
      throw protocolError(`RST_STREAM on stream ${id}, which is idle`);
    }
    const { streams, options, budget } = this.#session;
    const stream = streams.get(id);
    if (stream === undefined) return budget.idleFrame();
    if (options.isServer) budget.reset();
    stream.close();
    stream.user.onReset(code);
  }

  #onSettings(payload: Uint8Array): void {
    const session = this.#session;
    const { peerSettings, options, streams, writer } = session;
    session.budget.idleFrame();
    peerSettings.read(payload, { fromServer: !options.isServer });
    for (const stream of streams.values()) {
      if (!stream.sendWindow.setInitial(peerSettings.initialWindowSize)) {
        throw new ConnectionError(
          ErrorCode.FLOW_CONTROL_ERROR,
          "a window is too large",
        );
      }
      stream.resume();
    }
    session.encoder.setMaxTableSize(peerSettings.headerTableSize);
    session.isReady = true;
    this.#countAnswer();
    writeSettingsAck(writer.out);
    writer.wake();
    if (!options.isServer) session.user.hasRoom();
  }

  #onSettingsAck(payload: Uint8Array): void {
    this.#session.budget.idleFrame();
    if (payload.length > 0) throw sizeError(FRAME.SETTINGS, payload.length);
  }

  #onPing(payload: Uint8Array): void {
    const { budget, writer } = this.#session;
    budget.ping();
    this.#countAnswer();
    writePing(writer.out, payload, true);
    writer.wake();
  }

  /** Answers that nobody reads would fill the memory (CVE-2019-9512, CVE-2019-9515). */
  #countAnswer(): void {
    const { writes } = this.#session.writer;
    this.#waitingAnswers = writes === this.#writesBefore ? this.#waitingAnswers + 1 : 1;
    this.#writesBefore = writes;
    if (this.#waitingAnswers <= MAX_WAITING_ANSWERS) return;
    throw new ConnectionError(ErrorCode.ENHANCE_YOUR_CALM, "answers are not read");
  }

  #onGoAway(payload: Uint8Array): void {
    const session = this.#session;
    const last = readUint32(payload, 0) & MAX_STREAM_ID;
    const code = readUint32(payload, 4);
    const debug = new TextDecoder().decode(payload.subarray(8, 8 + 200));
    session.budget.idleFrame();
    session.isLeaving = true;
    const reason = new Error(
      `the peer leaves: ${errorCodeName(code)}${debug === "" ? "" : `: ${debug}`}`,
    );
    if (code !== ErrorCode.NO_ERROR) session.farewell = reason;
    if (!session.options.isServer) {
      for (const stream of [...session.streams.values()]) {
        if (stream.id <= last) continue;
        stream.close();
        stream.user.onLost(reason, true);
      }
      session.user.leaving();
    }
    session.peerLeft();
  }

  #onWindowUpdate(id: number, credit: number): void {
    const session = this.#session;
    session.budget.idleFrame();
    if (id === 0) {
      if (credit === 0) throw protocolError("WINDOW_UPDATE of 0");
      if (!session.sendWindow.widen(credit)) {
        throw new ConnectionError(
          ErrorCode.FLOW_CONTROL_ERROR,
          "the connection's window is too large",
        );
      }
      return session.resumeBlocked();
    }
    if (this.#session.isIdle(id)) {
      throw protocolError(`WINDOW_UPDATE on stream ${id}, which is idle`);
    }
    const stream = session.streams.get(id);
    if (stream === undefined) return;
    if (credit === 0) {
      throw new StreamError(id, ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0");
    }
    if (!stream.sendWindow.widen(credit)) {
      throw new StreamError(id, ErrorCode.FLOW_CONTROL_ERROR, "a window is too large");
    }
    stream.resume();
  }

  /** Resets the stream of an error, which the peer has made us do (CVE-2025-8671). */
  #onError(error: unknown): void {
    if (!(error instanceof StreamError)) throw error;
    const session = this.#session;
    session.budget.reset();
    const stream = session.streams.get(error.stream);
    if (stream === undefined) {
      writeReset(session.writer.out, error.stream, error.code);
      session.numbers.addReset(error.stream);
      session.writer.wake();
      return;
    }
    stream.reset(error.code);
    stream.user.onBroken(error);
  }
}

function readUint32(bytes: Uint8Array, at: number): number {
  return (bytes[at] << 24 | bytes[at + 1] << 16 | bytes[at + 2] << 8 |
    bytes[at + 3]) >>>
    0;
}

function sizeError(type: number, length: number): ConnectionError {
  const message = `a frame of type ${type} with ${length} bytes`;
  return new ConnectionError(ErrorCode.FRAME_SIZE_ERROR, message);
}
