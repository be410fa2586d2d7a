/**
 * The web page of a server: its files, and what it asks for.
 *
 * @module
 */
import { Semaphore } from "../../base/semaphore.ts";
import { FlightError } from "../../flight/errors.ts";
import { MessageHeader } from "../../flight/arrow/format/message_header.ts";
import { Finding } from "../../flight/arrow/format/finding.ts";
import type { TableEntry } from "../../stores/store.ts";
import { notAllowed } from "../../tables/access.ts";
import type { TableHost } from "../../tables/table_door.ts";
import {
  answerJson,
  answerUnchanged,
  headersOfVersion,
  sendList,
  sendStream,
  type SentBody,
} from "../answers.ts";
import { isConditional, isUnchanged, matches } from "../conditions.ts";
import type { HttpCall } from "../http_call.ts";
import FILES from "./files.json" with { type: "json" };
import { readPart, wantedPart } from "./table_answer.ts";
import { trafficLines } from "./traffic.ts";

/** The content types of the page's files, by the endings of their names. */
const TYPES: { readonly [ending: string]: string } = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/**
 * The page may load what is the server's own, and nothing else; no text may become
 * markup or code in it, and no other page may show it in a frame.
 */
const POLICY = [
  "default-src 'none'",
  ...["script-src", "style-src", "img-src", "connect-src"].map((what) =>
    `${what} 'self'`
  ),
  ...["base-uri", "form-action", "frame-ancestors"].map((what) => `${what} 'none'`),
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": POLICY,
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  // Another version of the server has other files.
  "cache-control": "no-cache",
};
const NOT_STORED = { "cache-control": "no-store" };

/** So many samples are read at the same time: each takes memory, and time. */
const MAX_SAMPLES = 2;

/** Makes the part of a table's URL that allows to download it without a header. */
export type Sign = (name: string, identity: string) => string;

/**
 * A file of the page, which everyone may have.
 *
 * @throws {FlightError} NOT_FOUND, when there is none of this name.
 */
export function pageFile(name: string, request: Request): Response {
  if (!Object.hasOwn(FILES, name)) {
    throw new FlightError(
      "NOT_FOUND",
      `Cannot find "/page/${name}": the page has no such file`,
    );
  }
  const { etag, text } = FILES[name as keyof typeof FILES];
  const type = TYPES[name.replace(/.*\./, "")];
  const headers = { ...HEADERS, "content-type": type, etag };
  if (matches(request.headers.get("if-none-match"), etag, { weak: true })) {
    return new Response(null, { status: 304, headers });
  }
  return new Response(request.method === "HEAD" ? null : text, { headers });
}

/** A table that the page asks for. */
export interface AskedTable {
  /** Its name. */
  readonly name: string;
  /** The part of it. */
  readonly query: URLSearchParams;
  /** The version that the page has already. */
  readonly headers: Headers;
}

/** Answers what the page of a server asks for. */
export class Page {
  readonly #host: TableHost;
  readonly #sign: Sign;
  readonly #samples = new Semaphore(MAX_SAMPLES);

  /** The page of this server, whose links are signed so. */
  constructor(host: TableHost, sign: Sign) {
    this.#host = host;
    this.#sign = sign;
  }

  /** The response to a request for what the page shows. */
  async answer(
    route: string,
    asked: AskedTable,
    call: HttpCall,
  ): Promise<Response | SentBody> {
    if (route === "/page/tables") return this.#list(call);
    return await (route === "/page/traffic"
      ? this.#traffic(call)
      : this.#table(asked, call));
  }

  #list(call: HttpCall): SentBody {
    return sendList(this.#host.tables.as(call).list(""), call, {
      describe: ({ name, rows, bytes, modified, schema }: TableEntry) => ({
        name,
        rows,
        bytes,
        columns: columnCount(schema),
        modified,
      }),
      headers: NOT_STORED,
    });
  }

  /** A table's columns and first rows. */
  async #table(
    { name, query, headers }: AskedTable,
    call: HttpCall,
  ): Promise<Response> {
    const { tables, hasAuth } = this.#host;
    const wanted = wantedPart(query);
    if (isConditional(headers)) {
      // Whoever follows a table does not have it sampled again and again.
      const known = await tables.as(call).find(name);
      if (isUnchanged(headers, known)) return answerUnchanged(known);
    }
    await this.#samples.acquire();
    using _ = { [Symbol.dispose]: () => this.#samples.release() };
    call.signal.throwIfAborted();
    await using table = await tables.as(call).open({ name });
    const { rows, bytes, modified } = table.entry;
    const { identity } = call;
    const part = await readPart(table, wanted, { tables, signal: call.signal });
    return answerJson(
      {
        name,
        rows,
        bytes,
        modified,
        may: {
          write: await tables.may(call, "write", name),
          drop: await tables.may(call, "drop", name),
        },
        // A link has no header in which a token could be.
        download: hasAuth && identity !== undefined ? this.#sign(name, identity) : "",
        part,
      },
      200,
      { ...headersOfVersion(table.entry), ...NOT_STORED },
    );
  }

  /** The sums of all calls, second by second, for those who may have the metrics. */
  async #traffic(call: HttpCall): Promise<SentBody> {
    const { tables, calls, stopping } = this.#host;
    if (!await tables.may(call, "metrics")) throw notAllowed("give the traffic", call);
    const lines = trafficLines(calls, call.signal, stopping);
    const headers = { ...NOT_STORED, "content-type": "application/x-ndjson" };
    // What tells of the traffic is none.
    const body = sendStream(lines, { signal: call.signal, sent: 0 }, headers);
    return { ...body, isEndless: true };
  }
}

/** How many columns a schema has; undefined when it cannot be read. */
function columnCount(schema: Uint8Array): number | undefined {
  try {
    return new MessageHeader(schema).table?.vector(1, 4)?.length ?? 0;
  } catch (error) {
    if (error instanceof Finding) return undefined;
    throw error;
  }
}
