/**
 * A bucket in memory whose requests can fail, as those of an object store do.
 *
 * @module
 */
import { unlessAborted } from "../../base/abort.ts";
import { FlightError } from "../../mod.ts";
import { failedCondition } from "../../stores/conditions.ts";
import type { StorePutOptions } from "../../stores/store.ts";
import type {
  Bucket,
  ObjectEnd,
  ObjectStat,
  ObjectStream,
  Upload,
} from "../../stores/s3/bucket.ts";

interface StoredObject {
  readonly bytes: Uint8Array;
  readonly etag: string;
}

/** An upload that was begun, and has neither been completed nor aborted. */
interface BegunUpload {
  readonly key: string;
  readonly begun: Date;
  readonly parts: Uint8Array[];
}

/** The bucket. */
export class MemoryBucket implements Bucket {
  readonly objects: Map<string, StoredObject> = new Map();
  readonly uploads: Set<BegunUpload> = new Set();
  /** The requests that were made, such as `put key`. */
  readonly requests: string[] = [];
  /** The most parts that were put at the same time. */
  mostParts = 0;
  /** The parts that came when their upload was gone: a real store may keep them. */
  strayParts = 0;
  /** Called before each request; what it throws, the request throws. */
  before: (request: string) => void | Promise<void> = () => {};
  /** Called when a request has gone well; what it throws, is as if the answer was lost. */
  after: (request: string) => void = () => {};
  /** What the URLs of objects begin with. */
  url = "https://bucket.test";
  /** After so many bytes a stream breaks off. */
  breakAfter = Infinity;
  #count = 0;
  #partsNow = 0;

  async *list(prefix: string): AsyncGenerator<ObjectStat> {
    const keys = [...this.objects.keys()].filter((key) =>
      key.startsWith(prefix) && !key.slice(prefix.length).includes("/")
    );
    for (const key of keys.sort()) {
      const stat = await this.#do(`list ${prefix}`, () => this.#stat(key));
      if (stat !== undefined) yield stat;
    }
  }

  async *folders(prefix: string): AsyncGenerator<string> {
    const found = new Set<string>();
    for (const key of this.objects.keys()) {
      const end = key.startsWith(prefix) ? key.indexOf("/", prefix.length) : -1;
      if (end >= 0) found.add(key.slice(0, end + 1));
    }
    yield* await this.#do(`folders ${prefix}`, () => [...found].sort());
  }

  stat(key: string): Promise<ObjectStat | undefined> {
    return this.#do(`stat ${key}`, () => this.#stat(key));
  }

  readEnd(key: string, length: number): Promise<ObjectEnd | undefined> {
    return this.#do(`readEnd ${key}`, () => {
      const object = this.objects.get(key);
      if (object === undefined) return undefined;
      const { bytes, etag } = object;
      const start = Math.max(0, bytes.length - length);
      return { key, size: bytes.length, etag, bytes: bytes.slice(start) };
    });
  }

  read(
    ...[key, etag, start, end]: Parameters<Bucket["read"]>
  ): Promise<Uint8Array | undefined> {
    return this.#do(`read ${key}`, () => this.#range(key, etag, start, end));
  }

  stream(key: string, start: number, etag?: string): Promise<ObjectStream | undefined> {
    return this.#do(`stream ${key}`, () => {
      const object = this.objects.get(key);
      if (object === undefined || (etag ?? object.etag) !== object.etag) {
        return undefined;
      }
      const body = streamOf(object.bytes.slice(start), this.breakAfter);
      return { etag: object.etag, body };
    });
  }

  put(key: string, bytes: Uint8Array, condition: StorePutOptions): Promise<string> {
    return this.#do(`put ${key}`, () => this.#put(key, bytes.slice(), condition));
  }

  upload(key: string): Promise<Upload> {
    return this.#do(`upload ${key}`, () => {
      const upload: BegunUpload = { key, begun: new Date(), parts: [] };
      this.uploads.add(upload);
      return {
        putPart: (number, bytes, signal) =>
          // A request that is broken off is answered all the same.
          unlessAborted(this.#putPart(upload, number, bytes), signal),
        complete: (condition) =>
          this.#do(`complete ${key}`, () => {
            if (!this.uploads.has(upload)) throw new FlightError("UNAVAILABLE", "gone");
            const whole = Uint8Array.from(upload.parts.flatMap((part) => [...part]));
            const etag = this.#put(key, whole, condition);
            this.uploads.delete(upload);
            return etag;
          }),
        abort: () =>
          this.#do(`abort ${key}`, () => {
            this.uploads.delete(upload);
          }),
      };
    });
  }

  abortUploads(prefix: string, before: Date): Promise<void> {
    return this.#do(`abortUploads ${prefix}`, () => {
      for (const upload of this.uploads) {
        if (upload.key.startsWith(prefix) && upload.begun < before) {
          this.uploads.delete(upload);
        }
      }
    });
  }

  remove(key: string, etag?: string): Promise<boolean> {
    return this.#do(`remove ${key}`, () => {
      if (etag !== undefined && this.objects.get(key)?.etag !== etag) return false;
      this.objects.delete(key);
      return true;
    });
  }

  urlOf(key: string, seconds: number): Promise<string> {
    const path = key.split("/").map(encodeURIComponent).join("/");
    return Promise.resolve(`${this.url}/${path}?seconds=${seconds}`);
  }

  async #do<T>(request: string, answer: () => T): Promise<T> {
    this.requests.push(request);
    await this.before(request);
    const result = answer();
    this.after(request);
    return result;
  }

  async #putPart(upload: BegunUpload, number: number, bytes: Uint8Array) {
    this.mostParts = Math.max(this.mostParts, ++this.#partsNow);
    try {
      await this.#do(`part ${upload.key}`, () => {
        if (!this.uploads.has(upload)) this.strayParts++;
        upload.parts[number - 1] = bytes.slice();
      });
    } finally {
      this.#partsNow--;
    }
  }

  #stat(key: string): ObjectStat | undefined {
    const object = this.objects.get(key);
    return object && { key, size: object.bytes.length, etag: object.etag };
  }

  #range(key: string, etag: string, start: number, end: number) {
    const object = this.objects.get(key);
    return object?.etag === etag ? object.bytes.slice(start, end) : undefined;
  }

  #put(key: string, bytes: Uint8Array, condition: StorePutOptions): string {
    const { replaces } = condition;
    const current = this.objects.get(key)?.etag ?? null;
    if (replaces !== undefined && replaces !== current) {
      throw failedCondition(condition);
    }
    const etag = `"${++this.#count}"`;
    this.objects.set(key, { bytes, etag });
    return etag;
  }
}

function streamOf(bytes: Uint8Array, breakAfter: number): ReadableStream<Uint8Array> {
  let at = 0;
  return new ReadableStream({
    type: "bytes",
    pull(controller) {
      if (at >= breakAfter) return controller.error(new TypeError("broken off"));
      const next = bytes.slice(at, at += Math.min(10_000, breakAfter - at));
      if (next.length > 0) return controller.enqueue(next);
      controller.close();
      controller.byobRequest?.respond(0);
    },
  });
}
