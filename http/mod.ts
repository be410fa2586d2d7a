/**
 * The tables of a TinyServer over HTTP: Arrow IPC streams, for programs that have
 * no Flight client, for browsers, and for a TinyClient, which reads them faster so.
 *
 * | request              | does                                                   |
 * |----------------------|--------------------------------------------------------|
 * | `GET /tables`        | lists the tables, as JSON                               |
 * | `GET /tables/NAME`   | gives a table; `HEAD` tells its size                    |
 * | `PUT /tables/NAME`   | puts a table in the place of the one of this name       |
 * | `DELETE /tables/NAME`| forgets a table                                         |
 *
 * A name stands in the path as `encodeURIComponent` gives it. Bodies are of the
 * type `application/vnd.apache.arrow.stream`; an error's body is a JSON object with
 * `code`, one of gRPC's, and `message`.
 *
 * @example A server with both doors
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
export { HttpDoor, type HttpDoorOptions } from "./http_door.ts";
