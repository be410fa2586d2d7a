/**
 * A stream of HTTP/2, of either role: what it may send, what it may receive, and how
 * it ends (RFC 9113, 5.1).
 *
 * @module
 */
import { FLAG, FRAME, writeHeaders, writeReset, writeWindowUpdate } from "./frames.ts";
import type { FrameWriter, Sender } from "./frame_writer.ts";
import type { HeaderField } from "../hpack/hpack_table.ts";
import type { DecodedHeaders } from "../hpack/hpack_decoder.ts";
import { PREFIX_BYTES } from "../grpc/messages.ts";
import type { OutgoingMessage } from "../../rpc/transport.ts";
import { ReceiveWindow, SendWindow } from "./windows.ts";
import type { StreamError } from "./frames.ts";

/** Small messages are framed at once when there is room, without a queue. */
const MAX_SMALL_BYTES = 16 * 1024;
/** While a stream has no more than this to send, it takes the next message. */
const MAX_QUEUED_BYTES = 64 * 1024;
/** ... and no more pieces than these: tiny messages cost more than their bytes. */
const MAX_QUEUED_PIECES = 256;

const SENT: Promise<void> = Promise.resolve();

/** The call of a stream, which is told what comes. */
export interface StreamUser {
  /** Headers have come: those before the messages, or trailers. */
  onHeaders(headers: DecodedHeaders, isEnd: boolean): void;
  /** Bytes of messages have come; they are valid during the call. */
  onData(bytes: Uint8Array): void;
  /** Where to read the next bytes to; undefined when they are to be given to `onData`. */
  dataTarget(most: number): Uint8Array | undefined;
  /** So many bytes were read to the target. */
  onDataRead(bytes: number): void;
  /** The peer has ended its side, after all that came before. */
  onEnd(): void;
  /** The peer has reset the stream with this code. */
  onReset(code: number): void;
  /** The peer has broken a rule, and the stream was reset. */
  onBroken(error: StreamError): void;
  /** The connection has ended; `isRefused` when the peer has not begun the call. */
  onLost(reason: Error, isRefused: boolean): void;
}

/** What a stream needs of its connection. */
export interface StreamHost {
  /** What goes out. */
  readonly writer: FrameWriter;
  /** What the peer lets all streams send together. */
  readonly sendWindow: SendWindow;
  /** The largest payload of a frame that may be sent. */
  readonly maxFrameSize: number;
  /** Encodes headers; their block has to be the next one that is written. */
  encode(fields: readonly HeaderField[]): Uint8Array;
  /** So many bytes of data were sent. */
  dataSent(bytes: number): void;
  /** The stream waits for credit of the connection. */
  waitForConnection(stream: Stream): void;
  /** Our side of the stream has ended. */
  localEnded(stream: Stream): void;
  /** The stream has ended in both directions, or was reset by us. */
  closed(stream: Stream, isReset: boolean): void;
}

/** A stream, from its first frame to its last. */
export class Stream implements Sender {
  /** Its number. */
  readonly id: number;
  /** The call that it carries. */
  user!: StreamUser;
  /** Whether the peer has sent END_STREAM. */
  isRemoteEnded = false;
  /** Whether we have sent END_STREAM. */
  isLocalEnded = false;
  /** Whether it has ended in both directions, or was reset. */
  isClosed = false;
  /** How many bytes of data are to come; undefined when it was not said (8.1.1). */
  contentLength: number | undefined;
  /** How many bytes of data have come. */
  receivedBytes = 0;
  /** How many bytes of data were sent. */
  sentBytes = 0;
  /** What the peer may send. */
  readonly receiveWindow: ReceiveWindow;
  /** What the peer lets us send. */
  readonly sendWindow: SendWindow;
  readonly #host: StreamHost;
  /** What is to be sent: prefixes and parts of messages. The first one from an offset. */
  #pieces: Uint8Array[] = [];
  #offset = 0;
  #queuedBytes = 0;
  /** What follows the messages: trailers, or none but the end. */
  #ending: readonly HeaderField[] | undefined;
  #isEnqueued = false;
  #stopped: Error | undefined;
  #room: PromiseWithResolvers<void> | undefined;

