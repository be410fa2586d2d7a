/**
 * Tables in an S3-compatible object store, each in an object.
 *
 * @module
 */
import { S3Client, type S3ClientConfig } from "@aws-sdk/client-s3";
import {
  checkOptions,
  checkValue,
  type OptionSet,
  type ValueKind,
} from "../../base/check_options.ts";
import { Semaphore } from "../../base/semaphore.ts";
import { MAX_TIMER } from "../../base/timer.ts";
import {
  FLAG,
  functionLike,
  numberFrom,
  text,
  wholeNumber,
} from "../../base/value_kinds.ts";
import type { FlightDescriptor } from "../../proto/messages.ts";
import type {
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableLocation,
  TableMessage,
  TablePut,
  TableStore,
} from "../store.ts";
import type { StoreProblem } from "../table_file/known_files.ts";
import type { TableReading } from "../table_reading.ts";
import { BucketStore } from "./bucket_store.ts";
import { requestHandler } from "./request_handler.ts";
import { S3Bucket } from "./s3_bucket.ts";
import { firstReason } from "./s3_errors.ts";

/** What an object store knows a server by. */
export interface S3Credentials {
  /** The name of the key, such as `AKIAIOSFODNN7EXAMPLE`. */
  readonly accessKeyId: string;
  /** The key itself. */
  readonly secretAccessKey: string;
  /** What comes with keys that are valid for some time only. */
  readonly sessionToken?: string;
  /** When the key expires; a function is asked for another one before. */
  readonly expiration?: Date;
}

/** How an {@linkcode S3Store} reaches its bucket. */
export interface S3StoreOptions {
  /** The credentials, or a function that gives those that are valid now. */
  credentials: S3Credentials | (() => Promise<S3Credentials>);
  /** The store's region. @default "us-east-1" */
  region?: string;
  /** The URL of a store that is not Amazon's, such as `http://localhost:9000`. */
  endpoint?: string;
  /**
   * Whether the bucket stands in the path of URLs, and not in the host name.
   * @default whether there is an `endpoint`
   */
  pathStyle?: boolean;
  /**
   * The size of the parts in which a large table is put, in bytes. A table has at most
   * 10000 of them, and a put holds as many in memory as are under way, and one more.
   * @default 8 MiB
   */
  partBytes?: number;
  /** How many parts of one table are put at a time. @default 4 */
  maxParts?: number;
  /**
   * The bytes that an object should have at most. A table of more is kept in several
   * objects, which clients can read at the same time; the batches of a table with
   * dictionaries are not parted. Less than `partBytes` has no use.
   * @default `Infinity`: a table is one object
   */
  pieceBytes?: number;
  /**
   * How long the URLs can be used that clients get to read tables straight from the
   * object store, in milliseconds, up to a week; 0 gives them none. Whoever has such a
   * URL can read the table. @default an hour
   */
  signedFor?: number;
  /**
   * The URL under which clients reach the object store, when it is another than
   * `endpoint`. @default `endpoint`
   */
  advertise?: string;
  /** How often a request is made before it has failed. @default 5 */
  maxAttempts?: number;
  /**
   * How long the answer to a request, or the next bytes of a body, may take, in
   * milliseconds, before it is tried again. @default 30000
   */
  requestTimeout?: number;
  /**
   * Called once for each object that is skipped, as it is damaged or not one of this
   * store's, with a message for whoever runs the server. @default not told
   */
  onProblem?: (problem: StoreProblem) => void;
}

const MIB = 1024 ** 2;
const HOUR = 60 * 60 * 1000;
/** The longest time for which S3 accepts a signature. */
const WEEK = 7 * 24 * HOUR;
const LOCATION_PARTS = /^s3:\/\/([a-z0-9][a-z0-9.-]+[a-z0-9])(?:\/+(.*?))?\/*$/;
const LOCATION: ValueKind = {
  wanted: "a bucket and a prefix, such as s3://bucket/prefix",
  isType: (value) => typeof value === "string",
  isInRange: (value) => LOCATION_PARTS.test(String(value)),
};
const CREDENTIALS: ValueKind = {
  wanted: "{ accessKeyId, secretAccessKey }, or a function that gives this",
  isType: (value) => typeof value === "function" || isCredentials(value),
  isSecret: true,
};
const OPTIONS: OptionSet<S3StoreOptions> = {
  of: "S3Store",
  example: "{ credentials: { accessKeyId, secretAccessKey } }",
  kinds: {
    credentials: CREDENTIALS,
    region: text("us-east-1"),
    endpoint: text("http://localhost:9000"),
    pathStyle: FLAG,
    partBytes: wholeNumber(5 * MIB, 5 * 1024 * MIB),
    maxParts: wholeNumber(1, 1000),
    pieceBytes: numberFrom(1),
    signedFor: {
      ...wholeNumber(0, WEEK),
      wanted: `0, or a whole number of milliseconds from 1000 to ${WEEK}`,
      isInRange: (value) =>
        value === 0 || Number(value) >= 1000 && Number(value) <= WEEK,
    },
    advertise: text("https://s3.example.org"),
    maxAttempts: wholeNumber(1, 1000),
    requestTimeout: wholeNumber(1, MAX_TIMER),
    onProblem: functionLike("({ message }) => report(message)"),
  },
};

/** How many parts of all tables are put at a time, for each that one table may. */
const TABLES_AT_A_TIME = 2;

