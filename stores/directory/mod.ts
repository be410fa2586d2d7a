/**
 * Tables in a folder: they outlive the server, several servers can share them, and
 * pyarrow, polars and other programs open their files as they are.
 *
 * @example Tables that outlive the server
 * ```ts
 * import { DirectoryStore } from "@tinyflight/flight/stores/directory";
 * import { TinyClient, TinyServer } from "@tinyflight/flight";
 * import { tableFromArrays } from "apache-arrow";
 *
 * const folder = await Deno.makeTempDir();
 * for (const run of ["first", "second"]) {
 *   const store = await DirectoryStore.open(folder);
 *   await using server = await new TinyServer({ port: 0, store }).listen();
 *   await using client = await TinyClient.connect(server.location);
 *   if (run === "first") await client.putTable("points", tableFromArrays({ x: [1, 2] }));
 *   console.log(run, await client.listTables()); // ["points"], both times
 * }
 * ```
 *
 * @module
 */
export { DirectoryStore, type DirectoryStoreOptions } from "./directory_store.ts";
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
