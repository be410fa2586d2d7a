/**
 * What each way to a server answers to each caller. Whatever is new has to be added here,
 * or the first test of access_test.ts fails.
 *
 * @module
 */
import { tableFromArrays } from "apache-arrow";
import { type FlightClient, ticketOf } from "../../flight/mod.ts";
import * as predefined from "../../flight/protocol/predefined_actions.ts";
import { TinyClient } from "../../mod.ts";
import { collect, utf8 } from "../helpers/serving.ts";

/** The table that is put. */
export const TABLE = tableFromArrays({ x: [1, 2, 3] });

/** Who asks: whom the rules let do everything, read, write, nothing; and a stranger. */
export const CALLERS = ["admin", "reader", "writer", "nobody", "stranger"] as const;

/** One of them. */
export type Caller = (typeof CALLERS)[number];

/** What the rules let them do. */
export const RULES = [
  { who: "admin", may: ["read", "write", "drop", "shutdown", "metrics"], tables: "*" },
  { who: "reader", may: "read", tables: "sales/*" },
  { who: "writer", may: ["write", "drop"], tables: "sales/*" },
] as const;

const DESCRIPTOR = { type: "CMD", cmd: utf8("sales/a") } as const;
const put = async (client: FlightClient) => {
  const tiny = new TinyClient(client);
  await tiny.putTable("sales/a", TABLE);
};
/** Runs an action. */
export const run =
  (type: string, body: Uint8Array = new Uint8Array(0)) => (client: FlightClient) =>
    collect(client.doAction({ type, body }));

/** What each RPC answers to the callers, in their order. */
export const RPCS: {
  readonly [name: string]: [(client: FlightClient) => Promise<unknown>, string[]];
} = {
  Handshake: [
    (client) => collect(client.handshake((async function* () {})())),
    // Tokens are given out beforehand: there is no login.
    [
      "UNIMPLEMENTED",
      "UNIMPLEMENTED",
      "UNIMPLEMENTED",
      "UNIMPLEMENTED",
      "UNIMPLEMENTED",
    ],
  ],
  ListFlights: [
    (client) => collect(client.listFlights()),
    ["OK", "OK", "OK", "OK", "UNAUTHENTICATED"],
  ],
  GetFlightInfo: [
    (client) => client.getFlightInfo(DESCRIPTOR),
    ["OK", "OK", "NOT_FOUND", "NOT_FOUND", "UNAUTHENTICATED"],
  ],
  PollFlightInfo: [
    (client) => client.pollFlightInfo(DESCRIPTOR),
    ["OK", "OK", "NOT_FOUND", "NOT_FOUND", "UNAUTHENTICATED"],
  ],
  GetSchema: [
    (client) => client.getSchema(DESCRIPTOR),
    ["OK", "OK", "NOT_FOUND", "NOT_FOUND", "UNAUTHENTICATED"],
  ],
  DoGet: [
    (client) => collect(client.doGet(ticketOf("sales/a"))),
    ["OK", "OK", "NOT_FOUND", "NOT_FOUND", "UNAUTHENTICATED"],
  ],
  DoPut: [put, [
    "OK",
    "PERMISSION_DENIED",
    "OK",
    "PERMISSION_DENIED",
    "UNAUTHENTICATED",
  ]],
  DoExchange: [
    (client) => collect(client.doExchange((async function* () {})())),
    [
      "UNIMPLEMENTED",
      "UNIMPLEMENTED",
      "UNIMPLEMENTED",
      "UNIMPLEMENTED",
      "UNAUTHENTICATED",
    ],
  ],
  DoAction: [run("healthcheck"), ["OK", "OK", "OK", "OK", "UNAUTHENTICATED"]],
  ListActions: [
    (client) => collect(client.listActions()),
    ["OK", "OK", "OK", "OK", "UNAUTHENTICATED"],
  ],
};

const EVERYONE = ["OK", "OK", "OK", "OK", "UNAUTHENTICATED"];
const ALL = ["OK", "OK", "OK", "OK", "OK"];
const NO_ONE = [
  ...["UNIMPLEMENTED", "UNIMPLEMENTED", "UNIMPLEMENTED", "UNIMPLEMENTED"],
  "UNAUTHENTICATED",
];

/** What each action answers to them. */
export const ACTIONS: { readonly [type: string]: [body: Uint8Array, string[]] } = {
  drop_table: [
    utf8("sales/a"),
    ["OK", "PERMISSION_DENIED", "OK", "NOT_FOUND", "UNAUTHENTICATED"],
  ],
  healthcheck: [new Uint8Array(0), EVERYONE],
  shutdown: [
    new Uint8Array(0),
    [
      ...["OK", "PERMISSION_DENIED", "PERMISSION_DENIED", "PERMISSION_DENIED"],
      "UNAUTHENTICATED",
    ],
  ],
  CancelFlightInfo: [
    predefined.cancelFlightInfo.request.serialize({ info: {} }),
    NO_ONE,
  ],
  RenewFlightEndpoint: [
    predefined.renewFlightEndpoint.request.serialize({
      endpoint: { ticket: { ticket: utf8("sales/a") } },
    }),
    ["OK", "OK", "NOT_FOUND", "NOT_FOUND", "UNAUTHENTICATED"],
  ],
  SetSessionOptions: [new Uint8Array(0), EVERYONE],
  GetSessionOptions: [new Uint8Array(0), EVERYONE],
  CloseSession: [new Uint8Array(0), EVERYONE],
};

/** What each request over HTTP answers to them. */
export const REQUESTS: { readonly [route: string]: number[] } = {
  "GET /": [200, 200, 200, 200, 200],
  "HEAD /": [200, 200, 200, 200, 200],
  "GET /page/FILE": [200, 200, 200, 200, 200],
  "HEAD /page/FILE": [200, 200, 200, 200, 200],
  "GET /page/tables": [200, 200, 200, 200, 401],
  "GET /page/tables/NAME": [200, 200, 404, 404, 401],
  "GET /page/traffic": [200, 403, 403, 403, 401],
  "GET /health": [200, 200, 200, 200, 200],
  "HEAD /health": [200, 200, 200, 200, 200],
  "GET /metrics": [200, 403, 403, 403, 401],
  "HEAD /metrics": [200, 403, 403, 403, 401],
  "GET /tables": [200, 200, 200, 200, 401],
  "HEAD /tables": [200, 200, 200, 200, 401],
  "GET /tables/NAME": [200, 200, 404, 404, 401],
  "HEAD /tables/NAME": [200, 200, 404, 404, 401],
  // A writer who may not read is not told whether there was a table.
  "PUT /tables/NAME": [200, 403, 201, 403, 401],
  "DELETE /tables/NAME": [204, 403, 204, 404, 401],
};

/** What each method of the services beside Flight's answers to them. */
export const SERVICES: {
  readonly [path: string]: [request: Uint8Array, isEndless: boolean, string[]];
} = {
  // Those who probe are load balancers, which have no identity.
  "/grpc.health.v1.Health/Check": [new Uint8Array(0), false, ALL],
  "/grpc.health.v1.Health/Watch": [new Uint8Array(0), true, ALL],
  // A request for the list of services: field 7, with an empty text.
  "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": [
    new Uint8Array([0x3a, 0]),
    false,
    EVERYONE,
  ],
  "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo": [
    new Uint8Array([0x3a, 0]),
    false,
    EVERYONE,
  ],
};
