/** Clients that look for a server. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { FlightClient, FlightError, TinyClient, TinyServer } from "../../mod.ts";
import { HttpDoor } from "../../http/mod.ts";
import { commandDescriptor } from "../../flight/protocol/from_text.ts";
import { FlightServer } from "../../flight/server/flight_server.ts";

/** A location at which nobody listens now. */
function freeLocation(): string {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `grpc://127.0.0.1:${taken.addr.port}`;
}

Deno.test("TinyClient.connect() says where no server has answered, and why", async () => {
  const location = freeLocation();
  const error = await assertRejects(
    () => TinyClient.connect(location, { timeout: 1000 }),
    FlightError,
  );
  assertEquals(error.code, "UNAVAILABLE");
  assertStringIncludes(error.message, `Cannot connect to "${location}"`);
  assertStringIncludes(error.message, "within 1000 ms");
  assertStringIncludes(error.message, "connection refused");
});

Deno.test("TinyClient.connect() gives up on a listener that says nothing", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const error = await assertRejects(
    () => TinyClient.connect(`grpc://127.0.0.1:${silent.addr.port}`, { timeout: 100 }),
    FlightError,
  );
  assertEquals(error.code, "UNAVAILABLE");
});

Deno.test("TinyClient.connect() waits for a server that starts later", async () => {
  const location = freeLocation();
  const connecting = TinyClient.connect(location, { timeout: 20_000 });
  const port = Number(location.split(":").at(-1));
  const server = new TinyServer({ hostname: "127.0.0.1", port });
  await using _ = await server.listen();
  await using client = await connecting;
  assertEquals(await client.listTables(), []);
});

Deno.test("TinyClient.connect() rejects with CANCELLED when it is aborted", async () => {
  using silent = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const error = await assertRejects(
    () =>
      TinyClient.connect(`grpc://127.0.0.1:${silent.addr.port}`, {
        signal: AbortSignal.timeout(50),
        timeout: 60_000,
      }),
    FlightError,
  );
  assertEquals(error.code, "CANCELLED");
});

Deno.test("TinyClient.connect() takes a refusal for an answer", async () => {
  await using server = await new FlightServer({ port: 0 }).listen();
  await using client = await TinyClient.connect(server.location);
  assertEquals(client.flight.location, server.location);
});

Deno.test("TinyClient.connect() tries once with the timeout 0", async () => {
  const location = freeLocation();
  const started = performance.now();
  const error = await assertRejects(
    () => TinyClient.connect(location, { timeout: 0 }),
    FlightError,
  );
  assert(performance.now() - started < 15_000);
  assertEquals(error.code, "UNAVAILABLE");
  assertStringIncludes(error.message, "connection refused");
  await using server = await new TinyServer({ port: 0 }).listen();
  await using client = await TinyClient.connect(server.location, { timeout: 0 });
  assertEquals(await client.listTables(), []);
});

/** What is at a port of HTTP, in the versions that there are. */
const httpServers: Readonly<Record<string, () => Promise<AsyncDisposable & Port>>> = {
  "a web server": () => {
    const server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      () => new Response("not found", { status: 404 }),
    );
    return Promise.resolve({
      port: server.addr.port,
      [Symbol.asyncDispose]: () => server.shutdown(),
    });
  },
  "a server of HTTP/1 alone": () => {
    const server = createServer((_, response) => response.end("hello"));
    return new Promise((resolve) =>
      server.listen(0, "127.0.0.1", () =>
        resolve({
          port: (server.address() as AddressInfo).port,
          [Symbol.asyncDispose]: () =>
            new Promise((closed) => {
              server.close(() => closed());
              server.closeAllConnections();
            }),
        }))
    );
  },
  "an HttpDoor": async () => {
    const http = new HttpDoor({ port: 0, hostname: "127.0.0.1" });
    const server = await new TinyServer({ port: 0, http }).listen();
    return {
      port: Number(http.location.split(":").at(-1)),
      [Symbol.asyncDispose]: () => server.shutdown(),
    };
  },
};
interface Port {
  readonly port: number;
}
for (const [what, start] of Object.entries(httpServers)) {
  Deno.test(`TinyClient.connect() names ${what} at the location, and connects to none`, async () => {
    await using http = await start();
    const error = await assertRejects(
      () => TinyClient.connect(`grpc://127.0.0.1:${http.port}`, { timeout: 1000 }),
      FlightError,
    );
    assertEquals(error.code, "UNAVAILABLE");
    assertStringIncludes(error.message, "HTTP");
  });
}

Deno.test("TinyClient.connect() rejects a location that it cannot read", async () => {
  await assertRejects(
    () => TinyClient.connect("localhost"),
    TypeError,
    "grpc://host:port",
  );
});

/** Starts a program over mod.ts in a process of its own. */
function startProgram(program: string): Deno.ChildProcess {
  const config = fileURLToPath(new URL("../../deno.json", import.meta.url));
  const imports = `import { TinyClient, TinyServer } from "${new URL(
    "../../mod.ts",
    import.meta.url,
  )}";`;
  return new Deno.Command(Deno.execPath(), {
    args: ["eval", "--config", config, imports + program],
    stdout: "piped",
  }).spawn();
}

Deno.test("a client survives servers that shut down under it", async () => {
  const { code } = await startProgram(`
    for (let round = 0; round < 30; round++) {
      const server = await new TinyServer({ port: 0 }).listen();
      const client = await TinyClient.connect(server.location);
      await server.shutdown();
      client.close();
    }
  `).output();
  assertEquals(code, 0);
});

Deno.test("a server survives clients that come and go", async () => {
  const child = startProgram(`
    const server = await new TinyServer({ port: 0 }).listen();
    console.log(server.location);
    await server.finished;
  `);
  const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const location = (await lines.read()).value?.trim() ?? "";
  {
    await using client = await TinyClient.connect(location);
    await client.putTable("x", tableFromArrays({ x: [1] }));
  }
  for (let round = 0; round < 600; round++) {
    await using client = new FlightClient(location);
    for (let call = 0; call < 2; call++) {
      await client.getFlightInfo(commandDescriptor("x"));
    }
  }
  await using client = new FlightClient(location);
  for await (const _ of client.doAction({ type: "shutdown" }));
  assertEquals((await child.status).code, 0);
  await lines.cancel();
});
