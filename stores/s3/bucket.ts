/**
 * What the S3 store asks of an object store. The tests have one in memory that fails.
 *
 * @module
 */
import type { StorePutOptions } from "../store.ts";

/** What is told of an object without reading it. */
export interface ObjectStat {
  readonly key: string;
  /** The bytes that it has. */
  readonly size: number;
  /** Another text when the object is another. */
  readonly etag: string;
}

/** The last bytes of an object. */
export interface ObjectEnd extends ObjectStat {
  readonly bytes: Uint8Array;
}

/** The bytes of an object as they come. */
export interface ObjectStream {
  readonly etag: string;
  readonly body: ReadableStream<Uint8Array>;
}

/** An object that is put in parts. */
export interface Upload {
  /** Puts the part of this number; the first is 1. */
  putPart(number: number, bytes: Uint8Array, signal: AbortSignal): Promise<void>;
  /** Makes the parts the object, at once, if the condition holds; gives its etag. */
  complete(condition: StorePutOptions): Promise<string>;
  /** Forgets the parts. */
  abort(): Promise<void>;
}

/**
 * A bucket of an object store. Each method tries again what may go better the next
 * time, and then throws a FlightError, UNAVAILABLE or RESOURCE_EXHAUSTED.
 */
export interface Bucket {
  /** The objects whose keys begin with the prefix and have no `/` after it. */
  list(prefix: string): AsyncIterable<ObjectStat>;
  /** What keys begin with that begin with the prefix, up to the next `/`. */
  folders(prefix: string): AsyncIterable<string>;
  stat(key: string): Promise<ObjectStat | undefined>;
  /** As many bytes at the object's end, or all. */
  readEnd(key: string, length: number): Promise<ObjectEnd | undefined>;
  /** The bytes of this version from `start` to before `end`; undefined when it is gone. */
  read(
    key: string,
    etag: string,
    start: number,
    end: number,
  ): Promise<Uint8Array | undefined>;
  /**
   * The bytes from `start` on as a stream, which may break off: of this version, or of
   * the one that is there; undefined when it is gone.
   */
  stream(
    key: string,
    start: number,
    etag?: string,
  ): Promise<ObjectStream | undefined>;
  /**
   * Puts an object at once, if the condition holds; gives its etag.
   *
   * @throws {FlightError} FAILED_PRECONDITION, when the condition does not hold.
   */
  put(key: string, bytes: Uint8Array, condition: StorePutOptions): Promise<string>;
  /** Begins to put an object in parts. */
  upload(key: string): Promise<Upload>;
  /** Forgets what was begun to be put under the prefix before this, and never ended. */
  abortUploads(prefix: string, before: Date): Promise<void>;
  /** Removes an object; false when it has not this etag. */
  remove(key: string, etag?: string): Promise<boolean>;
  /** A URL under which anybody has the object, for so many seconds. */
  urlOf(key: string, seconds: number): Promise<string>;
}
