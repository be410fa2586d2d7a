/**
 * Tables in a folder, each in a file that other programs can open.
 *
 * @module
 */
import { checkOptions, checkValue, type OptionSet } from "../../base/check_options.ts";
import { functionLike, text } from "../../base/value_kinds.ts";
import type { FlightDescriptor } from "../../proto/messages.ts";
import type {
  StoreDropOptions,
  StoredTable,
  StorePutOptions,
  TableEntry,
  TableMessage,
  TablePut,
  TableStore,
} from "../store.ts";
import { FolderStore } from "./folder_store.ts";
import { NODE_FILES } from "./node_files.ts";
import type { StoreProblem } from "../table_file/known_files.ts";

/** How a {@linkcode DirectoryStore} deals with its folder. */
export interface DirectoryStoreOptions {
  /**
   * Called once for each file that is skipped, as it is damaged or not one of this
   * store's, with a message for whoever runs the server. @default not told
   */
  onProblem?: (problem: StoreProblem) => void;
}

const OPTIONS: OptionSet<DirectoryStoreOptions> = {
  of: "DirectoryStore",
  example: "{ onProblem: report }",
  kinds: { onProblem: functionLike("({ message }) => report(message)") },
};

/**
 * A store that keeps each table in a file of one folder: an Arrow IPC stream, which
 * pyarrow, polars and other programs open as it is, with a summary after its end. Several
 * processes can have a store of the same folder: each sees at its next call what the
 * others have put and dropped.
 *
 * A put that has resolved outlasts a crash and a loss of power; one that has not
 * leaves the table as it was. Files are read in pieces: neither a put nor a get takes
 * more memory than a few messages have. What a file says is checked before it is given.
 *
 * @example A server whose tables outlive it
 * ```ts
 * import { DirectoryStore } from "@tinyflight/flight/stores/directory";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const folder = await Deno.makeTempDir();
 * const store = await DirectoryStore.open(folder);
 * await using server = await new TinyServer({ port: 0, store }).listen();
 * console.log(server.location);
 * ```
 */
export class DirectoryStore implements TableStore {
  readonly #store: FolderStore;

  private constructor(store: FolderStore) {
    this.#store = store;
  }

  /**
   * The store of the tables in this folder, which is made unless it is there. What
   * processes have left that ended in the middle of a put is removed.
   *
   * @throws {TypeError} when the path is no text, or an option has a wrong type or is not
   * known.
   * @throws {Error} the system's, when the folder cannot be read and written.
   */
  static async open(
    path: string,
    options: DirectoryStoreOptions = {},
  ): Promise<DirectoryStore> {
    checkValue("path", path, text("data/tables"));
    checkOptions(OPTIONS, options);
    const { onProblem = () => {} } = options;
    const store = new FolderStore(NODE_FILES, path, onProblem);
    await store.start();
    return new DirectoryStore(store);
  }

  /** Writes the table to a new file, which takes its place when it is complete. */
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

  /** The tables whose names begin with the prefix, by name. */
  list(prefix: string): AsyncGenerator<TableEntry> {
    return this.#store.list(prefix);
  }

  /** Removes the table's file; false when there is none that may be dropped. */
  drop(name: string, options: StoreDropOptions = {}): Promise<boolean> {
    return this.#store.drop(name, options);
  }
}
