/**
 * Serves the tables of a TinyServer over HTTP, as Arrow IPC streams: for programs
 * without a Flight client, for browsers, and for TinyClient, which reads faster this way.
 *
 * | request              | does                                                   |
 * |----------------------|--------------------------------------------------------|
 * | `GET /tables`        | lists the tables, as JSON                               |
 * | `GET /tables/NAME`   | gives a table; `HEAD` gives its size                    |
 * | `PUT /tables/NAME`   | puts a table, and replaces the one of this name         |
 * | `DELETE /tables/NAME`| drops a table                                           |
 * | `GET /`              | gives a web page for people                             |
 *
 * A name in a path is encoded with `encodeURIComponent`. A table's body has the type
 * `application/vnd.apache.arrow.stream`; with the query `as`, such as `as=csv`, it is a
 * file of another format. An error's body is a JSON object with `code`,
 * the name of a gRPC status, and `message`. Each version of a table has an ETag:
 * `If-None-Match` reads a table only when it has changed, `If-Match` replaces or drops
 * that version only.
 *
 * @example A server over gRPC and HTTP
 * ```ts
 * import { HttpDoor } from "@tinyflight/flight/http";
 * import { TinyClient, TinyServer } from "@tinyflight/flight";
 * import { tableFromArrays, tableFromIPC } from "apache-arrow";
 *
 * const http = new HttpDoor({ port: 0 });
 * await using server = await new TinyServer({ port: 0, http }).listen();
 * await using client = await TinyClient.connect(server.location);
 * await client.putTable("points", tableFromArrays({ x: [1, 2], y: [3, 4] }));
 *
 * const response = await fetch(`${http.location}/tables/points`);
 * console.log((await tableFromIPC(response)).numRows); // 2
 * ```
 *
 * @module
 */
export type { MetricsSource } from "./requests.ts";
export { HttpDoor, type HttpDoorOptions } from "./http_door.ts";
