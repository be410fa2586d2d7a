/**
 * A store of one's own: tables in a SQLite database. A table is in memory as a whole while
 * it is put, and while it is read.
 */
import { FlightError } from "@tinyflight/flight";
import {
  checkReplaces,
  type FlightDescriptor,
  ipcStreamBytes,
  mayDrop,
  type StoreDropOptions,
  type StoredTable,
  type StorePutOptions,
  type TableEntry,
  type TableMessage,
  type TablePut,
  type TableStore,
} from "@tinyflight/flight/stores";
import { DatabaseSync } from "node:sqlite";

/** `entry` is JSON of all that is not bytes; `name` too, as it may have any character. */
const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA busy_timeout = 5000;
  CREATE TABLE IF NOT EXISTS tables (
    name TEXT PRIMARY KEY, entry TEXT, cmd BLOB, schema BLOB);
  CREATE TABLE IF NOT EXISTS messages (
    revision TEXT, number INTEGER, header BLOB, body BLOB, rows INTEGER,
    PRIMARY KEY (revision, number));`;
const SELECT = "SELECT entry, cmd, schema FROM tables";

/** Tables in the database at this path. */
export class SqliteStore implements TableStore, Disposable {
  readonly #database: DatabaseSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path);
    this.#database.exec(SCHEMA);
  }

  async put(
    name: string,
    descriptor: FlightDescriptor,
    incoming: AsyncIterable<TableMessage>,
    options: StorePutOptions = {},
  ): Promise<TablePut> {
    const messages = await Array.fromAsync(incoming);
    const revision = crypto.randomUUID();
    const rows = messages.reduce((sum, message) => sum + message.rows, 0);
    const [bytes, modified] = [ipcStreamBytes(messages), new Date()];
    const schema = messages[0].header;
    const { type, path, cmd } = descriptor;
    const entry = { name, type, path, rows, bytes, revision, modified };
    const replaced = this.#change(() => {
      const current = this.#find(name)?.revision;
      checkReplaces(current, options);
      this.#forget(name, current);
      this.#database.prepare("INSERT INTO tables VALUES (?, ?, ?, ?)")
        .run(JSON.stringify(name), JSON.stringify(entry), cmd, schema);
      const insert = this.#database.prepare(
        "INSERT INTO messages VALUES (?, ?, ?, ?, ?)",
      );
      for (const [number, { header, body, rows }] of messages.entries()) {
        insert.run(revision, number, header, body, rows);
      }
      return current;
    });
    return { name, descriptor, schema, rows, bytes, revision, modified, replaced };
  }

  get(name: string): Promise<StoredTable | undefined> {
    const table = this.#find(name);
    const found = table && { ...table, messages: () => this.#messages(table) };
    return Promise.resolve(found);
  }

  list(prefix: string): TableEntry[] {
    // SQLite has another order of characters than JavaScript.
    return this.#database.prepare(SELECT).all().map(entryOf)
      .filter(({ name }) => name.startsWith(prefix))
      .sort((one, other) => one.name < other.name ? -1 : 1);
  }

  drop(name: string, options: StoreDropOptions = {}): Promise<boolean> {
    const isDropped = this.#change(() => {
      const current = this.#find(name)?.revision;
      if (!mayDrop(current, options)) return false;
      this.#forget(name, current);
      return true;
    });
    return Promise.resolve(isDropped);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }

  #find(name: string): TableEntry | undefined {
    const row = this.#database.prepare(`${SELECT} WHERE name = ?`)
      .get(JSON.stringify(name));
    return row && entryOf(row);
  }

  #messages({ name, revision }: TableEntry): TableMessage[] {
    const query = "SELECT * FROM messages WHERE revision = ? ORDER BY number";
    const rows: unknown[] = this.#database.prepare(query).all(revision);
    if (rows.length > 0) return rows as TableMessage[];
    throw new FlightError(
      "ABORTED",
      `Cannot read "${name}": it was replaced; try again`,
    );
  }

  #forget(name: string, revision = ""): void {
    this.#database.prepare("DELETE FROM tables WHERE name = ?").run(
      JSON.stringify(name),
    );
    this.#database.prepare("DELETE FROM messages WHERE revision = ?").run(revision);
  }

  /** Changes all or nothing, while no other process changes anything. */
  #change<T>(change: () => T): T {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const result = change();
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      this.#database.exec("ROLLBACK");
      throw error;
    }
  }
}

function entryOf({ entry, cmd, schema }: Record<string, unknown>): TableEntry {
  const { type, path, modified, ...rest } = JSON.parse(String(entry));
  const descriptor = { type, path, cmd: cmd as Uint8Array };
  const bytes = schema as Uint8Array;
  return { ...rest, descriptor, schema: bytes, modified: new Date(modified) };
}