/**
 * A store that keeps each table in an object of a bucket, which has the same bytes as a
 * file of the directory store. Any number of servers can have a store of the same
 * bucket and prefix: they hold no state, and give the same answers.
 *
 * A put goes up in parts while it comes in, and takes the table's place at once when it
 * is complete. A get reads the object in one request, and reads on where a connection
 * breaks off. What the object store fails to answer is tried again, and then UNAVAILABLE.
 *
 * @example A server over a bucket
 * ```ts ignore
 * import { S3Store } from "@tinyflight/flight/stores/s3";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const store = await S3Store.open("s3://tables/production", {
 *   endpoint: "http://localhost:9000",
 *   credentials: { accessKeyId: "key", secretAccessKey: "secret" },
 * });
 * await new TinyServer({ store }).serve();
 * ```
 */
export class S3Store implements TableStore {
  readonly #store: BucketStore;

  private constructor(store: BucketStore) {
    this.#store = store;
  }

  /**
   * The store of the tables in this bucket whose keys begin with this prefix, such as
   * `s3://bucket/prefix`. It is swept once.
   *
   * @throws {TypeError} when the location is not like this, or an option has a wrong
   * type or is not known.
   * @throws {RangeError} when an option is out of range.
   * @throws {Error} when the bucket cannot be used, with what the object store says.
   */
  static async open(location: string, options: S3StoreOptions): Promise<S3Store> {
    checkValue("location", location, LOCATION);
    checkOptions(OPTIONS, options);
    checkValue("credentials", options.credentials, CREDENTIALS);
    const { partBytes = 8 * MIB, maxParts = 4, onProblem = () => {} } = options;
    const { requestTimeout = 30_000, pieceBytes = Infinity } = options;
    const { signedFor = HOUR, advertise } = options;
    const client = new S3Client(clientConfig(options, requestTimeout));
    const signer = advertise === undefined
      ? client
      : new S3Client(clientConfig({ ...options, endpoint: advertise }, requestTimeout));
    if (/^https:/i.test(options.endpoint ?? "https:")) leaveBodiesUnsigned(client);
    const [, bucket, path = ""] = LOCATION_PARTS.exec(location) ?? [];
    const prefix = path === "" ? "" : `${path}/`;
    const turns = new Semaphore(TABLES_AT_A_TIME * maxParts);
    const maxIdleTime = requestTimeout;
    const limits = { partBytes, maxParts, turns, pieceBytes, maxIdleTime, signedFor };
    const s3 = new S3Bucket(client, signer, bucket);
    const store = new BucketStore(s3, prefix, limits, onProblem);
    try {
      await store.start();
    } catch (error) {
      const { endpoint } = options;
      const where = endpoint === undefined ? location : `${location} at ${endpoint}`;
      throw new Error(`Cannot use ${where}: ${firstReason(error)}`, { cause: error });
    }
    return new S3Store(store);
  }

  /** Puts the table as an object, which takes its place when it is complete. */
  put(
    name: string,
    descriptor: FlightDescriptor,
    messages: AsyncIterable<TableMessage>,
    options: StorePutOptions = {},
  ): Promise<TablePut> {
    return this.#store.put(name, descriptor, messages, options);
  }

  /** The table of this name; undefined when there is none. */
  get(name: string): Promise<StoredTable | undefined> {
    return this.#store.get(name);
  }

  /** Begins to read the table of this name; undefined when there is none. */
  read(name: string): Promise<TableReading | undefined> {
    return this.#store.read(name);
  }

  /** The tables whose names begin with the prefix, by name. */
  list(prefix: string): AsyncGenerator<TableEntry> {
    return this.#store.list(prefix);
  }

  /** Removes the table's object; false when there is none that may be dropped. */
  drop(name: string, options: StoreDropOptions = {}): Promise<boolean> {
    return this.#store.drop(name, options);
  }

  /** A piece of a table in several objects; undefined when it is gone. */
  getPiece(name: string, id: string): Promise<StoredTable | undefined> {
    return this.#store.getPiece(name, id);
  }

  /** A signed URL of the table, or of this piece; undefined when there are none. */
  locate(name: string, piece?: string): Promise<TableLocation | undefined> {
    return this.#store.locate(name, piece);
  }

  /**
   * Removes uploads that were left a day ago or before, and pieces that were first seen
   * to be in no table a day ago or before. Call it from time to time, on one of several
   * servers at least.
   */
  sweep(): Promise<void> {
    return this.#store.sweep();
  }
}

/** How the SDK is set up; it takes no setting from the environment that it has here. */
function clientConfig(
  { credentials, region = "us-east-1", endpoint, pathStyle, maxAttempts = 5 }:
    S3StoreOptions,
  requestTimeout: number,
): S3ClientConfig {
  return {
    credentials,
    region,
    endpoint,
    ignoreConfiguredEndpointUrls: true,
    forcePathStyle: pathStyle ?? endpoint !== undefined,
    maxAttempts,
    retryMode: "standard",
    // Bodies are signed or go by TLS, and messages have checksums of their own.
    requestChecksumCalculation: "WHEN_REQUIRED",
    responseChecksumValidation: "WHEN_REQUIRED",
    requestHandler: requestHandler(requestTimeout),
  };
}

/**
 * Signs requests without their bodies: under TLS these need no hash, which would take
 * half of a put's time.
 */
function leaveBodiesUnsigned({ middlewareStack }: S3Client): void {
  middlewareStack.add((next) => (args) => {
    const { request } = args;
    if (request instanceof Object && "headers" in request) {
      Object.assign(Object(request.headers), {
        "x-amz-content-sha256": "UNSIGNED-PAYLOAD",
      });
    }
    return next(args);
  }, { step: "build", name: "leaveBodiesUnsigned" });
}

function isCredentials(value: unknown): boolean {
  return typeof value === "object" && value !== null &&
    ["accessKeyId", "secretAccessKey"].every((name) =>
      typeof Reflect.get(value, name) === "string"
    );
}
