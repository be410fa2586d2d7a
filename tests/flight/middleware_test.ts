/** What stands around a call, on both sides. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  type ClientMiddleware,
  FlightError,
  type ServerMiddleware,
} from "../../flight/mod.ts";
import { act, Service, startFlight, tenCalls } from "../helpers/flight_calls.ts";
import { assertFlightError, utf8 } from "../helpers/serving.ts";

/** A middleware that notes when it is entered and left. */
function note(log: string[], name: string): ServerMiddleware & ClientMiddleware {
  return async (_: unknown, next: () => Promise<void>) => {
    log.push(`${name} begins`);
    await next();
    log.push(`${name} ends`);
  };
}

/** A middleware that notes how calls end. */
function watch(log: unknown[]): ServerMiddleware & ClientMiddleware {
  return async (_: unknown, next: () => Promise<void>) => {
    await next().then(() => log.push("ok"), (error) => {
      log.push(
        error instanceof FlightError ? `${error.code}: ${error.message}` : error,
      );
      throw error;
    });
  };
}

for (const method of ["GetFlightInfo", "DoAction", "DoExchange"]) {
  Deno.test(`middleware stands around ${method}, the first outermost`, async () => {
    const log: string[] = [];
    const server = new Service(note(log, "server 1"), note(log, "server 2"));
    const middleware = [note(log, "client 1"), note(log, "client 2")];
    await using both = await startFlight(server, { middleware });
    await tenCalls(both.client)[method]();
    assertEquals(log, [
      "client 1 begins",
      "client 2 begins",
      "server 1 begins",
      "server 2 begins",
      "server 2 ends",
      "server 1 ends",
      "client 2 ends",
      "client 1 ends",
    ]);
  });
}

Deno.test("a server's middleware rejects each of the ten methods before it is called", async () => {
  const refuse: ServerMiddleware = ({ method }) => {
    throw new FlightError("PERMISSION_DENIED", `Cannot call ${method}: go away`);
  };
  await using both = await startFlight(new Service(refuse));
  for (const [method, call] of Object.entries(tenCalls(both.client))) {
    const error = await assertFlightError(call, "PERMISSION_DENIED");
    assertEquals(error.message, `Cannot call ${method}: go away`);
  }
  assertEquals(both.server.answered, []);
  assertEquals(
    both.server.records.map(({ method }) => method),
    Object.keys(tenCalls(both.client)),
  );
});

Deno.test("a server's middleware that is async holds the call back", async () => {
  const gate = Promise.withResolvers<void>();
  const reached = Promise.withResolvers<void>();
  const wait: ServerMiddleware = async (_, next) => {
    reached.resolve();
    await gate.promise;
    await next();
  };
  await using both = await startFlight(new Service(wait));
  const results = act(both.client, "a");
  await reached.promise;
  assertEquals(both.server.answered, []);
  gate.resolve();
  assertEquals(await results, ["a"]);
});

Deno.test("a client's middleware that is async holds the call back", async () => {
  const gate = Promise.withResolvers<void>();
  const wait: ClientMiddleware = async (_, next) => {
    await gate.promise;
    await next();
  };
  await using both = await startFlight(new Service(), { middleware: [wait] });
  const [results, info] = [act(both.client, "a"), both.client.getFlightInfo({})];
  gate.resolve();
  assertEquals(await results, ["a"]);
  assertEquals((await info).totalRecords, 7n);
});

Deno.test("a client's middleware rejects a call before it is made, with any error", async () => {
  const refuse: ClientMiddleware = () => {
    throw new RangeError("not today");
  };
  await using both = await startFlight(new Service(), { middleware: [refuse] });
  for (const call of Object.values(tenCalls(both.client))) {
    await assertRejects(call, RangeError, "not today");
  }
  assertEquals(both.server.records, []);
});

