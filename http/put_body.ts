/**
 * The body of a PUT: a table as an Arrow IPC stream.
 *
 * @module
 */
import { FlightError } from "../flight/errors.ts";
import { ByteReader, READ_AHEAD } from "../flight/arrow/format/byte_reader.ts";
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";
import {
  type IpcStreamOptions,
  readIpcStream,
} from "../flight/arrow/format/ipc_stream.ts";
import type { Share } from "../base/shared_limit.ts";

/** A body that is read once. */
export interface TableBody extends AsyncDisposable {
  /** How many bytes have come; undefined while no more are wanted. */
  readonly progress: number | undefined;
  /** The table's messages. */
  messages(): AsyncGenerator<ArrowMessage>;
  /** Stops reading. */
  cancel(): Promise<void>;
}

/** A body that is an Arrow IPC stream. */
export class PutBody implements TableBody {
  readonly #reader: ByteReader;
  readonly #options: IpcStreamOptions;
  readonly #arriving: Share;
  /** The bytes that have come of the message that is not whole. */
  #partialBytes = 0;

  /**
   * The body of this request. The bytes of a partial message count in the limit, apart
   * from a small number that every body may have.
   */
  constructor(
    { body }: Request,
    options: IpcStreamOptions,
    { arriving, onBytes }: { arriving: Share; onBytes: (bytes: number) => void },
  ) {
    this.#options = options;
    this.#arriving = arriving;
    this.#reader = new ByteReader(
      body ?? new Uint8Array(0),
      (bytes) => {
        this.#partialBytes += bytes;
        onBytes(bytes);
        arriving.hold(Math.max(this.#partialBytes - READ_AHEAD, 0));
      },
    );
  }

  /** How many bytes have come; undefined while no more are wanted. */
  get progress(): number | undefined {
    return this.#reader.progress;
  }

  /**
   * The table's messages.
   *
   * @throws {FlightError} the errors of `readIpcStream`; CANCELLED, when the body breaks
   * off.
   */
  async *messages(): AsyncGenerator<ArrowMessage> {
    try {
      for await (const message of readIpcStream(this.#reader, this.#options)) {
        this.#partialBytes = 0;
        this.#arriving.hold(0);
        yield message;
      }
    } catch (error) {
      if (error instanceof FlightError) throw error;
      throw new FlightError(
        "CANCELLED",
        "The client cancelled the request, or disconnected, before its body had ended",
        { cause: error },
      );
    }
  }

  /** Stops reading. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }

  /** Stops reading, and releases what has come. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#arriving[Symbol.dispose]();
    await this.cancel();
  }
}
