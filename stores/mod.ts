/**
 * Stores for tables in memory, in front of others, and for some time; and what helps to
 * write a store of one's own. A store on disk
 * is in `./stores/directory`, one in an object store in `./stores/s3`, and the tests for
 * a store of one's own are in `./stores/testing`.
 *
 * @example Tables in a folder for a week, and the hot ones in memory
 * ```ts
 * import { CacheStore, ExpiringStore } from "@tinyflight/flight/stores";
 * import { DirectoryStore } from "@tinyflight/flight/stores/directory";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const files = await DirectoryStore.open(await Deno.makeTempDir());
 * const week = 7 * 24 * 60 * 60 * 1000;
 * using expiring = new ExpiringStore(files, { timeToLive: week });
 * const store = new CacheStore(expiring);
 * await using server = await new TinyServer({ port: 0, store }).listen();
 * console.log(server.location);
 * ```
 *
 * @module
 */
export {
  type CacheStats,
  CacheStore,
  type CacheStoreOptions,
  type Eviction,
} from "./cache_store.ts";
export { checkReplaces, mayDrop } from "./conditions.ts";
export { ExpiringStore, type ExpiringStoreOptions } from "./expiring_store.ts";
export { MemoryStore, type MemoryStoreOptions } from "./memory_store.ts";
export type {
  SchemaLayout,
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableLocation,
  TableMessage,
  TablePiece,
  TablePut,
  TableStore,
} from "./store.ts";
export { type TableMessages, TableReading } from "./table_reading.ts";
export { ipcStreamBytes } from "../flight/arrow/format/ipc_stream.ts";
export type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";
export type { DescriptorType, FlightDescriptor } from "../proto/messages.ts";
export type { Init, MessageType } from "../proto/message_type.ts";
