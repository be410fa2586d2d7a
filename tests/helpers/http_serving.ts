/** Servers with an HttpDoor, for the tests. */
import { HttpDoor, type HttpDoorOptions } from "../../http/mod.ts";
import type { TinyServerOptions } from "../../mod.ts";
import { type Serving, serving } from "./serving.ts";

/** A server over gRPC and HTTP, and the URLs of its tables. */
export interface HttpServing extends Serving {
  readonly http: HttpDoor;
  urlOf(name: string): string;
}

/** Starts a server with an HttpDoor on free ports, and a client of it. */
export async function httpServing(
  options: TinyServerOptions = {},
  httpOptions: HttpDoorOptions = {},
): Promise<HttpServing> {
  const http = new HttpDoor({ port: 0, ...httpOptions });
  const both = await serving({ http, ...options });
  return Object.assign(both, {
    http,
    urlOf: (name: string) => `${http.location}/tables/${encodeURIComponent(name)}`,
  });
}

/** The JSON of an answer, once its status has been checked. */
export async function jsonOf(response: Response, status: number): Promise<unknown> {
  const text = await response.text();
  if (response.status !== status) throw new Error(`${response.status}: ${text}`);
  return JSON.parse(text);
}

/** Puts these bytes at a URL. */
export function putBytes(url: string, bytes?: Uint8Array): Promise<Response> {
  return fetch(url, { method: "PUT", body: bytes && new Uint8Array(bytes) });
}
