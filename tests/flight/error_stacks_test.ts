/** Where errors lead: to the line that made the call, and to what was not foreseen. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { type ClientMiddleware, FlightError } from "../../flight/mod.ts";
import { act, Service, startFlight } from "../helpers/flight_calls.ts";
import { runDeno } from "../helpers/processes/deno_process.ts";
import { httpServing } from "../helpers/http_serving.ts";
import { assertFlightError, collect, serving } from "../helpers/serving.ts";

const HERE = "error_stacks_test.ts";
const passOn: ClientMiddleware = async (_, next) => {
  await Promise.resolve();
  await next();
};

/** Fails unless the call's error has a line of this file, below its message. */
async function assertLeadsHere(call: () => Promise<unknown>): Promise<void> {
  let caught: unknown;
  try {
    await call();
  } catch (error) {
    caught = error;
  }
  assert(caught instanceof FlightError);
  const { stack = "", name, message } = caught;
  assert(stack.startsWith(`${name}: ${message}\n    at `), stack);
  assertStringIncludes(stack.slice(message.length), HERE);
}

for (
  const [what, options] of [
    ["", {}],
    [" by way of middleware", { middleware: [passOn] }],
  ] as const
) {
  Deno.test(`the stack of a rejected call${what} has the line of its caller`, async () => {
    await using both = await startFlight(new Service(), options);
    const { client } = both;
    await assertLeadsHere(async () => await client.getSchema({}));
    await assertLeadsHere(async () => await act(client, "fail"));
    await assertLeadsHere(async () =>
      await collect(client.doPut((async function* () {})()))
    );
    const timeout = 1;
    await assertLeadsHere(async () => await act(client, "endless", { timeout }));
    const { location } = both.client;
    await both.server.shutdown({ timeout: 0 });
    await assertLeadsHere(async () => await client.getSchema({}));
    assertStringIncludes(location, "localhost");
  });
}

Deno.test("the stack of a TinyClient's error has the line of its caller", async () => {
  await using overGrpc = await serving({ maxTableBytes: 100 });
  await using overHttp = await httpServing({ maxTableBytes: 100 });
  for (const { client } of [overGrpc, overHttp]) {
    await assertLeadsHere(async () => await client.getTable("nope"));
    await assertLeadsHere(async () => {
      for await (const _ of client.readTable("nope"));
    });
    await assertLeadsHere(async () => await client.tableInfo("nope"));
    await assertLeadsHere(async () => await client.dropTable("nope"));
    await assertLeadsHere(async () =>
      await client.putTable("t", tableFromArrays({ x: [1] }))
    );
  }
});

Deno.test("an error of the caller's own signal is not touched", async () => {
  await using both = await startFlight(new Service());
  const reason = new FlightError("CANCELLED", "I changed my mind");
  const { stack } = reason;
  const call = act(both.client, "endless", { signal: AbortSignal.abort(reason) });
  assertEquals(await assertFlightError(() => call, "CANCELLED"), reason);
  assertEquals(reason.stack, stack);
});

Deno.test("a deadline's error is in our own words, and says how long it was", async () => {
  await using both = await startFlight(new Service());
  const call = () => act(both.client, "endless", { timeout: 5 });
  const { message } = await assertFlightError(call, "DEADLINE_EXCEEDED");
  assertEquals(message, "Cannot finish DoAction: it took longer than 5 ms (timeout)");
});

/** A server whose methods fail in both ways, in a process of its own, and its output. */
async function outputOf(options: string): Promise<{ stdout: string; stderr: string }> {
  const flight = new URL("../../flight/mod.ts", import.meta.url);
  const { code, stdout, stderr } = await runDeno(
    "eval",
    `
      import { FlightClient, FlightError, FlightServer } from "${flight}";
      class Buggy extends FlightServer {
        async getSchema() { throw new RangeError("nobody foresaw this"); }
        async getFlightInfo() { throw new FlightError("INTERNAL", "somebody foresaw this"); }
      }
      await using server = await new Buggy({ port: 0, ${options} }).listen();
      await using client = new FlightClient(server.location);
      await client.getSchema({}).catch((error) => console.log(error.message));
      await client.getFlightInfo({}).catch((error) => console.log(error.message));
    `,
  );
  assertEquals(code, 0, stderr);
  return { stdout, stderr };
}

Deno.test("without onCall an unexpected error goes to the console, with it nowhere", async () => {
  const told = [
    "Cannot answer the call: the server met an unexpected error",
    "somebody foresaw this",
    "",
  ].join("\n");
  const without = await outputOf("");
  assertEquals(without.stdout, told);
  assertStringIncludes(without.stderr, "get_schema INTERNAL");
  assertStringIncludes(without.stderr, "RangeError: nobody foresaw this");
  assert(!without.stderr.includes("somebody foresaw this"), without.stderr);
  assertEquals(await outputOf("onCall: () => {}"), { stdout: told, stderr: "" });
});
