/**
 * Answers the requests of an HttpDoor.
 *
 * @module
 */
import { unlessAborted } from "../base/abort.ts";
import { IdleWatch } from "../base/idle_watch.ts";
import { SharedLimit } from "../base/shared_limit.ts";
import { limitExceeded } from "../rpc/limits.ts";
import type { CallContext, ServerMiddleware } from "../flight/server/call_context.ts";
import { FlightError } from "../flight/errors.ts";
import { runCall } from "../flight/server/running_call.ts";
import { notAllowed } from "../tables/access.ts";
import type { TableHost } from "../tables/table_door.ts";
import { fullDescriptorOfName } from "../tables/table_name.ts";
import {
  answerError,
  answerHealth,
  answerJson,
  answerMethod,
  answerUnchanged,
  describeTable,
  headersOfTable,
  headersOfVersion,
  sendList,
  sendTable,
  type SentBody,
} from "./answers.ts";
import { checkMatch, isConditional, isUnchanged, putCondition } from "./conditions.ts";
import { allowOrigin, answerPreflight, type Origins } from "./cors.ts";
import { type Delivery, HttpCall } from "./http_call.ts";
import type { HostCheck } from "./host_check.ts";
import type { Page } from "./page/page.ts";
import { PutBody } from "./put_body.ts";
import { routeOf, ROUTES } from "./routes.ts";
import type { Signer } from "./signature.ts";

/** What gives metrics as text. */
export interface MetricsSource {
  /** The metrics as they are now, and their content type. */
  read(): Promise<{ readonly text: string; readonly contentType: string }>;
}

/** To whom an endpoint over HTTP answers, and what beside tables. */
export interface RequestsOptions {
  /** Signs URIs, and verifies its signatures. */
  readonly signer: Signer;
  /** The origins whose pages may use it. */
  readonly origins: Origins;
  /** Refuses the pages of others. */
  readonly hostCheck: HostCheck;
  /** What `/metrics` gives; undefined for nothing. */
  readonly metrics: MetricsSource | undefined;
  /** Whether there is a web page. */
  readonly page: boolean;
  /** The query by which an identity may read a table without saying who it is. */
  readonly grant: (name: string, identity: string) => string;
}

/** The format that a table has without the query `as`. */
const STREAM = "arrows";

/** A table that is asked for. */
interface Target {
  /** Its name. */
  readonly name: string;
  /** The format of its body; null for an Arrow IPC stream. */
  readonly as: string | null;
}

/** Makes the response to a request. */
type Handler = (call: HttpCall) => Promise<Response | SentBody>;

/** Answers the requests of an HttpDoor. */
export class Requests {
  readonly #host: TableHost;
  readonly #options: RequestsOptions;
  /** What has come of puts' messages that are not whole yet. */
  readonly #arriving: SharedLimit;
  readonly #idleWatch: IdleWatch;
  /** The web page; undefined until something of it is asked for. */
  #page: Promise<Page> | undefined;

