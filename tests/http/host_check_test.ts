/** Web pages that have no business with the server (DNS rebinding, other origins). */
import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { bearerTokens } from "../../auth/mod.ts";
import { HttpDoor, type HttpDoorOptions } from "../../http/mod.ts";
import { TinyServer, type TinyServerOptions } from "../../mod.ts";

/** The status of `GET /tables` with these headers. */
async function statusOf(
  port: number,
  headers: Record<string, string>,
  verb: string = "GET",
): Promise<number> {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `${verb} /tables HTTP/1.1\r\nConnection: close\r\n${
    lines.join("")
  }\r\n`;
  await connection.write(new TextEncoder().encode(request));
  const answer = await new Response(connection.readable).text();
  return Number(answer.split(" ")[1]);
}

async function start(options: TinyServerOptions, httpOptions: HttpDoorOptions) {
  const http = new HttpDoor({ port: 0, ...httpOptions });
  const server = await new TinyServer({ port: 0, http, ...options }).listen();
  return {
    port: Number(new URL(http.location).port),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

Deno.test("HttpDoor without auth answers for hosts that are its own", async () => {
  await using door = await start({}, {
    advertise: "https://arrow.example/x",
    hosts: ["tiny.internal"],
  });
  const { port } = door;
  for (
    const host of [
      ...[`localhost:${port}`, "127.0.0.1", "[::1]:80", "a.localhost", "10.0.0.7"],
      ...["arrow.example", "tiny.internal:1", "TINY.internal"],
    ]
  ) {
    assertEquals([host, await statusOf(port, { host })], [host, 200]);
  }
  for (const host of ["evil.example", "127.0.0.1.evil.example", "xlocalhost"]) {
    assertEquals([host, await statusOf(port, { host })], [host, 403]);
    const origin = `http://${host}`;
    assertEquals(await statusOf(port, { host, origin }, "DELETE"), 403);
  }
});

Deno.test('HttpDoor with auth, or with hosts "*", answers for any host', async () => {
  const auth = bearerTokens({ verify: () => "ada" });
  const headers = { host: "any.example", authorization: "Bearer x" };
  await using guarded = await start({ auth }, {});
  assertEquals(await statusOf(guarded.port, headers), 200);
  await using open = await start({}, { hosts: "*" });
  assertEquals(await statusOf(open.port, headers), 200);
  await using named = await start({ auth }, { hosts: ["only.example"] });
  assertEquals(await statusOf(named.port, headers), 403);
});

Deno.test("HttpDoor answers pages of its own origin, and of those in the option cors", async () => {
  await using door = await start({}, { cors: ["https://good.example"] });
  const { port } = door;
  const host = `localhost:${port}`;
  const cases: [origin: string, status: number][] = [
    [`http://${host}`, 200],
    // Behind a proxy that speaks TLS.
    [`https://${host}`, 200],
    ["https://good.example", 200],
    ["https://evil.example", 403],
    ["http://good.example", 403],
    ["null", 403],
  ];
  for (const [origin, status] of cases) {
    assertEquals([origin, await statusOf(port, { host, origin })], [origin, status]);
  }
  await using all = await start({}, { cors: "*" });
  assertEquals(
    await statusOf(all.port, { host: "localhost", origin: "https://evil.example" }),
    200,
  );
});

Deno.test("a server without auth listens for this machine only, unless allowOpen says so", async () => {
  const hostname = "0.0.0.0";
  const refused = await assertRejects(
    () => new TinyServer({ port: 0, hostname }).listen(),
    Error,
  );
  assertMatch(
    refused.message,
    /^Cannot listen on "0\.0\.0\.0": without auth, everyone/,
  );
  await assertRejects(
    () =>
      new TinyServer({ port: 0, http: new HttpDoor({ port: 0, hostname }) }).listen(),
    Error,
    "without auth, everyone",
  );
  const auth = bearerTokens({ verify: () => undefined });
  for (const options of [{ allowOpen: true }, { auth }]) {
    const http = new HttpDoor({ port: 0 });
    await using server = await new TinyServer({ port: 0, hostname, http, ...options })
      .listen();
    assertEquals(server.loopback, false);
  }
});
