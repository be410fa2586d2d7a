/**
 * Every way to a server, asked by everyone: each RPC, action and route over HTTP. One that
 * is new has to be added here, or the first test fails.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { allowByRules, bearerTokens, hashToken } from "../../auth/mod.ts";
import {
  bearerAuth,
  cookieJar,
  FlightClient,
  FlightError,
  Sessions,
  ticketOf,
} from "../../flight/mod.ts";
import { handlersOf } from "../../flight/server/handlers.ts";
import * as predefined from "../../flight/protocol/predefined_actions.ts";
import { HttpDoor } from "../../http/mod.ts";
import { ROUTES } from "../../http/routes.ts";
import { TinyClient, TinyServer } from "../../mod.ts";
import { Metrics } from "../../telemetry/metrics.ts";
import { healthService, reflectionServices } from "../../services/mod.ts";
import { collect, utf8 } from "../helpers/serving.ts";

const TABLE = tableFromArrays({ x: [1, 2, 3] });
const STREAM = new Uint8Array(tableToIPC(TABLE, "stream"));

/** Who asks: whom the rules let do everything, read, write, nothing; and a stranger. */
const CALLERS = ["admin", "reader", "writer", "nobody", "stranger"] as const;

const RULES = [
  { who: "admin", may: ["read", "write", "drop", "shutdown", "metrics"], tables: "*" },
  { who: "reader", may: "read", tables: "sales/*" },
  { who: "writer", may: ["write", "drop"], tables: "sales/*" },
] as const;

const tokens = new Map(
  CALLERS.slice(0, 4).map((identity) => [hashToken(`${identity}-token`), { identity }]),
);

/** A server that is asked everything, and how each caller asks it. */
async function start() {
  const http = new HttpDoor({ port: 0, metrics: new Metrics() });
  let isStopping = false;
  class Asked extends TinyServer {
    override shutdown(): Promise<void> {
      isStopping = true;
      return Promise.resolve();
    }
    stop(): Promise<void> {
      return super.shutdown();
    }
  }
  const server = await new Asked({
    port: 0,
    auth: bearerTokens({ tokens }),
    allow: allowByRules(RULES),
    sessions: new Sessions(),
    services: [healthService(), ...reflectionServices()],
    http,
  }).listen();
  const clients = CALLERS.map((caller) =>
    new FlightClient(server.location, {
      middleware: [cookieJar(), ...middlewareOf(caller)],
    })
  );
  const admin = await TinyClient.connect(server.location, {
    middleware: middlewareOf("admin"),
    http: false,
  });
  const reset = async () => {
    for (const name of ["sales/a", "other"]) await admin.putTable(name, TABLE);
    isStopping = false;
  };
  await reset();
  return {
    server,
    http,
    reset,
    wasStopped: () => isStopping,
    flightOf: (caller: (typeof CALLERS)[number]) => clients[CALLERS.indexOf(caller)],
    async [Symbol.asyncDispose]() {
      admin.close();
      for (const client of clients) client.close();
      await server.stop();
    },
  };
}

type Asked = Awaited<ReturnType<typeof start>>;

function middlewareOf(caller: (typeof CALLERS)[number]) {
  return caller === "stranger" ? [] : [bearerAuth(`${caller}-token`)];
}

/** `OK`, or the code of the error. */
async function codeOf(run: () => Promise<unknown>): Promise<string> {
  try {
    await run();
    return "OK";
  } catch (error) {
    if (error instanceof FlightError) return error.code;
    throw error;
  }
}

const DESCRIPTOR = { type: "CMD", cmd: utf8("sales/a") } as const;
const put = async (client: FlightClient) => {
  const tiny = new TinyClient(client);
  await tiny.putTable("sales/a", TABLE);
};
const run =
  (type: string, body: Uint8Array = new Uint8Array(0)) => (client: FlightClient) =>
    collect(client.doAction({ type, body }));