Deno.test("a server's middleware that throws after next() fails the call", async () => {
  const fail: ServerMiddleware = async (_, next) => {
    await next();
    throw new FlightError("DATA_LOSS", "too late");
  };
  await using both = await startFlight(new Service(fail));
  await assertFlightError(() => both.client.getFlightInfo({}), "DATA_LOSS");
  const results = both.client.doAction({ type: "a" });
  assertEquals((await results.next()).value?.body, utf8("a"));
  await assertFlightError(() => results.next(), "DATA_LOSS");
  assertEquals(both.server.records.map(({ error }) => error?.message), [
    "too late",
    "too late",
  ]);
});

Deno.test("a client's middleware that throws after next() fails the call", async () => {
  const fail: ClientMiddleware = async (_, next) => {
    await next();
    throw new RangeError("too late");
  };
  await using both = await startFlight(new Service(), { middleware: [fail] });
  await assertRejects(() => both.client.getFlightInfo({}), RangeError, "too late");
  const results = both.client.doAction({ type: "a" });
  assertEquals((await results.next()).value?.body, utf8("a"));
  await assertRejects(() => results.next(), RangeError, "too late");
});

Deno.test("a server's middleware that never calls next() leaves a call unanswered", async () => {
  await using both = await startFlight(new Service(() => Promise.resolve()));
  await assertFlightError(() => both.client.getFlightInfo({}), "INTERNAL");
  assertEquals(await act(both.client, "a"), []);
  assertEquals(both.server.answered, []);
});

Deno.test("a client's middleware that never calls next() makes no call", async () => {
  const middleware = [() => Promise.resolve()];
  await using both = await startFlight(new Service(), { middleware });
  for (const call of Object.values(tenCalls(both.client))) {
    await assertFlightError(call, "CANCELLED");
  }
  assertEquals(both.server.records, []);
});

Deno.test("middleware that calls next() twice fails the call, which is made once", async () => {
  const twice = async (_: unknown, next: () => Promise<void>) => {
    await next();
    await next();
  };
  await using both = await startFlight(new Service(twice));
  const error = await assertFlightError(
    () => both.client.getFlightInfo({}),
    "INTERNAL",
  );
  assert(!error.message.includes("next()"));
  await assertFlightError(() => act(both.client, "a"), "INTERNAL");
  assertEquals(both.server.answered, ["GetFlightInfo", "DoAction"]);

  await using other = await startFlight(new Service(), { middleware: [twice] });
  await assertRejects(() => other.client.getFlightInfo({}), TypeError, "next()");
  await assertRejects(() => act(other.client, "a"), TypeError, "next()");
  assertEquals(other.server.answered, ["GetFlightInfo", "DoAction"]);
});

Deno.test("middleware sees the error of a call, with its code and text", async () => {
  const [server, client]: unknown[][] = [[], []];
  const middleware = [watch(client)];
  await using both = await startFlight(new Service(watch(server)), { middleware });
  await act(both.client, "a");
  await assertFlightError(() => act(both.client, "fail"), "ABORTED");
  await assertFlightError(() => both.client.getSchema({}), "UNIMPLEMENTED");
  const expected = [
    "ok",
    "ABORTED: it fails",
    "UNIMPLEMENTED: Cannot answer GetSchema: this server does not offer it",
  ];
  assertEquals(server, expected);
  assertEquals(client, expected);
});

Deno.test("a server's middleware sees the cause of an unexpected error", async () => {
  let cause: unknown;
  const look: ServerMiddleware = (_, next) =>
    next().catch((error) => {
      cause = error.cause;
      throw error;
    });
  await using both = await startFlight(new Service(look));
  const error = await assertFlightError(() => act(both.client, "bug"), "INTERNAL");
  assert(!error.message.includes("1234"));
  assert(cause instanceof RangeError);
});

Deno.test("a server's middleware that catches an error ends a stream well", async () => {
  const forgive: ServerMiddleware = (_, next) => next().catch(() => {});
  await using both = await startFlight(new Service(forgive));
  assertEquals(await act(both.client, "fail"), ["fail"]);
  await assertFlightError(() => both.client.getSchema({}), "INTERNAL");
});