  /** Answers for this server. */
  constructor(host: TableHost, options: RequestsOptions) {
    this.#host = host;
    this.#options = options;
    const { maxArrivingBytes, maxIdleTime } = host.limits;
    this.#arriving = new SharedLimit(
      maxArrivingBytes,
      (_, most) => FlightError.from(limitExceeded("maxArrivingBytes", most)),
    );
    this.#idleWatch = new IdleWatch(maxIdleTime);
  }

  /** Waits for no client any more. */
  close(): void {
    this.#idleWatch.close();
  }

  /** The answer to a request. It never rejects. */
  async handle(request: Request, delivery: Delivery): Promise<Response> {
    let response: Response;
    try {
      response = await this.#route(request, delivery);
    } catch (error) {
      // Here only the name can exceed a limit.
      response = answerError(FlightError.from(error), 414);
    }
    // No browser guesses that a table or an error is a page.
    response.headers.set("x-content-type-options", "nosniff");
    return allowOrigin(request, response, this.#options.origins);
  }

  async #route(request: Request, delivery: Delivery): Promise<Response> {
    const url = URL.parse(request.url);
    if (url === null) {
      throw new FlightError(
        "INVALID_ARGUMENT",
        "Cannot tell what is asked for: the header host is not that of a URL",
      );
    }
    this.#options.hostCheck.check(request, url);
    const { pathname } = url;
    const { metrics, page } = this.#options;
    const found = routeOf(pathname, { metrics: metrics !== undefined, page });
    if (found === undefined) {
      throw new FlightError(
        "NOT_FOUND",
        `Cannot find "${pathname}": the tables are listed at /tables, and each is at /tables/NAME`,
      );
    }
    const { route, name } = found;
    const methods = ROUTES[route];
    const { method } = request;
    if (method === "OPTIONS") return answerPreflight(Object.keys(methods));
    if (!Object.hasOwn(methods, method)) {
      return answerMethod(method, Object.keys(methods));
    }
    if (route === "/health") return answerHealth(!this.#host.stopping.aborted);
    if (methods[method] === "Page") {
      const { pageFile } = await import("./page/page.ts");
      return pageFile(name, request);
    }
    const call = new HttpCall(methods[method], request, delivery);
    if (route === "/metrics") return await this.#run(call, () => this.#metrics(call));
    if (route === "/tables") return await this.#run(call, () => this.#list(call));
    if (name !== "") call.subject = name;
    const query = url.searchParams;
    if (route.startsWith("/page/")) {
      return await this.#run(call, async () => {
        const page = await (this.#page ??= this.#loadPage());
        return await page.answer(
          route,
          { name, query, headers: request.headers },
          call,
        );
      });
    }
    const as = query.get("as") === STREAM ? null : query.get("as");
    if (method === "PUT") {
      return await this.#run(call, () => this.#put({ name, as }, request, call));
    }
    if (method === "DELETE") {
      return await this.#run(call, () => this.#drop(name, request, call));
    }
    const isGranted: ServerMiddleware = (call, next) =>
      this.#checkSignature(name, query, call, next);
    return await this.#run(
      call,
      () =>
        method === "HEAD"
          ? this.#head({ name, as }, request, call)
          : this.#get({ name, as }, request, call),
      [isGranted],
    );
  }

  /** Answers inside the server's middleware, which ends when the body was sent. */
  #run(
    call: HttpCall,
    answer: Handler,
    outermost: readonly ServerMiddleware[] = [],
  ): Promise<Response> {
    const { calls } = this.#host;
    let statusOfTooMuch: number | undefined;
    const host = { ...calls, middleware: [...outermost, ...calls.middleware] };
    const answered = Promise.withResolvers<Response>();
    const answerOnce = (response: Response) => {
      for (const [name, value] of call.responseHeaders) {
        if (typeof value === "string") response.headers.append(name, value);
      }
      answered.resolve(response);
    };
    let response: Response | undefined;
    runCall(call, host, async () => {
      call.signal.throwIfAborted();
      // A limit that a put exceeds is mostly one of its body.
      if (call.verb === "PUT") statusOfTooMuch = 413;
      const given = await unlessAborted(answer(call), call.signal);
      if (given instanceof Response) {
        response = given;
        return;
      }
      answerOnce(given.response);
      if (given.isEndless) return await settled(given.sent, call.signal);
      if (await unlessAborted(given.sent, call.signal)) return;
      throw new FlightError(
        "CANCELLED",
        "The client cancelled the request, or disconnected, before it had the table",
      );
    }).then((error) =>
      // Middleware may have changed headers since, or have failed.
      answerOnce(
        error === undefined && response !== undefined
          ? response
          : answerError(error ?? noResponse(), statusOfTooMuch),
      )
    );
    return answered.promise;
  }

  /** Accepts requests with a URI that this HttpDoor has signed. */
  async #checkSignature(
    name: string,
    query: URLSearchParams,
    call: CallContext,
    next: () => Promise<void>,
  ): Promise<void> {
    const isSigned = this.#host.hasAuth && query.has("signature");
    const identity = isSigned ? this.#options.signer.verify(name, query) : undefined;
    call.identity = identity;
    try {
      await next();
    } catch (error) {
      const isRefused = error instanceof FlightError &&
        error.code === "UNAUTHENTICATED";
      if (!isSigned || identity !== undefined || !isRefused) throw error;
      throw new FlightError(
        "UNAUTHENTICATED",
        "Cannot accept the request: its signature is not valid or has expired; a new FlightInfo has a new one",
        { cause: error },
      );
    }
  }

  async #loadPage(): Promise<Page> {
    const { Page } = await import("./page/page.ts");
    return new Page(this.#host, this.#options.grant);
  }

  async #metrics(call: HttpCall): Promise<Response> {
    if (!await this.#host.tables.may(call, "metrics")) {
      throw notAllowed("give the metrics", call);
    }
    const { text, contentType } = await this.#options.metrics!.read();
    return new Response(text, { headers: { "content-type": contentType } });
  }

  async #list(call: HttpCall): Promise<Response | SentBody> {
    if (call.verb === "HEAD") {
      return new Response(null, { headers: { "content-type": "application/json" } });
    }
    return await sendList(this.#host.tables.as(call).list(""), call);
  }

  async #get(
    { name, as }: Target,
    { headers }: Request,
    call: HttpCall,
  ): Promise<Response | SentBody> {
    const files = as === null ? undefined : await loadFileFormats();
    const format = files?.formatNamed(as!);
    const tables = this.#host.tables.as(call);
    if (isConditional(headers)) {
      const known = await tables.find(name);
      if (isUnchanged(headers, known)) return answerUnchanged(known);
    }
    const table = await tables.open({ name });
    try {
      // It may have been replaced since.
      checkMatch(headers, table.entry, "read");
    } catch (error) {
      await table[Symbol.asyncDispose]();
      throw error;
    }
    call.rows = table.entry.rows;
    return await (files?.sendFile(table, format!, call) ?? sendTable(table, call));
  }

  async #head(
    { name, as }: Target,
    { headers }: Request,
    call: HttpCall,
  ): Promise<Response> {
    const files = as === null ? undefined : await loadFileFormats();
    const format = files?.formatNamed(as!);
    const table = await this.#host.tables.as(call).find(name);
    if (isUnchanged(headers, table)) return answerUnchanged(table);
    return files?.answerHead(table, format!) ??
      new Response(null, { headers: headersOfTable(table) });
  }

  async #put(
    { name, as }: Target,
    request: Request,
    call: HttpCall,
  ): Promise<Response> {
    const encoding = request.headers.get("content-encoding") ?? "identity";
    if (encoding !== "identity") {
      throw new FlightError(
        "INVALID_ARGUMENT",
        `Cannot read the body: it has the content encoding ${encoding}; send it without, or compress its buffers by Arrow's own means`,
      );
    }
    const { limits } = this.#host;
    const tables = this.#host.tables.as(call);
    const { maxMessageBytes, maxHeaderBytes, maxIdleTime } = limits;
    const counts = {
      arriving: this.#arriving.open(),
      onBytes: (bytes: number) => {
        call.received += bytes;
      },
    };
    const files = as === null ? undefined : await loadFileFormats();
    await using body = files === undefined
      ? new PutBody(request, { maxMessageBytes, maxHeaderBytes }, counts)
      : new files.FileBody(files.formatNamed(as!), request, counts);
    call.signal.addEventListener("abort", () => body.cancel());
    using _ = this.#idleWatch.watch(
      () => body.progress,
      () => call.cancel(FlightError.from(limitExceeded("maxIdleTime", maxIdleTime))),
    );
    const descriptor = fullDescriptorOfName(name);
    const condition = isConditional(request.headers)
      ? putCondition(request.headers, await tables.current(name))
      : {};
    const table = await tables.put(name, descriptor, body.messages(), condition);
    call.rows = table.rows;
    const status = table.replaced === undefined ? 201 : 200;
    return answerJson(describeTable(table), status, headersOfVersion(table));
  }

  async #drop(name: string, { headers }: Request, call: HttpCall): Promise<Response> {
    call.subject = `drop_table ${name}`;
    const tables = this.#host.tables.as(call);
    if (headers.get("if-match") === null) await tables.drop(name);
    else {
      const current = await tables.current(name);
      checkMatch(headers, current, "drop");
      await tables.drop(name, { revision: current?.revision });
    }
    return new Response(null, { status: 204 });
  }
}

/** Waits for the promise, or for the signal if that comes first. */
async function settled(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  try {
    await unlessAborted(promise, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

/** Other formats of tables, which are loaded when one is first asked for. */
function loadFileFormats(): Promise<typeof import("./file_formats.ts")> {
  return import("./file_formats.ts");
}

function noResponse(): FlightError {
  return new FlightError(
    "INTERNAL",
    "Cannot answer the request: a middleware has ended it without an answer",
  );
}
