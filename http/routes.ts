/**
 * The paths of an HttpDoor.
 *
 * @module
 */
import { isListPath, nameOfPath } from "./table_path.ts";

/**
 * The requests that each path takes, with the method of Flight that each stands for, or
 * a name of its own.
 */
export const ROUTES: {
  readonly [path: string]: { readonly [verb: string]: string };
} = {
  "/": { GET: "Page", HEAD: "Page" },
  "/page/FILE": { GET: "Page", HEAD: "Page" },
  "/page/tables": { GET: "ListFlights" },
  "/page/tables/NAME": { GET: "DoGet" },
  "/page/traffic": { GET: "Traffic" },
  "/health": { GET: "Health", HEAD: "Health" },
  "/metrics": { GET: "Metrics", HEAD: "Metrics" },
  "/tables": { GET: "ListFlights", HEAD: "ListFlights" },
  "/tables/NAME": {
    GET: "DoGet",
    HEAD: "GetFlightInfo",
    PUT: "DoPut",
    DELETE: "DoAction",
  },
};

/** Where a request's path leads. */
export interface Route {
  /** One of the paths above. */
  readonly route: string;
  /** The table or the file that stands for NAME or FILE; "" for other paths. */
  readonly name: string;
}

/** The paths that a server need not have. */
export interface OptionalRoutes {
  /** Whether it has metrics. */
  readonly metrics: boolean;
  /** Whether it has a web page. */
  readonly page: boolean;
}

/**
 * Where this path leads; undefined for nowhere.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when the path does not contain a name.
 */
export function routeOf(
  path: string,
  { metrics, page }: OptionalRoutes,
): Route | undefined {
  if (path === "/health" || path === "/metrics" && metrics) {
    return { route: path, name: "" };
  }
  if (isListPath(path)) return { route: "/tables", name: "" };
  const name = nameOfPath(path);
  if (name !== undefined) return { route: "/tables/NAME", name };
  return page ? pageRouteOf(path) : undefined;
}

function pageRouteOf(path: string): Route | undefined {
  if (path === "/") return { route: path, name: "page.html" };
  if (!path.startsWith("/page/")) return undefined;
  const rest = path.slice("/page".length);
  if (rest === "/tables" || rest === "/traffic") return { route: path, name: "" };
  const table = nameOfPath(rest);
  if (table !== undefined) return { route: "/page/tables/NAME", name: table };
  return { route: "/page/FILE", name: rest.slice(1) };
}
