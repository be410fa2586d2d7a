/**
 * Tables in an S3-compatible object store. Any number of servers can share them, and
 * hold no state.
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
 *
 * @module
 */
export { type S3Credentials, S3Store, type S3StoreOptions } from "./s3_store.ts";
export { usualCredentials } from "./usual_credentials.ts";
export type { StoreProblem } from "../table_file/known_files.ts";
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
} from "../store.ts";
export type { TableMessages, TableReading } from "../table_reading.ts";
export type { DescriptorType, FlightDescriptor } from "../../proto/messages.ts";
export type { Init, MessageType } from "../../proto/message_type.ts";
