/**
 * The HTTP door of a server.
 *
 * @module
 */
import type { CallContext } from "../flight/server/call_context.ts";
import { formatHost, isEveryAddress } from "../flight/protocol/location.ts";
import { checkOptions, type OptionSet } from "../base/check_options.ts";
import {
  FLAG,
  HOSTNAME,
  numberFrom,
  objectWith,
  PORT,
  SIGNING_KEY,
  text,
} from "../base/value_kinds.ts";
import type { CertificateAndKey } from "../rpc/transport.ts";
import type { TableLocation } from "../stores/store.ts";
import { checkNotOpen } from "../tables/open_check.ts";
import type { OpenDoor, TableDoor, TableHost } from "../tables/table_door.ts";
import { HostCheck } from "./host_check.ts";
import { type MetricsSource, Requests } from "./requests.ts";
import { Servers } from "./servers.ts";
import { Signer } from "./signature.ts";
import { pathOfTable } from "./table_path.ts";

/** How an {@linkcode HttpDoor} listens, and to whom it answers. */
export interface HttpDoorOptions {
  /** The host name or IP address on which to listen. @default the server's */
  hostname?: string;
  /** The port on which to listen; 0 picks a free one. @default 5679 */
  port?: number;
  /**
   * Whether to speak TLS, with the first certificate of the server's option `tls`. It
   * asks for no certificates of clients. `false` is for a door behind a proxy that speaks
   * TLS. @default whether the server does
   */
  tls?: boolean;
  /**
   * The URL to name in every FlightInfo, when clients reach the door under another
   * than the one on which it listens: `https://example.org/arrow` stands for
   * `https://example.org/arrow/tables/NAME`.
   */
  advertise?: string;
  /**
   * The origins whose web pages may use the door, such as `https://example.org`, or
   * `"*"` for all. @default none
   */
  cors?: "*" | readonly string[];
  /**
   * The host names by which clients may reach a door without `auth`, or `"*"` for any.
   * IP addresses, `localhost`, the host on which it listens and that of `advertise` are
   * always allowed. It keeps web pages out whose name leads to this machine (DNS
   * rebinding). @default none but these; with `auth` any
   */
  hosts?: "*" | readonly string[];
  /** What `GET /metrics` gives, such as a `Metrics`. @default there is no such path */
  metrics?: MetricsSource;
  /**
   * Whether `GET /` gives a web page, on which people see the tables, put and drop
   * them, as far as they may. @default true
   */
  page?: boolean;
  /**
   * How long the URI in a FlightInfo can be used, in milliseconds, when the server
   * asks its clients who they are. @default an hour
   */
  signedFor?: number;
  /**
   * The secret by which such URIs are signed, for several servers that are to accept
   * each other's; at least 32 bytes. @default one of its own
   */
  signingKey?: Uint8Array;
}

const DEFAULT_PORT = 5679;
const HOUR = 60 * 60 * 1000;
/** A hundred years; far later there are no dates. */
const MAX_SIGNED_FOR = 100 * 365 * 24 * HOUR;

const OPTIONS: OptionSet<HttpDoorOptions> = {
  of: "HttpDoor",
  example: "{ port: 5679 }",
  kinds: {
    hostname: HOSTNAME,
    port: PORT,
    tls: FLAG,
    advertise: text("https://example.org/arrow"),
    cors: {
      wanted: '"*" or an array of origins, such as ["https://example.org"]',
      isType: (value) =>
        value === "*" ||
        Array.isArray(value) && value.every((item) => typeof item === "string"),
    },
    hosts: {
      wanted: '"*" or an array of host names, such as ["arrow.example.org"]',
      isType: (value) =>
        value === "*" ||
        Array.isArray(value) && value.every((item) => typeof item === "string"),
    },
    metrics: objectWith(["read"], "an object that has `read()`, such as a Metrics"),
    page: FLAG,
    signedFor: {
      ...numberFrom(1000, `a number of milliseconds from 1000 to ${MAX_SIGNED_FOR}`),
      isInRange: (value) => Number(value) >= 1000 && Number(value) <= MAX_SIGNED_FOR,
    },
    signingKey: SIGNING_KEY,
  },
};

/**
 * A TinyServer's tables over HTTP: the option `http` of the server takes it, and it
 * opens and closes with the server. Requests pass the server's middleware, as the
 * methods of Flight for which they stand. Where the server has the option `auth`,
 * a request needs the same `authorization` header as a call, or a URI from a
 * FlightInfo, which is signed for whoever asked for it.
 *
 * @example A server whose tables a web page may read
 * ```ts
 * import { HttpDoor } from "@tinyflight/flight/http";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const http = new HttpDoor({ port: 0, cors: ["https://example.org"] });
 * await using server = await new TinyServer({ port: 0, http }).listen();
 * console.log(http.location); // "http://localhost:40321"
 * ```
 */
export class HttpDoor implements TableDoor {
  readonly #options: HttpDoorOptions;
  readonly #port: number;
  readonly #signer: Signer;
  readonly #signedFor: number;
  #isTaken = false;
  #location: string | undefined;

