/**
 * What the page asks the server.
 *
 * @module
 */
import type { ListedTable, ShownTable, Traffic } from "../told.ts";

/** Why the server did not do what it was asked. */
export class ServerError extends Error {
  /** The name of a gRPC status; UNREACHABLE without an answer. */
  readonly code: string;

  /** An error of this code. */
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The status of a response to a request for what is known already. */
const NOT_MODIFIED = 304;
/** Where the tab keeps what proves who its user is. */
const KEY = "tinyflight.authorization";

/** Whether the user has signed in. */
export function isSignedIn(): boolean {
  return sessionStorage.getItem(KEY) !== null;
}

/** Forgets who the user is. */
export function signOut(): void {
  sessionStorage.removeItem(KEY);
}

/** Asks the server with a header `authorization`, and keeps it when it is accepted. */
export async function signIn(authorization: string): Promise<void> {
  const response = await ask("page/tables", { headers: { authorization } });
  await response.body?.cancel();
  // Who came with a password has got a token for it.
  const token = response.headers.get("authorization");
  sessionStorage.setItem(KEY, token ?? authorization);
}

/** The header by which the server knows the user. */
export function authorization(): Record<string, string> {
  const value = sessionStorage.getItem(KEY);
  return value === null ? {} : { authorization: value };
}

/** The tables, by name. */
export async function listTables(signal: AbortSignal): Promise<ListedTable[]> {
  return await (await ask("page/tables", { signal })).json();
}

/** A part of a table, and its version. */
export interface ReadTable {
  readonly table: ShownTable;
  readonly version: string;
}

/** A part of a table; undefined when the table still has the version that is known. */
export async function readTable(
  name: string,
  { find, from, columns }: { find: string; from: number; columns: number },
  { known, signal }: { known: string | undefined; signal: AbortSignal },
): Promise<ReadTable | undefined> {
  const query = new URLSearchParams({
    find,
    from: `${from}`,
    columns: `${columns}`,
  });
  const headers = authorization();
  if (known !== undefined) headers["if-none-match"] = known;
  const path = `page/${pathOf(name)}?${query}`;
  const response = await ask(path, { headers, signal });
  if (response.status === NOT_MODIFIED) return undefined;
  const version = response.headers.get("etag") ?? "";
  return { table: await response.json(), version };
}

/** Drops a table. */
export async function dropTable(name: string): Promise<void> {
  await ask(pathOf(name), { method: "DELETE" });
}

/**
 * Checks that the server answers a GET without the header that says who the user is.
 *
 * @throws {ServerError} when it does not.
 */
export async function checkAnswer(path: string): Promise<void> {
  const enough = new AbortController();
  await ask(path, { headers: {}, signal: enough.signal });
  enough.abort();
}

/** What the server's calls come to, each second. */
export async function* readTraffic(signal: AbortSignal): AsyncGenerator<Traffic> {
  const { body } = await ask("page/traffic", { signal });
  const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const lines = (text + next.value).split("\n");
    text = lines.pop() ?? "";
    for (const line of lines) yield JSON.parse(line);
  }
}

/** The path of a table, from the page. */
export function pathOf(name: string): string {
  return `tables/${encodeURIComponent(name)}`;
}

/** The error in a response. */
export function errorOf(status: number, text: string): ServerError {
  try {
    const { code, message } = JSON.parse(text);
    return new ServerError(code, message);
  } catch {
    return new ServerError("UNKNOWN", `The server answered with the status ${status}`);
  }
}

async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(path, {
      headers: authorization(),
      cache: "no-store",
      ...init,
    });
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ServerError("UNREACHABLE", "The server cannot be reached. Does it run?");
  }
  if (response.ok || response.status === NOT_MODIFIED) return response;
  throw errorOf(response.status, await response.text());
}