Deno.test("a client's middleware that catches an error ends a stream well", async () => {
  const middleware: ClientMiddleware[] = [(_, next) => next().catch(() => {})];
  await using both = await startFlight(new Service(), { middleware });
  assertEquals(await act(both.client, "fail"), ["fail"]);
  await assertFlightError(() => both.client.getSchema({}), "CANCELLED");
});

Deno.test("middleware sees CANCELLED when a stream's reader leaves", async () => {
  const [server, client]: unknown[][] = [[], []];
  const middleware = [watch(client)];
  await using both = await startFlight(new Service(watch(server)), { middleware });
  for await (const _ of both.client.doAction({ type: "endless" })) break;
  await both.server.ended.promise;
  await both.server.shutdown();
  assertEquals(client.map((text) => `${text}`.split(":")[0]), ["CANCELLED"]);
  assertEquals(server.map((text) => `${text}`.split(":")[0]), ["CANCELLED"]);
});

Deno.test("FlightClient cancels a call whose stream is left before it is read", async () => {
  const log: unknown[] = [];
  await using both = await startFlight(new Service(), { middleware: [watch(log)] });
  await both.client.getFlightInfo({});
  const results = both.client.doAction({ type: "endless" });
  await results.return(undefined);
  assertEquals(log.map((text) => `${text}`.split(":")[0]), ["ok", "CANCELLED"]);
  assertEquals(await results.next(), { done: true, value: undefined });
});

Deno.test("a call that is aborted while a client's middleware waits is not made", async () => {
  const abort = new AbortController();
  const abortFirst: ClientMiddleware = async (call, next) => {
    assertEquals(call.signal, abort.signal);
    await Promise.resolve();
    abort.abort();
    await next();
  };
  await using both = await startFlight(new Service(), { middleware: [abortFirst] });
  const { signal } = abort;
  await assertFlightError(() => act(both.client, "a", { signal }), "CANCELLED");
  assertEquals(both.server.records, []);
});

Deno.test("a server's signal is not aborted when a call has ended well", async () => {
  const signals: AbortSignal[] = [];
  await using both = await startFlight(new Service());
  both.server.onAnswer = ({ signal }) => signals.push(signal);
  await act(both.client, "a");
  await both.client.getFlightInfo({});
  await act(both.client, "fail").catch(() => {});
  both.client.close();
  await both.server.shutdown();
  assertEquals(signals.map(({ aborted }) => aborted), [false, false, false]);
});

Deno.test("a client's listener that throws fails its call, and nothing else", async () => {
  const middleware: ClientMiddleware[] = [(call, next) => {
    call.onReceived(() => {
      throw new RangeError("I did not like it");
    });
    return next();
  }];
  await using both = await startFlight(new Service(), { middleware });
  await assertRejects(() => both.client.getFlightInfo({}), RangeError, "not like");
  await assertRejects(() => act(both.client, "a"), RangeError, "not like");
  await assertRejects(() => both.client.getSchema({}), RangeError, "not like");
});

Deno.test("a call has the identity and the subject that a middleware gives it", async () => {
  const identify: ServerMiddleware = (call, next) => {
    call.identity = call.headers.get("x-user");
    call.subject = "something";
    return next();
  };
  await using both = await startFlight(new Service(identify));
  await both.client.getFlightInfo({}, { headers: { "x-user": "ada" } });
  const [{ identity, subject, peer }] = both.server.records;
  assertEquals([identity, subject], ["ada", "something"]);
  assert(/^(127\.0\.0\.1|\[?::1\]?):\d+$/.test(peer), peer);
});

Deno.test("a call knows its deadline, or that it has none", async () => {
  const deadlines: (Date | undefined)[] = [];
  await using both = await startFlight(new Service());
  both.server.onAnswer = ({ deadline }) => deadlines.push(deadline);
  await both.client.getFlightInfo({});
  const before = Date.now();
  await both.client.getFlightInfo({}, { timeout: 60_000 });
  const [none, deadline] = deadlines;
  assertEquals(none, undefined);
  assert(Math.abs(deadline!.getTime() - before - 60_000) < 5000);
});
