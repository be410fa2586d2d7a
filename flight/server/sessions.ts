/**
 * The sessions of a server's clients, which a cookie tells apart.
 *
 * @module
 */
import type {
  CloseSessionStatus,
  SetSessionOptionError,
} from "../../proto/action_messages.ts";
import { checkOptions, type OptionSet } from "../../base/check_options.ts";
import { functionLike, numberFrom } from "../../base/value_kinds.ts";
import type { CallContext, ServerMiddleware } from "./call_context.ts";
import { parseCookies, SESSION_COOKIE } from "../protocol/cookies.ts";
import type { SessionValue } from "../protocol/session_values.ts";

/** What {@linkcode Sessions} accept, and how many there may be. */
export interface SessionsOptions {
  /**
   * Whether an option may be set: gives why not, or undefined when it may.
   * @default every option may
   */
  check?: (name: string, value: SessionValue) => SetSessionOptionError | undefined;
  /** The most sessions; the one that was idle longest makes room. @default 10000 */
  maxSessions?: number;
  /** The most options in a session. @default 1000 */
  maxOptions?: number;
}

const OPTIONS: OptionSet<SessionsOptions> = {
  of: "Sessions",
  example: "{ maxSessions: 1000 }",
  kinds: {
    check: functionLike('(name) => name === "limit" ? undefined : "INVALID_NAME"'),
    maxSessions: numberFrom(1),
    maxOptions: numberFrom(1),
  },
};

/** One client's session. */
export class Session {
  /** What tells the session from others. */
  readonly id: string = crypto.randomUUID();
  #options: Map<string, SessionValue> = new Map();
  #settings: Required<SessionsOptions>;

  /** A session without options; {@linkcode Sessions.open} makes them. */
  constructor(settings: Required<SessionsOptions>) {
    this.#settings = settings;
  }

  /** The value of an option; undefined when it is not set. */
  get(name: string): SessionValue | undefined {
    return this.#options.get(name);
  }

  /** All options. */
  options(): { readonly [name: string]: SessionValue } {
    return Object.fromEntries(this.#options);
  }

  /**
   * Sets options, and removes those that are `undefined`. Gives, by name, why an
   * option was not set.
   */
  set(
    options: { readonly [name: string]: SessionValue | undefined },
  ): { readonly [name: string]: SetSessionOptionError } {
    const errors: [string, SetSessionOptionError][] = [];
    for (const [name, value] of Object.entries(options)) {
      if (value === undefined) {
        this.#options.delete(name);
        continue;
      }
      const isNew = !this.#options.has(name);
      const error = isNew && this.#options.size >= this.#settings.maxOptions
        ? "ERROR"
        : this.#settings.check(name, value);
      if (error === undefined) this.#options.set(name, value);
      else errors.push([name, error]);
    }
    return Object.fromEntries(errors);
  }
}

/**
 * The sessions of a server's clients: a client gets the cookie
 * `arrow_flight_session_id` with the first call that opens its session, and shows
 * it with its later calls.
 *
 * @example A server with sessions
 * ```ts
 * import { cookieJar, FlightClient, FlightServer, Sessions } from "@tinyflight/flight/flight";
 *
 * const sessions = new Sessions({
 *   check: (name) => name === "timezone" ? undefined : "INVALID_NAME",
 * });
 * await using server = await new FlightServer({ port: 0, sessions }).listen();
 * await using client = new FlightClient(server.location, { middleware: [cookieJar()] });
 * console.log(await client.setSessionOptions({ timezone: "Pacific/Fiji", x: 1n })); // { x: "INVALID_NAME" }
 * console.log(await client.getSessionOptions()); // { timezone: "Pacific/Fiji" }
 * ```
 */
export class Sessions {
  #settings: Required<SessionsOptions>;
  /** The sessions by their ids, the one that was idle longest first. */
  #sessions: Map<string, Session> = new Map();
  #byCall: WeakMap<CallContext, Session> = new WeakMap();

  /**
   * No sessions yet.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   * @throws {RangeError} when a limit is less than 1.
   */
  constructor(options: SessionsOptions = {}) {
    checkOptions(OPTIONS, options);
    const { check = () => undefined, maxSessions = 10_000, maxOptions = 1000 } =
      options;
    this.#settings = { check, maxSessions, maxOptions };
  }

  /** Finds the session of each call; a FlightServer that has sessions puts it innermost. */
  readonly middleware: ServerMiddleware = (call, next) => {
    for (const id of parseCookies(call.headers).getAll(SESSION_COOKIE)) {
      const session = this.#sessions.get(id);
      if (session !== undefined) {
        this.#sessions.delete(id);
        this.#sessions.set(id, session);
        this.#byCall.set(call, session);
      }
    }
    return next();
  };

  /** The session of the client that makes this call; undefined when it has none. */
  get(call: CallContext): Session | undefined {
    return this.#byCall.get(call);
  }

  /**
   * The session of the client that makes this call, which is opened when there is
   * none. Some clients find its cookie only if this is called before the response's
   * headers are sent.
   */
  open(call: CallContext): Session {
    const found = this.#byCall.get(call);
    if (found !== undefined) return found;
    const session = new Session(this.#settings);
    const [oldest] = this.#sessions.keys();
    if (this.#sessions.size >= this.#settings.maxSessions) {
      this.#sessions.delete(oldest);
    }
    this.#sessions.set(session.id, session);
    this.#byCall.set(call, session);
    setCookie(call, `${SESSION_COOKIE}=${session.id}`);
    return session;
  }

  /** Closes the session of the client that makes this call. */
  close(call: CallContext): CloseSessionStatus {
    const session = this.#byCall.get(call);
    if (session === undefined) return "NOT_CLOSEABLE";
    this.#sessions.delete(session.id);
    this.#byCall.delete(call);
    setCookie(call, `${SESSION_COOKIE}=${session.id}; Max-Age=0`);
    return "CLOSED";
  }
}

/** In the trailers, too: the headers may have gone out before the session was asked for. */
function setCookie(call: CallContext, cookie: string): void {
  call.responseHeaders.append("set-cookie", cookie);
  call.trailers.append("set-cookie", cookie);
}
