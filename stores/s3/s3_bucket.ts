/**
 * A bucket of an S3-compatible object store, by the AWS SDK.
 *
 * @module
 */
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  type GetObjectCommandOutput,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type ListObjectsV2CommandOutput,
  paginateListObjectsV2,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";
import { FlightError } from "../../flight/errors.ts";
import { ARROW_STREAM } from "../../flight/client/read_http.ts";
import { failedCondition } from "../conditions.ts";
import type { StorePutOptions } from "../store.ts";
import type { Bucket, ObjectEnd, ObjectStat, ObjectStream, Upload } from "./bucket.ts";
import { asFlightError, isConditionFailed, isMissing } from "./s3_errors.ts";

/** How often a body that breaks off is read anew. */
const MAX_BODIES = 3;
const NOTHING = new Uint8Array(0);
const PUT = "put the table";
const READ = "read the table";

/** A bucket by clients of the AWS SDK. */
export class S3Bucket implements Bucket {
  readonly #client: S3Client;
  readonly #signer: S3Client;
  readonly #bucket: string;

  /** The bucket of this name; `signer` knows where readers of its URLs reach it. */
  constructor(client: S3Client, signer: S3Client, bucket: string) {
    this.#client = client;
    this.#signer = signer;
    this.#bucket = bucket;
  }

  async *list(prefix: string): AsyncGenerator<ObjectStat> {
    for await (const { Contents = [] } of this.#pages(prefix)) {
      for (const { Key: key, Size: size, ETag: etag } of Contents) {
        if (key !== undefined && size !== undefined && etag !== undefined) {
          yield { key, size, etag };
        }
      }
    }
  }

  async *folders(prefix: string): AsyncGenerator<string> {
    for await (const { CommonPrefixes = [] } of this.#pages(prefix)) {
      for (const { Prefix } of CommonPrefixes) if (Prefix !== undefined) yield Prefix;
    }
  }

