/**
 * The store that the command's options ask for.
 *
 * @module
 */
import { oneLine } from "../../base/one_line.ts";
import { startInterval } from "../../base/timer.ts";
import { CacheStore, ExpiringStore, MemoryStore } from "../../stores/mod.ts";
import { DirectoryStore } from "../../stores/directory/mod.ts";
import type { TableStore } from "../../stores/store.ts";
import { formatBytes } from "../options/units.ts";

/** Where tables live, and for how long. */
export interface StoreChoice {
  /** The folder of a directory store. */
  readonly dir?: string;
  /** The bucket and prefix of an S3 store. */
  readonly s3?: string;
  /** The most bytes of tables in memory; undefined for the usual. */
  readonly maxBytes?: number;
  /** The most tables in memory; undefined for the usual. */
  readonly maxTables?: number;
  /** The bytes of an object above which an S3 store parts a table. */
  readonly pieceBytes?: number;
  /** The bytes of memory in front of either. */
  readonly cacheBytes?: number;
  /** How long a table is there, in milliseconds. */
  readonly timeToLive?: number;
}

/** What opening a store needs of its surroundings. */
export interface Surroundings {
  /** The environment variable of this name. */
  env(name: string): string | undefined;
  /** Tells what has happened. */
  tell(line: string): void;
  /** Tells what is wrong. */
  warn(line: string): void;
}

/** A store that is used until it is disposed of. */
export interface OpenStore extends Disposable {
  readonly store: TableStore;
}

/** How often an S3 store is swept, in milliseconds. */
const SWEEP_EVERY = 60 * 60 * 1000;

/** Opens the store that is asked for. */
export async function openStore(
  choice: StoreChoice,
  { env, tell, warn }: Surroundings,
): Promise<OpenStore> {
  using stack = new DisposableStack();
  let store: TableStore = await openPlace(choice, { env, tell, warn }, stack);
  const { timeToLive, cacheBytes } = choice;
  if (timeToLive !== undefined) {
    store = stack.use(
      new ExpiringStore(store, {
        timeToLive,
        onExpire: ({ name }) => tell(`expired ${oneLine(name)}`),
        onError: (error) => warn(`Cannot look for expired tables: ${error}`),
      }),
    );
  }
  if (cacheBytes !== undefined) {
    store = new CacheStore(store, {
      maxBytes: cacheBytes,
      onEvict: ({ name, bytes }) =>
        tell(`evicted ${oneLine(name)}, ${formatBytes(bytes)}`),
    });
  }
  const resources = stack.move();
  return { store, [Symbol.dispose]: () => resources.dispose() };
}

/** The store that has all tables. */
async function openPlace(
  { dir, s3, pieceBytes, maxBytes, maxTables }: StoreChoice,
  { env, warn }: Surroundings,
  stack: DisposableStack,
): Promise<TableStore> {
  const onProblem = ({ message }: { message: string }) => warn(message);
  if (dir !== undefined) return await DirectoryStore.open(dir, { onProblem });
  if (s3 === undefined) return new MemoryStore({ maxBytes, maxTables });
  const { S3Store, usualCredentials } = await loadS3();
  const store = await S3Store.open(s3, {
    credentials: usualCredentials(),
    region: env("AWS_REGION") ?? env("AWS_DEFAULT_REGION"),
    endpoint: env("AWS_ENDPOINT_URL_S3") ?? env("AWS_ENDPOINT_URL"),
    pieceBytes,
    onProblem,
  });
  const sweep = () =>
    store.sweep().catch((error) => warn(`Cannot sweep ${s3}: ${error}`));
  stack.use(startInterval(SWEEP_EVERY, sweep));
  return store;
}

/**
 * The S3 store, which brings the AWS SDK. Its address is put together, so that the SDK
 * is not downloaded for servers that have no use for it.
 */
async function loadS3(): Promise<typeof import("../../stores/s3/mod.ts")> {
  const address = import.meta.url.replace(
    /cli\/serve\/open_store(\.\w+)(?=$|\?)/,
    "stores/s3/mod$1",
  );
  return await import(address);
}
