/**
 * Every way to a server, asked by everyone: each RPC, action, service and route over HTTP.
 * One that is new has to be added to access_lists.ts, or the first test fails.
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
import { CallHeaders } from "../../rpc/call_headers.ts";
import { Metrics } from "../../telemetry/metrics.ts";
import { healthService, reflectionServices } from "../../services/mod.ts";
import { wireClient } from "../../wire/client.ts";
import { collect } from "../helpers/serving.ts";
import {
  ACTIONS,
  type Caller,
  CALLERS,
  REQUESTS,
  RPCS,
  RULES,
  run,
  SERVICES,
  TABLE,
} from "./access_lists.ts";

const STREAM = new Uint8Array(tableToIPC(TABLE, "stream"));

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
    flightOf: (caller: Caller) => clients[CALLERS.indexOf(caller)],
    async [Symbol.asyncDispose]() {
      admin.close();
      for (const client of clients) client.close();
      await server.stop();
    },
  };
}

type Asked = Awaited<ReturnType<typeof start>>;

function middlewareOf(caller: Caller) {
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

Deno.test("every RPC, action, route and service is on the lists", () => {
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
  const host = { services: [], stopping: new AbortController().signal };
  const paths = [healthService(), ...reflectionServices()]
    .flatMap((service) => service.handlers(host))
    .map(({ method }) => method.path);
  assertEquals(Object.keys(SERVICES), paths);
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

Deno.test("every method of another service asks who calls, apart from probes", async () => {
  await using asked = await start();
  const channel = wireClient().connect(
    { hostname: "localhost", port: Number(asked.server.location.split(":").at(-1)) },
    {},
  );
  try {
    for (const [path, [request, isEndless, expected]] of Object.entries(SERVICES)) {
      const codes: string[] = [];
      for (const caller of CALLERS) {
        const method = { path, requestStream: true, responseStream: true };
        const call = channel.call(method, one(request), {
          headers: new CallHeaders(authorizationOf(caller)),
        });
        let answers = 0;
        for await (const _ of call.responses) {
          answers++;
          if (isEndless) break;
        }
        const { code } = await call.status;
        assertEquals(answers, code === "UNAUTHENTICATED" ? 0 : 1);
        // A watcher leaves when it has seen the first answer.
        codes.push(isEndless && code === "CANCELLED" ? "OK" : code);
      }
      assertEquals([path, ...codes], [path, ...expected]);
    }
  } finally {
    channel.close();
  }
});

/** The parts of the one message of a request. */
async function* one(bytes: Uint8Array) {
  yield { length: bytes.length, parts: [bytes] };
}

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
  const listed = async (caller: Caller) => {
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
  const get = (caller: Caller, name: string) =>
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
