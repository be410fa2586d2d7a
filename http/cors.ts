/**
 * Which web pages may use the server (the Fetch standard's CORS protocol).
 *
 * @module
 */

/** The origins of these pages: all, or those in the list. */
export type Origins = "*" | readonly string[];

/** Adds the headers to a response that let the page read it. */
export function allowOrigin(
  request: Request,
  response: Response,
  origins: Origins,
): Response {
  if (origins.length > 0) {
    response.headers.append("access-control-expose-headers", "etag");
  }
  if (origins === "*") {
    response.headers.set("access-control-allow-origin", "*");
    return response;
  }
  if (origins.length === 0) return response;
  response.headers.append("vary", "origin");
  const origin = request.headers.get("origin");
  if (origin !== null && origins.includes(origin)) {
    response.headers.set("access-control-allow-origin", origin);
  }
  return response;
}

/** The response to OPTIONS, which a browser sends before other requests. */
export function answerPreflight(methods: readonly string[]): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "allow": methods.join(", "),
      "access-control-allow-methods": methods.join(", "),
      "access-control-allow-headers":
        "authorization, content-type, if-match, if-none-match",
      "access-control-max-age": "86400",
    },
  });
}