  /** A stream with windows of these sizes. */
  constructor(
    id: number,
    host: StreamHost,
    { sendWindow, receiveWindow }: {
      readonly sendWindow: number;
      readonly receiveWindow: number;
    },
  ) {
    this.id = id;
    this.#host = host;
    this.sendWindow = new SendWindow(sendWindow);
    this.receiveWindow = new ReceiveWindow(receiveWindow);
  }

  /** How many bytes of messages wait to be sent. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Whether messages, or the end, wait to be sent. */
  get isWaiting(): boolean {
    return this.#queuedBytes > 0 || this.#ending !== undefined;
  }

  /** Sends headers before the first message. */
  sendHeaders(fields: readonly HeaderField[]): void {
    this.#writeHeaders(fields, false);
    this.#host.writer.wake();
  }

  /**
   * Sends a message, with `isLast` the last one. Resolves when there is room for the
   * next; rejects with the reason of `stop`.
   */
  send({ parts, length }: OutgoingMessage, isLast = false): Promise<void> {
    if (this.#stopped !== undefined) return rejected(this.#stopped);
    const total = PREFIX_BYTES + length;
    if (total <= MAX_SMALL_BYTES && this.#canSendNow(total)) {
      this.#sendSmall(parts, length, isLast);
      return SENT;
    }
    this.#pieces.push(prefix(length));
    for (const part of parts) if (part.length > 0) this.#pieces.push(part);
    this.#queuedBytes += total;
    if (isLast) this.#ending = [];
    this.resume();
    if (this.#hasRoom) return SENT;
    if (this.#room === undefined) {
      this.#room = Promise.withResolvers();
      // A call that fails when nobody waits for its room is no reason to end the process.
      this.#room.promise.catch(() => {});
    }
    return this.#room.promise;
  }

  /** Sends bytes that are not a message, and ends our side. */
  sendBody(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#queuedBytes += bytes.length;
    this.#ending = [];
    this.resume();
  }

  /** Ends our side after the messages, with trailers if there are any. */
  end(trailers: readonly HeaderField[] = []): void {
    if (this.isClosed || this.isLocalEnded) return;
    this.#ending = trailers;
    if (this.#queuedBytes === 0) {
      this.#sendEnding();
      this.#host.writer.wake();
    }
  }

  /** Ends our side with headers alone. */
  endWithHeaders(fields: readonly HeaderField[]): void {
    this.#writeHeaders(fields, true);
    this.#host.writer.wake();
    this.#endLocal();
  }

  /** Sends no message any more, not even those that wait; a `send` that waits rejects. */
  stop(reason: Error): void {
    this.#stopped = reason;
    this.#pieces = [];
    this.#queuedBytes = this.#offset = 0;
    this.#ending = undefined;
    this.#room?.reject(reason);
    this.#room = undefined;
  }

  /** Resets the stream. */
  reset(code: number): void {
    if (this.isClosed) return;
    this.isClosed = true;
    writeReset(this.#host.writer.out, this.id, code);
    this.#host.writer.wake();
    this.#host.closed(this, true);
  }

  /** The peer has ended its side. */
  remoteEnded(): void {
    this.isRemoteEnded = true;
    if (this.isLocalEnded) this.close();
  }

  /** The stream is over, and nothing more is sent. */
  close(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#host.closed(this, false);
  }

  /** So many bytes of data were taken: gives the peer credit when it is time. */
  giveCredit(bytes: number): void {
    const credit = this.receiveWindow.take(bytes);
    if (credit === 0 || this.isRemoteEnded || this.isClosed) return;
    writeWindowUpdate(this.#host.writer.out, this.id, credit);
    this.#host.writer.wake();
  }

  /** Sends on what waits, if anything does. */
  resume(): void {
    if (this.#isEnqueued || !this.isWaiting || this.isClosed) return;
    this.#isEnqueued = true;
    this.#host.writer.enqueue(this);
  }

  /** Writes frames with up to so many bytes, as far as the windows allow. */
  sendSome(most: number): boolean {
    this.#isEnqueued = false;
    if (this.isClosed) return false;
    let left = most;
    while (this.#queuedBytes > 0) {
      if (left <= 0) {
        this.#isEnqueued = true;
        return true;
      }
      const sent = this.#sendFrame(left);
      if (sent === 0) return false;
      left -= sent;
    }
    if (this.#ending !== undefined) this.#sendEnding();
    return false;
  }

  /** Whether the next message may be handed over. */
  get #hasRoom(): boolean {
    return this.#queuedBytes <= MAX_QUEUED_BYTES &&
      this.#pieces.length <= MAX_QUEUED_PIECES;
  }

  #canSendNow(total: number): boolean {
    return this.#queuedBytes === 0 && this.#host.writer.hasRoom &&
      total <= this.#host.maxFrameSize && this.sendWindow.usable(total) === total &&
      this.#host.sendWindow.usable(total) === total;
  }

  #sendSmall(parts: readonly Uint8Array[], length: number, isLast: boolean): void {
    const { out } = this.#host.writer;
    const flags = isLast ? FLAG.END_STREAM : 0;
    out.frameHead(PREFIX_BYTES + length, FRAME.DATA, flags, this.id);
    out.uint8(0);
    out.uint32(length);
    for (const part of parts) out.bytes(part);
    this.#used(PREFIX_BYTES + length);
    this.#host.writer.smallSent();
    if (isLast) this.#endLocal();
  }

  /** Sends a frame with up to so many bytes, and gives how many it has. */
  #sendFrame(most: number): number {
    const host = this.#host;
    const wanted = Math.min(this.#queuedBytes, most, host.maxFrameSize);
    const allowed = this.sendWindow.usable(wanted);
    const count = allowed === 0 ? 0 : host.sendWindow.usable(allowed);
    if (count === 0) {
      if (allowed > 0) host.waitForConnection(this);
      return 0;
    }
    const isLast = count === this.#queuedBytes && this.#ending?.length === 0;
    const flags = isLast ? FLAG.END_STREAM : 0;
    host.writer.out.frameHead(count, FRAME.DATA, flags, this.id);
    this.#writePieces(count);
    this.#queuedBytes -= count;
    this.#used(count);
    if (this.#hasRoom) {
      this.#room?.resolve();
      this.#room = undefined;
    }
    if (isLast) {
      this.#ending = undefined;
      this.#endLocal();
    }
    return count;
  }

  #writePieces(count: number): void {
    const { out } = this.#host.writer;
    let done = 0;
    for (let left = count; left > 0;) {
      const piece = this.#pieces[done];
      const available = piece.length - this.#offset;
      if (available <= left) {
        out.bytes(this.#offset === 0 ? piece : piece.subarray(this.#offset));
        this.#offset = 0;
        left -= available;
        done++;
      } else {
        out.bytes(piece.subarray(this.#offset, this.#offset + left));
        this.#offset += left;
        left = 0;
      }
    }
    if (done > 0) this.#pieces.splice(0, done);
  }

  #used(bytes: number): void {
    this.sendWindow.use(bytes);
    this.#host.sendWindow.use(bytes);
    this.sentBytes += bytes;
    this.#host.dataSent(bytes);
  }

  #sendEnding(): void {
    const trailers = this.#ending!;
    this.#ending = undefined;
    if (trailers.length > 0) this.#writeHeaders(trailers, true);
    else {
      this.#host.writer.out.frameHead(0, FRAME.DATA, FLAG.END_STREAM, this.id);
    }
    this.#endLocal();
  }

  #writeHeaders(fields: readonly HeaderField[], endStream: boolean): void {
    const { writer, maxFrameSize } = this.#host;
    const block = this.#host.encode(fields);
    writeHeaders(writer.out, this.id, block, { endStream, maxFrameSize });
  }

  #endLocal(): void {
    this.isLocalEnded = true;
    this.#host.localEnded(this);
    if (this.isRemoteEnded) this.close();
  }
}

/** What stands before a message of so many bytes that is not compressed. */
function prefix(length: number): Uint8Array {
  const bytes = new Uint8Array(PREFIX_BYTES);
  new DataView(bytes.buffer).setUint32(1, length);
  return bytes;
}

function rejected(reason: Error): Promise<never> {
  const promise = Promise.reject(reason);
  // The caller may not look, which is no reason to end the process.
  promise.catch(() => {});
  return promise;
}
