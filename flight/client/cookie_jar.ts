/**
 * A client's cookies.
 *
 * @module
 */
import { splitPair } from "../protocol/cookies.ts";
import type { ClientMiddleware } from "./middleware.ts";

/**
 * A middleware that keeps the cookies that a server sets, and shows them with every
 * later call. It forgets a cookie with `Max-Age=0` or an `Expires` that has passed.
 * One jar serves the clients of one server.
 *
 * @example A client that keeps its session
 * ```ts
 * import { cookieJar, FlightClient } from "@tinyflight/flight/flight";
 *
 * await using client = new FlightClient("grpc://localhost", { middleware: [cookieJar()] });
 * ```
 */
export function cookieJar(): ClientMiddleware {
  const jar = new Map<string, { readonly value: string; readonly until: number }>();
  return (call, next) => {
    const now = Date.now();
    const fresh = [...jar].filter(([, { until }]) => until > now);
    if (fresh.length > 0) {
      const header = fresh.map(([name, { value }]) => `${name}=${value}`).join("; ");
      call.headers.append("cookie", header);
    }
    call.onReceived((headers) => {
      for (const header of headers.getAll("set-cookie")) keep(jar, header);
    });
    return next();
  };
}

function keep(
  jar: Map<string, { readonly value: string; readonly until: number }>,
  header: string,
): void {
  const [pair, ...attributes] = header.split(";");
  const [name, value] = splitPair(pair);
  // What is no cookie is passed over (RFC 6265, 5.2).
  if (name === "" || !pair.includes("=")) return;
  let until = Infinity;
  let hasMaxAge = false;
  for (const [key, text] of attributes.map(splitPair)) {
    const attribute = key.toLowerCase();
    if (attribute === "max-age" && /^-?\d+$/.test(text)) {
      hasMaxAge = true;
      until = Date.now() + Number(text) * 1000;
    } else if (attribute === "expires" && !hasMaxAge && !isNaN(Date.parse(text))) {
      until = Date.parse(text);
    }
  }
  if (until > Date.now()) jar.set(name, { value, until });
  else jar.delete(name);
}