/** What each RPC answers to the callers, in their order. */
const RPCS: {
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
const NO_ONE = [
  ...["UNIMPLEMENTED", "UNIMPLEMENTED", "UNIMPLEMENTED", "UNIMPLEMENTED"],
  "UNAUTHENTICATED",
];

/** What each action answers to them. */
const ACTIONS: { readonly [type: string]: [body: Uint8Array, string[]] } = {
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
const REQUESTS: { readonly [route: string]: number[] } = {
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

/** The services beside Flight's: all may ask for health, those with an identity for the rest. */
const SERVICES = [
  "grpc.health.v1.Health",
  "grpc.reflection.v1.ServerReflection",
  "grpc.reflection.v1alpha.ServerReflection",
];

Deno.test("every RPC, action, route and service is on the lists of this file", () => {
  const server = new TinyServer();
  const rpcs = handlersOf(server).map(({ method }) => method.name);
  assertEquals(Object.keys(RPCS).sort(), rpcs.sort());
  const own = ["drop_table", "healthcheck", "shutdown"];
  const defined = Object.values(predefined).flatMap((value) =>
    typeof value === "object" && "type" in value ? [value.type] : []
  );
  assertEquals(Object.keys(ACTIONS).sort(), [...own, ...defined].sort());
  const routes = Object.entries(ROUTES).flatMap(([path, verbs]) =>
    Object.keys(verbs).map((verb) => `${verb} ${path}`)
  );
  assertEquals(Object.keys(REQUESTS).sort(), routes.sort());
  const services = [healthService(), ...reflectionServices()];
  assertEquals(SERVICES, services.map(({ name }) => name));
});

Deno.test("the server's own actions are those on the list", async () => {
  await using asked = await start();
  const actions = await collect(asked.flightOf("admin").listActions());
  const types = actions.map(({ type }) => type);
  assertEquals(types.filter((type) => !Object.hasOwn(ACTIONS, type)), []);
  assertEquals(types.slice(0, 3), ["drop_table", "healthcheck", "shutdown"]);
  const others = await collect(asked.flightOf("reader").listActions());
  assertEquals(others.some(({ type }) => type === "shutdown"), false);
});

Deno.test("every RPC asks who calls, and what the caller may", async () => {
  await using asked = await start();
  for (const [name, [call, expected]] of Object.entries(RPCS)) {
    const codes: string[] = [];
    for (const caller of CALLERS) {
      codes.push(await codeOf(() => call(asked.flightOf(caller))));
    }
    assertEquals([name, ...codes], [name, ...expected]);
  }
});

Deno.test("every action asks who calls, and what the caller may", async () => {
  await using asked = await start();
  for (const [type, [body, expected]] of Object.entries(ACTIONS)) {
    const codes: string[] = [];
    for (const caller of CALLERS) {
      await asked.reset();
      codes.push(await codeOf(() => run(type, body)(asked.flightOf(caller))));
      assertEquals(asked.wasStopped(), type === "shutdown" && caller === "admin");
    }
    assertEquals([type, ...codes], [type, ...expected]);
  }
});

Deno.test("every request over HTTP asks who calls, and what the caller may", async () => {
  await using asked = await start();
  for (const [route, expected] of Object.entries(REQUESTS)) {
    // In other formats, tables are asked for in the same way.
    const formats = route.endsWith(" /tables/NAME") ? ["", "?as=csv"] : [""];
    for (const format of formats) {
      const [method, path] = route.split(" ");
      const name = path.replace("NAME", "sales%2Fa").replace("FILE", "page.css");
      const statuses: number[] = [];
      for (const caller of CALLERS) {
        await asked.reset();
        const response = await fetch(asked.http.location + name + format, {
          method,
          body: method === "PUT" ? format === "" ? STREAM : "x\n1\n" : undefined,
          headers: authorizationOf(caller),
        });
        // The traffic goes on and on.
        await (path.endsWith("traffic") ? response.body?.cancel() : response.bytes());
        statuses.push(response.status);
      }
      assertEquals([route, format, ...statuses], [route, format, ...expected]);
    }
  }
});

function authorizationOf(caller: string): Record<string, string> {
  return caller === "stranger" ? {} : { authorization: `Bearer ${caller}-token` };
}

Deno.test("lists and hints have only what the caller may read", async () => {
  await using asked = await start();
  const listed = async (caller: (typeof CALLERS)[number]) => {
    const names: string[] = [];
    for await (const { flightDescriptor } of asked.flightOf(caller).listFlights()) {
      names.push(
        new TextDecoder().decode(flightDescriptor!.cmd) ||
          flightDescriptor!.path.join(),
      );
    }
    const response = await fetch(`${asked.http.location}/tables`, {
      headers: authorizationOf(caller),
    });
    const overHttp = (await response.json() as { name: string }[]).map(({ name }) =>
      name
    );
    assertEquals(overHttp, names);
    return names;
  };
  assertEquals(await listed("admin"), ["other", "sales/a"]);
  assertEquals(await listed("reader"), ["sales/a"]);
  assertEquals(await listed("writer"), []);
  const messageOf = async (run: () => Promise<unknown>) => {
    try {
      await run();
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  const get = (caller: (typeof CALLERS)[number], name: string) =>
    messageOf(() => collect(asked.flightOf(caller).doGet(ticketOf(name))));
  assertMatch(await get("admin", "othe"), /perhaps you mean "other"/);
  assertMatch(await get("reader", "sales/b"), /perhaps you mean "sales\/a"/);
  for (const name of ["othe", "other"]) {
    assertMatch(await get("reader", name), /listing the flights shows/);
  }
  // What is hidden is told in the words of what is not there.
  const absent = await get("reader", "absent");
  assertEquals((await get("reader", "other")).replace("other", "absent"), absent);
});

Deno.test("a refused put leaves the table that was there, and a signed URI what the rules say", async () => {
  await using asked = await start();
  const smaller = tableFromArrays({ x: [1] });
  const tiny = new TinyClient(asked.flightOf("reader"));
  assertEquals(
    await codeOf(() => tiny.putTable("sales/a", smaller)),
    "PERMISSION_DENIED",
  );
  assertEquals((await tiny.getTable("sales/a")).numRows, 3);
});
