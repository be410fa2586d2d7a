/**
 * The body of a PUT: a table as an Arrow IPC stream.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import { ByteReader, READ_AHEAD } from "../flight/arrow/format/byte_reader.ts";
import {
  type IpcMessage,
  type IpcStreamOptions,
  readIpcStream,
} from "../flight/arrow/format/ipc_stream.ts";
import type { Share } from "../base/shared_limit.ts";

/** A body that is read once. */
export class PutBody implements AsyncDisposable {
  readonly #reader: ByteReader;
  readonly #arriving: Share;
  /** The bytes that have come since the last message was whole. */
  #held = 0;

  /**
   * The body of this request. What has come of a message is counted, apart from what
   * every body may have.
   */
  constructor({ body }: Request, arriving: Share) {
    this.#arriving = arriving;
    this.#reader = new ByteReader(
      body ?? new Uint8Array(0),
      (bytes) => {
        this.#held += bytes;
        arriving.hold(Math.max(this.#held - READ_AHEAD, 0));
      },
    );
  }

  /** The bytes that have come; undefined while nobody waits for more. */
  get progress(): number | undefined {
    return this.#reader.progress;
  }

  /**
   * The table's messages.
   *
   * @throws {FlightError} what `readIpcStream` throws; CANCELLED, when the body breaks
   * off.
   */
  async *messages(options: IpcStreamOptions): AsyncGenerator<IpcMessage> {
    try {
      for await (const message of readIpcStream(this.#reader, options)) {
        this.#held = 0;
        this.#arriving.hold(0);
        yield message;
      }
    } catch (error) {
      if (error instanceof FlightError) throw error;
      throw new FlightError(
        "CANCELLED",
        "The client went away before its body had ended",
        { cause: error },
      );
    }
  }

  /** Takes no more of it. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  /** Takes no more of it, and forgets what has come. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#arriving[Symbol.dispose]();
    await this.cancel();
  }
}