  async stat(key: string): Promise<ObjectStat | undefined> {
    const command = new HeadObjectCommand({ Bucket: this.#bucket, Key: key });
    try {
      const { ContentLength: size = 0, ETag: etag = "" } = await this.#client.send(
        command,
      );
      return { key, size, etag };
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw asFlightError("look for the table", error);
    }
  }

  async readEnd(key: string, length: number): Promise<ObjectEnd | undefined> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Range: `bytes=-${length}`,
    });
    try {
      return await this.#getWhole(
        command,
        ({ ETag: etag = "", ContentRange }, bytes) => {
          const total = /\/(\d+)$/.exec(ContentRange ?? "")?.[1];
          return { key, etag, bytes, size: Number(total ?? bytes.length) };
        },
      );
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw asFlightError(READ, error);
    }
  }

  async read(
    key: string,
    etag: string,
    start: number,
    end: number,
  ): Promise<Uint8Array | undefined> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Range: `bytes=${start}-${end - 1}`,
      IfMatch: etag,
    });
    try {
      return await this.#getWhole(command, (_, bytes) => bytes);
    } catch (error) {
      if (isMissing(error) || isConditionFailed(error)) return undefined;
      throw asFlightError(READ, error);
    }
  }

  async stream(
    key: string,
    start: number,
    etag?: string,
  ): Promise<ObjectStream | undefined> {
    const command = new GetObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Range: `bytes=${start}-`,
      IfMatch: etag,
    });
    try {
      const { Body, ETag = "" } = await this.#client.send(command);
      return Body && { etag: ETag, body: Body.transformToWebStream() };
    } catch (error) {
      if (isMissing(error) || isConditionFailed(error)) return undefined;
      throw asFlightError(READ, error);
    }
  }

  async put(
    key: string,
    bytes: Uint8Array,
    condition: StorePutOptions,
  ): Promise<string> {
    const command = new PutObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      Body: bytes,
      ContentType: ARROW_STREAM,
      ...headersOf(condition),
    });
    try {
      const { ETag: etag = "" } = await this.#client.send(command);
      return etag;
    } catch (error) {
      throw putError(error, condition);
    }
  }

  async upload(key: string): Promise<Upload> {
    const object = { Bucket: this.#bucket, Key: key };
    const command = new CreateMultipartUploadCommand({
      ...object,
      ContentType: ARROW_STREAM,
    });
    try {
      const { UploadId } = await this.#client.send(command);
      return new S3Upload(this.#client, { ...object, UploadId });
    } catch (error) {
      throw asFlightError(PUT, error);
    }
  }

  async abortUploads(prefix: string, before: Date): Promise<void> {
    const input = { Bucket: this.#bucket, Prefix: prefix };
    let page: ListMultipartUploadsCommandOutput | undefined;
    try {
      do {
        const [KeyMarker, UploadIdMarker] = [
          page?.NextKeyMarker,
          page?.NextUploadIdMarker,
        ];
        page = await this.#client.send(
          new ListMultipartUploadsCommand({ ...input, KeyMarker, UploadIdMarker }),
        );
        for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
          if (Initiated === undefined || Initiated >= before) continue;
          const left = { Bucket: this.#bucket, Key, UploadId };
          await this.#client.send(new AbortMultipartUploadCommand(left));
        }
      } while (page.IsTruncated);
    } catch (error) {
      throw asFlightError("remove unfinished uploads", error);
    }
  }

  async remove(key: string, etag?: string): Promise<boolean> {
    const command = new DeleteObjectCommand({
      Bucket: this.#bucket,
      Key: key,
      IfMatch: etag,
    });
    try {
      await this.#client.send(command);
      return true;
    } catch (error) {
      if (isMissing(error) || isConditionFailed(error)) return false;
      throw asFlightError("drop the table", error);
    }
  }

  async urlOf(key: string, seconds: number): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.#bucket, Key: key });
    return await getSignedUrl(this.#signer, command, { expiresIn: seconds });
  }

  async *#pages(prefix: string): AsyncGenerator<ListObjectsV2CommandOutput> {
    const input = { Bucket: this.#bucket, Prefix: prefix, Delimiter: "/" };
    try {
      yield* paginateListObjectsV2({ client: this.#client }, input);
    } catch (error) {
      throw asFlightError("list the tables", error);
    }
  }

  /** Gets an object, or a part, as a whole; the SDK does not try a body again. */
  async #getWhole<T>(
    command: GetObjectCommand,
    use: (output: GetObjectCommandOutput, bytes: Uint8Array) => T,
  ): Promise<T> {
    for (let attempt = 1;; attempt++) {
      const output = await this.#client.send(command);
      try {
        return use(output, await output.Body?.transformToByteArray() ?? NOTHING);
      } catch (error) {
        if (attempt === MAX_BODIES) throw error;
      }
    }
  }
}

/** What names an upload. */
interface UploadName {
  readonly Bucket: string;
  readonly Key: string;
  readonly UploadId: string | undefined;
}

/** A multipart upload. */
class S3Upload implements Upload {
  readonly #client: S3Client;
  readonly #name: UploadName;
  readonly #etags: string[] = [];

  constructor(client: S3Client, name: UploadName) {
    this.#client = client;
    this.#name = name;
  }

  async putPart(
    number: number,
    bytes: Uint8Array,
    abortSignal: AbortSignal,
  ): Promise<void> {
    const command = new UploadPartCommand({
      ...this.#name,
      PartNumber: number,
      Body: bytes,
    });
    try {
      const { ETag: etag = "" } = await this.#client.send(command, { abortSignal });
      this.#etags[number - 1] = etag;
    } catch (error) {
      throw asFlightError(PUT, error);
    }
  }

  async complete(condition: StorePutOptions): Promise<string> {
    const parts = this.#etags.map((ETag, index) => ({ ETag, PartNumber: index + 1 }));
    const command = new CompleteMultipartUploadCommand({
      ...this.#name,
      MultipartUpload: { Parts: parts },
      ...headersOf(condition),
    });
    try {
      const { ETag: etag = "" } = await this.#client.send(command);
      return etag;
    } catch (error) {
      throw putError(error, condition);
    }
  }

  async abort(): Promise<void> {
    try {
      await this.#client.send(new AbortMultipartUploadCommand(this.#name));
    } catch (error) {
      // It was completed, or is gone already.
      if (!isMissing(error)) throw asFlightError(PUT, error);
    }
  }
}

/** The condition as headers of a put. */
function headersOf(
  { replaces }: StorePutOptions,
): { IfMatch?: string; IfNoneMatch?: string } {
  if (replaces === undefined) return {};
  return replaces === null ? { IfNoneMatch: "*" } : { IfMatch: replaces };
}

function putError(error: unknown, condition: StorePutOptions): unknown {
  const isFailed = isConditionFailed(error) || isMissing(error);
  if (isFailed && condition.replaces !== undefined) return failedCondition(condition);
  if (!isMissing(error)) return asFlightError(PUT, error);
  return new FlightError(
    "UNAVAILABLE",
    "Cannot put the table: the object store has forgotten its parts; try again",
    { cause: error },
  );
}
