/**
 * The bytes of a file as a Blob.
 *
 * @module
 */
import type { FileBytes } from "../source/file_bytes.ts";

/** A Blob over bytes that are read when they are asked for. */
export class FileBlob extends Blob {
  readonly #bytes: FileBytes;
  readonly #start: number;
  readonly #end: number;

  /** All of these bytes, or those from `start` to `end`. */
  constructor(bytes: FileBytes, start = 0, end: number = bytes.size) {
    super();
    this.#bytes = bytes;
    this.#start = start;
    this.#end = end;
  }

  override get size(): number {
    return this.#end - this.#start;
  }

  override slice(start = 0, end: number = this.size): Blob {
    const first = Math.min(this.#start + start, this.#end);
    return new FileBlob(this.#bytes, first, Math.min(this.#start + end, this.#end));
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    const bytes = await this.#bytes.read(this.#start, this.size);
    return new Uint8Array(bytes).buffer;
  }
}
