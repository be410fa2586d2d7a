/** Calls between FlightServer and FlightClient, without any Arrow data. */
import {
  assert,
  assertEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import type { CallContext } from "../../flight/server/call_context.ts";
import type { CallRecord } from "../../flight/server/call_record.ts";
import { FlightError } from "../../flight/errors.ts";
import { FlightClient } from "../../flight/client/flight_client.ts";
import {
  FlightServer,
  type FlightServerOptions,
} from "../../flight/server/flight_server.ts";
import { textOf } from "../../flight/protocol/from_text.ts";
import type { FlightData, FlightDataInit } from "../../proto/flight_data.ts";
import type { Action, FlightDescriptor } from "../../proto/messages.ts";
import { startFlight, tenCalls } from "../helpers/flight_calls.ts";
import { assertFlightError, collect, utf8 } from "../helpers/serving.ts";
import { reasonOf } from "../helpers/waiting.ts";

/** Answers actions by their names. */
class Actor extends FlightServer {
  readonly records: CallRecord[] = [];
  readonly closed: string[] = [];
  readonly started = Promise.withResolvers<void>();
  readonly ended = Promise.withResolvers<void>();
  /** How many actions were left to hang. */
  hung = 0;

  constructor(options: FlightServerOptions = {}) {
    super({ port: 0, onCall: (record) => this.records.push(record), ...options });
  }

  override async *doAction({ type, body }: Action, call: CallContext) {
    call.subject = type;
    try {
      if (type === "echo") yield { body };
      if (type === "fail") throw new FlightError("FAILED_PRECONDITION", textOf(body));
      if (type === "bug") throw new RangeError("the password is 1234");
      if (type === "headers") {
        yield { body: utf8(call.headers.getAll("x-say").join("|")) };
        yield { body: call.headers.getBytes("x-raw-bin") ?? utf8("none") };
      }
      if (type === "hang") {
        this.started.resolve();
        this.hung++;
        throw await reasonOf(call.signal);
      }
      if (type === "count") {
        for (let count = 0;; count++) yield { body: utf8(String(count)) };
      }
    } finally {
      this.closed.push(type);
      this.ended.resolve();
    }
  }

  override getFlightInfo({ cmd }: FlightDescriptor) {
    return Promise.resolve({ appMetadata: cmd, totalRecords: -1n });
  }

  override async *doExchange(messages: AsyncIterable<FlightData>) {
    for await (const { appMetadata } of messages) yield { appMetadata };
  }

  override async *doPut(messages: AsyncIterable<FlightData>) {
    let count = 0;
    this.started.resolve();
    try {
      for await (const { appMetadata } of messages) {
        count++;
        yield { appMetadata };
      }
      this.closed.push(`whole put of ${count}`);
    } finally {
      this.ended.resolve();
    }
  }
}

Deno.test("FlightServer answers UNIMPLEMENTED for methods that it does not override", async () => {
  await using both = await startFlight(new FlightServer({ port: 0 }));
  const { client } = both;
  for (const [method, call] of Object.entries(tenCalls(client))) {
    const error = await assertFlightError(call, "UNIMPLEMENTED");
    const reason = method === "DoAction"
      ? 'Cannot run "":'
      : `Cannot answer ${method}:`;
    assertStringIncludes(error.message, reason);
  }
});

Deno.test("FlightClient gets what a unary method answers", async () => {
  await using both = await startFlight(new Actor());
  const info = await both.client.getFlightInfo({ type: "CMD", cmd: utf8("x") });
  assertEquals(info, {
    schema: new Uint8Array(0),
    endpoint: [],
    totalRecords: -1n,
    totalBytes: 0n,
    ordered: false,
    appMetadata: utf8("x"),
  });
});

Deno.test("FlightClient gets an empty result as a result", async () => {
  await using both = await startFlight(new Actor());
  const results = await collect(both.client.doAction({ type: "echo" }));
  assertEquals(results, [{ body: new Uint8Array(0) }]);
});

Deno.test("FlightServer passes a FlightError on, text and code", async () => {
  await using both = await startFlight(new Actor());
  const message = 'Cannot do "größer" 100%: \n no';
  const error = await assertFlightError(
    () => collect(both.client.doAction({ type: "fail", body: utf8(message) })),
    "FAILED_PRECONDITION",
  );
  assertEquals(error.message, message);
});

Deno.test("FlightServer cuts a text that would not fit into the headers", async () => {
  await using both = await startFlight(new Actor());
  const error = await assertFlightError(
    () => collect(both.client.doAction({ type: "fail", body: utf8("é".repeat(9000)) })),
    "FAILED_PRECONDITION",
  );
  assert(error.message.length < 400 && /^é+…$/.test(error.message));
});

Deno.test("FlightServer keeps an unexpected error's text at home", async () => {
  await using both = await startFlight(new Actor());
  const error = await assertFlightError(
    () => collect(both.client.doAction({ type: "bug" })),
    "INTERNAL",
  );
  assert(!error.message.includes("1234"));
  const [record] = both.server.records;
  assertEquals(record.method, "DoAction");
  assertEquals(record.subject, "bug");
  assert(record.error?.cause instanceof RangeError);
});

Deno.test("FlightClient sends headers, several to a name, texts and bytes", async () => {
  await using both = await startFlight(new Actor());
  const headers = { "x-say": ["a", "b, c"], "X-Raw-Bin": new Uint8Array([0, 255]) };
  const results = await collect(both.client.doAction({ type: "headers" }, { headers }));
  assertEquals(results.map(({ body }) => body), [
    utf8("a|b, c"),
    new Uint8Array([0, 255]),
  ]);
});

Deno.test("FlightClient rejects with CANCELLED when its signal is aborted", async () => {
  await using both = await startFlight(new Actor());
  const abort = new AbortController();
  const call = collect(
    both.client.doAction({ type: "hang" }, { signal: abort.signal }),
  );
  await both.server.started.promise;
  abort.abort(new Error("enough"));
  const error = await assertFlightError(() => call, "CANCELLED");
  assertEquals((error.cause as Error).message, "enough");
  await both.server.ended.promise;
  assertEquals(both.server.closed, ["hang"]);
});

Deno.test("FlightClient makes no call when its signal was aborted before", async () => {
  await using both = await startFlight(new Actor());
  const signal = AbortSignal.abort();
  await assertFlightError(() => both.client.getFlightInfo({}, { signal }), "CANCELLED");
  await assertFlightError(
    () => collect(both.client.doAction({ type: "echo" }, { signal })),
    "CANCELLED",
  );
  assertEquals(both.server.records, []);
});

Deno.test("FlightClient rejects with DEADLINE_EXCEEDED after its timeout", async () => {
  await using both = await startFlight(new Actor());
  // On a busy machine a short time has passed before the handler begins.
  for (let timeout = 50; both.server.hung === 0; timeout *= 2) {
    await assertFlightError(
      () => collect(both.client.doAction({ type: "hang" }, { timeout })),
      "DEADLINE_EXCEEDED",
    );
  }
  await both.server.ended.promise;
});

Deno.test("FlightClient cancels a call whose loop is left", async () => {
  await using both = await startFlight(new Actor());
  for await (const { body } of both.client.doAction({ type: "count" })) {
    if (textOf(body) === "20") break;
  }
  await both.server.ended.promise;
  assertEquals(both.server.closed, ["count"]);
});

Deno.test("FlightServer holds back a stream that the client does not read", async () => {
  let produced = 0;
  class Endless extends FlightServer {
    override async *doGet(): AsyncGenerator<FlightDataInit> {
      while (true) {
        produced++;
        yield {
          dataHeader: new Uint8Array(8),
          dataBody: new Uint8Array(4 * 1024 * 1024),
        };
      }
    }
  }
  await using both = await startFlight(new Endless({ port: 0 }));
  const stream = both.client.doGet({});
  await stream.next();
  // An action needs as many turns of the event loop as the stream had, and more.
  for (let i = 0; i < 50; i++) {
    await assertRejects(() => both.client.getFlightInfo({}), FlightError);
  }
  assert(produced < 16, `${produced} messages of 4 MiB were made for a reader of one`);
  await stream.return(undefined);
});

Deno.test("FlightClient exchanges messages in lock-step", async () => {
  await using both = await startFlight(new Actor());
  const sent: string[] = [];
  const turns = Array.from({ length: 20 }, () => Promise.withResolvers<void>());
  async function* requests(): AsyncGenerator<FlightDataInit> {
    for (const [index, turn] of turns.entries()) {
      sent.push(`sent ${index}`);
      yield { appMetadata: utf8(String(index)) };
      await turn.promise;
    }
  }
  for await (const { appMetadata } of both.client.doExchange(requests())) {
    sent.push(`got ${textOf(appMetadata)}`);
    turns[Number(textOf(appMetadata))].resolve();
  }
  assertEquals(sent, turns.flatMap((_, index) => [`sent ${index}`, `got ${index}`]));
});

Deno.test("FlightClient rejects with what the messages to send have thrown", async () => {
  await using both = await startFlight(new Actor());
  async function* requests(): AsyncGenerator<FlightDataInit> {
    yield { appMetadata: utf8("1") };
    await both.server.started.promise;
    throw new RangeError("no more");
  }
  await assertRejects(
    () => collect(both.client.doPut(requests())),
    RangeError,
    "no more",
  );
  await both.server.ended.promise;
  assertEquals(both.server.closed, []);
});

Deno.test("FlightClient closes the messages to send when the server refuses", async () => {
  await using both = await startFlight(new FlightServer({ port: 0 }));
  let closed = false;
  async function* requests(): AsyncGenerator<FlightDataInit> {
    try {
      while (true) yield { appMetadata: utf8("more") };
    } finally {
      closed = true;
    }
  }
  await assertFlightError(
    () => collect(both.client.doPut(requests())),
    "UNIMPLEMENTED",
  );
  assert(closed);
});

Deno.test("FlightServer does not take a put that was cancelled for a whole one", async () => {
  await using both = await startFlight(new Actor());
  const abort = new AbortController();
  async function* requests(): AsyncGenerator<FlightDataInit> {
    yield { appMetadata: utf8("1") };
    await new Promise(() => {});
  }
  const results = both.client.doPut(requests(), { signal: abort.signal });
  await results.next();
  abort.abort();
  await assertFlightError(() => results.next(), "CANCELLED");
  await both.server.ended.promise;
  await both.server.shutdown();
  assertEquals(both.server.closed, []);
  assertEquals(both.server.records[0].error?.code, "CANCELLED");
});

Deno.test("FlightServer.shutdown() cancels calls that do not end in time", async () => {
  const { server, client } = await startFlight(new Actor());
  const call = collect(client.doAction({ type: "hang" }));
  await server.started.promise;
  const rejected = assertFlightError(() => call, "UNAVAILABLE");
  await server.shutdown({ timeout: 20 });
  await rejected;
  await server.finished;
  client.close();
});

Deno.test("FlightServer.shutdown() lets running calls end", async () => {
  const { server, client } = await startFlight(new Actor());
  const last = Promise.withResolvers<void>();
  async function* requests(): AsyncGenerator<FlightDataInit> {
    yield { appMetadata: utf8("1") };
    await last.promise;
    yield { appMetadata: utf8("2") };
  }
  const call = collect(client.doPut(requests()));
  await server.started.promise;
  const down = server.shutdown();
  last.resolve();
  assertEquals((await call).length, 2);
  await down;
  client.close();
});

Deno.test("FlightServer.listen() says that the port is in use", async () => {
  await using both = await startFlight(new FlightServer({ port: 0 }));
  const port = Number(new URL(both.server.location).port);
  await assertRejects(
    () => new FlightServer({ port }).listen(),
    Error,
    `Cannot listen on "localhost:${port}": the port is in use`,
  );
});

Deno.test("FlightServer.listen() says that there is no such host", async () => {
  await assertRejects(
    () => new FlightServer({ hostname: "nowhere.invalid", port: 0 }).listen(),
    Error,
    'Cannot listen on "nowhere.invalid": there is no such host',
  );
});

Deno.test("FlightServer refuses options that are out of range", () => {
  assertThrows(() => new FlightServer({ port: 65536 }), RangeError, "port 65536");
  assertThrows(() => new FlightServer({ port: 1.5 }), RangeError, "port 1.5");
  assertThrows(() => new FlightServer({ maxMessageBytes: 0 }), RangeError);
});

Deno.test("FlightServer refuses a message that is larger than its limit", async () => {
  await using both = await startFlight(new Actor({ maxMessageBytes: 1000 }));
  const error = await assertFlightError(
    () => collect(both.client.doAction({ type: "echo", body: new Uint8Array(1001) })),
    "RESOURCE_EXHAUSTED",
  );
  assertStringIncludes(error.message, "1000");
});

Deno.test("FlightClient says what a location has to look like", () => {
  for (
    const location of [
      "localhost:5678",
      "http://x",
      "grpc://",
      "grpc://h:0",
      "grpc://u@h",
    ]
  ) {
    assertThrows(() => new FlightClient(location), TypeError, "grpc://host:port");
  }
});
