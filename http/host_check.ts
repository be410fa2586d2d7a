/**
 * Keeps web pages away that have no business with the server.
 *
 * @module
 */
import { isIP } from "node:net";
import { FlightError } from "../flight/errors.ts";
import type { Origins } from "./cors.ts";

/** Which requests are answered. */
export interface HostCheckOptions {
  /** The hosts by which the server may be reached; `"*"` for any. */
  readonly hosts: "*" | readonly string[];
  /** The origins whose pages may use it, beside its own. */
  readonly origins: Origins;
}

/**
 * Checks a request's host and origin. A page whose name leads to this machine (DNS
 * rebinding) has the origin of the server itself to a browser, but not a host that is
 * the server's: a name that is not in the list. An address is always one, as a page that
 * was loaded from it came from the server.
 */
export class HostCheck {
  readonly #hosts: ReadonlySet<string> | undefined;
  readonly #origins: Origins;

  /** A check for these hosts and origins. */
  constructor({ hosts, origins }: HostCheckOptions) {
    this.#hosts = hosts === "*"
      ? undefined
      : new Set(hosts.map((host) => host.toLowerCase()));
    this.#origins = origins;
  }

  /**
   * Checks the request for this URL.
   *
   * @throws {FlightError} PERMISSION_DENIED, when its host or its origin is a stranger.
   */
  check(request: Request, url: URL): void {
    const { hostname, host } = url;
    if (this.#hosts !== undefined && !this.#isOwn(hostname)) {
      throw denied(
        `the host "${hostname}" is not the server's; its own are set by the option hosts`,
      );
    }
    const origin = request.headers.get("origin");
    if (origin === null || this.#origins === "*") return;
    if (this.#origins.includes(origin) || URL.parse(origin)?.host === host) return;
    throw denied(
      `pages of "${origin}" may not use the server; those that may are set by the option cors`,
    );
  }

  #isOwn(hostname: string): boolean {
    const isAddress = isIP(hostname.replace(/^\[|\]$/g, "")) !== 0;
    return isAddress || /^(.+\.)?localhost$/.test(hostname) ||
      this.#hosts!.has(hostname);
  }
}

function denied(reason: string): FlightError {
  return new FlightError("PERMISSION_DENIED", `Cannot answer the request: ${reason}`);
}