  /**
   * A door that is not open yet.
   *
   * @throws {TypeError} when an option has a wrong type or is not known, the URL to
   * advertise is none of HTTP, or an origin is none.
   * @throws {RangeError} when the port, the time or the key is out of range.
   */
  constructor(options: HttpDoorOptions = {}) {
    checkOptions(OPTIONS, options);
    const { port = DEFAULT_PORT, signedFor = HOUR, signingKey, advertise, cors = [] } =
      options;
    for (const origin of cors === "*" ? [] : cors) {
      if (/^[a-z][a-z0-9+.-]*:\/\/[^/?#A-Z]+$/.test(origin)) continue;
      throw new TypeError(
        `Cannot let pages of "${origin}" in: an origin has to look like https://example.org`,
      );
    }
    if (advertise !== undefined && !/^https?:\/\/[^/?#]+[^?#]*$/i.test(advertise)) {
      throw new TypeError(
        `Cannot advertise "${advertise}": it has to look like https://host/path`,
      );
    }
    this.#options = options;
    this.#port = port;
    this.#signedFor = signedFor;
    this.#signer = new Signer(signingKey);
  }

  /** Where the door is, such as `http://localhost:5679`; with TLS `https:`. */
  get location(): string {
    if (this.#location === undefined) {
      throw new Error("Cannot tell the location: the server does not listen yet");
    }
    return this.#location;
  }

  /**
   * Listens; the server does this.
   *
   * @internal
   * @throws {Error} when it is open already, or the port cannot be had.
   * @throws {TypeError} in another runtime than Deno; or when it is to speak TLS and the
   * server does not, or the server knows its clients by certificates alone.
   */
  async open(host: TableHost): Promise<OpenDoor> {
    if (!("Deno" in globalThis)) {
      throw new TypeError("Cannot open the HTTP door: it needs Deno, not Node or Bun");
    }
    if (this.#isTaken) {
      throw new Error("Cannot open the HTTP door: it belongs to a server already");
    }
    this.#isTaken = true;
    const certificate = this.#certificateOf(host);
    const { hostname = host.hostname, cors = [], metrics, page = true } = this
      .#options;
    if (!host.hasAuth && !host.isOpen) await checkNotOpen(hostname);
    const hostCheck = new HostCheck({
      hosts: this.#hosts(host, hostname),
      origins: cors,
    });
    const requests = new Requests(host, {
      signer: this.#signer,
      origins: cors,
      hostCheck,
      metrics,
      page,
      grant: (name, identity) => this.#grant(name, identity).query,
    });
    const servers = new Servers(requests, certificate);
    const port = await servers.listen(hostname, this.#port);
    const scheme = certificate === undefined ? "http" : "https";
    this.#location = `${scheme}://${formatHost(hostname)}:${port}`;
    return {
      drain: () => servers.drain(),
      close: () => servers.close(),
      setTls: async ({ certificates }) => {
        if (certificate !== undefined) await servers.setCertificate(certificates[0]);
      },
      locate: (name, call) =>
        this.#locate(name, call, { host, hostname, port, scheme }),
    };
  }

  /** The certificate to show; undefined without TLS. */
  #certificateOf({ tls, hasAuth }: TableHost): CertificateAndKey | undefined {
    const cannot = "Cannot open the HTTP door";
    if (tls?.clientCa !== undefined && !hasAuth) {
      throw new TypeError(
        `${cannot}: it asks for no certificates of clients, by which alone the server keeps strangers out; set the option auth`,
      );
    }
    const { tls: isWanted = tls !== undefined } = this.#options;
    if (!isWanted) return undefined;
    if (tls === undefined) {
      throw new TypeError(`${cannot}: its option tls needs that of the server`);
    }
    return tls.certificates[0];
  }

  #hosts({ hasAuth }: TableHost, hostname: string): "*" | readonly string[] {
    const { hosts, advertise } = this.#options;
    if (hosts === "*" || hosts === undefined && hasAuth) return "*";
    const advertised = advertise === undefined ? [] : [new URL(advertise).hostname];
    return [hostname, ...advertised, ...hosts ?? []];
  }

  #locate(
    name: string,
    call: CallContext,
    { host, hostname, port, scheme }: {
      host: TableHost;
      hostname: string;
      port: number;
      scheme: string;
    },
  ): TableLocation | undefined {
    const path = pathOfTable(name);
    if (path === undefined) return undefined;
    const { advertise } = this.#options;
    const base = advertise?.replace(/\/$/, "") ??
      `${scheme}://${hostFor(hostname, call)}:${port}`;
    if (!host.hasAuth) return { uri: base + path, expires: undefined };
    const { identity } = call;
    if (identity === undefined) return undefined;
    const { query, expires } = this.#grant(name, identity);
    return { uri: `${base}${path}?${query}`, expires };
  }

  /** The query of a URI by which an identity may read a table for some time. */
  #grant(name: string, identity: string): { query: string; expires: Date } {
    const expires = Math.floor((Date.now() + this.#signedFor) / 1000);
    const query = this.#signer.sign({ name, identity, expires });
    return { query, expires: new Date(expires * 1000) };
  }
}

/** The host by which a client reaches the door: that by which it has reached the server. */
function hostFor(hostname: string, { authority }: CallContext): string {
  const reached = /^(\[[0-9a-f:.%]+\]|[\w.-]+)(:\d+)?$/i.exec(authority ?? "")?.[1];
  return isEveryAddress(hostname) && reached !== undefined
    ? reached
    : formatHost(hostname);
}
