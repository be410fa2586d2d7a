/**
 * Cookies, by which a server knows a client again (RFC 6265).
 *
 * @module
 */
import type { CallHeaders } from "../../rpc/call_headers.ts";

/** The cookie of a session, as the specification names it. */
export const SESSION_COOKIE = "arrow_flight_session_id";

/** The cookies that came with a call's headers: a name may come several times. */
export interface Cookies {
  /** All values under this name. */
  getAll(name: string): string[];
}

/** Reads the cookies from the headers of a call. A value may stand in quotes. */
export function parseCookies(headers: CallHeaders): Cookies {
  const pairs = headers.getAll("cookie").flatMap((header) => header.split(";")).map(
    splitPair,
  );
  return {
    getAll: (name) =>
      pairs.filter(([other]) => other === name).map(([, value]) =>
        value.replace(/^"(.*)"$/, "$1")
      ),
  };
}

/** The two sides of a cookie's or an attribute's equals sign, without spaces. */
export function splitPair(text: string): [string, string] {
  const at = text.indexOf("=");
  return at < 0
    ? [text.trim(), ""]
    : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}
