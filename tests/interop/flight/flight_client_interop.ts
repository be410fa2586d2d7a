/** FlightClient with the server of protocol_server.py, which is pyarrow's. */
import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { type RecordBatch, tableFromArrays } from "apache-arrow";
import {
  basicAuth,
  type ClientMiddleware,
  decode,
  decodeSchema,
  encode,
  type EncodeItem,
  FlightClient,
  type FlightClientOptions,
  type FlightDescriptor,
  type FlightErrorCode,
  handshakeAuth,
  logIn,
  readFlight,
} from "../../../flight/mod.ts";
import { act } from "../../helpers/flight_calls.ts";
import { assertFlightError, collect, utf8 } from "../../helpers/serving.ts";
import { pythonScript } from "../python/python_cases.ts";
import { PythonProcess } from "../python/python_process.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const command = (cmd: string) => ({ type: "CMD", cmd: utf8(cmd) } as const);
const batch = (first: number): RecordBatch =>
  tableFromArrays({ n: Int32Array.from({ length: 10 }, (_, i) => first + i) })
    .batches[0];
const COUNT = Array.from({ length: 50 }, (_, index) => index);
const PASSWORD = "love:läce 漢";

/** A test with a client of a new server. */
function test(
  name: string,
  body: (client: FlightClient, location: string) => Promise<void>,
  { auth, ...options }: FlightClientOptions & { auth?: "handshake" | "basic" } = {},
): void {
  Deno.test(`FlightClient with pyarrow's server: ${name}`, async () => {
    const args = ["grpc://localhost:0", ...auth === undefined ? [] : [auth]];
    await using python = new PythonProcess(
      pythonScript("flight/protocol_server"),
      ...args,
    );
    const location = await python.line();
    await using client = new FlightClient(location, options);
    await body(client, location);
  });
}

/** The numbers of all batches. */
async function numbers(batches: AsyncIterable<RecordBatch>): Promise<number[]> {
  return (await collect(batches)).flatMap((batch) => [...batch.getChild("n")!]);
}

const CODES: [errorClass: string, code: FlightErrorCode][] = [
  ["FlightCancelledError", "CANCELLED"],
  ["FlightInternalError", "INTERNAL"],
  ["FlightServerError", "UNKNOWN"],
  ["FlightTimedOutError", "DEADLINE_EXCEEDED"],
  ["FlightUnauthenticatedError", "UNAUTHENTICATED"],
  ["FlightUnauthorizedError", "PERMISSION_DENIED"],
  ["FlightUnavailableError", "UNAVAILABLE"],
  ["ArrowInvalid", "INVALID_ARGUMENT"],
  ["ArrowKeyError", "NOT_FOUND"],
  ["ArrowNotImplementedError", "UNIMPLEMENTED"],
  ["KeyError", "NOT_FOUND"],
  ["ValueError", "INVALID_ARGUMENT"],
  ["NotImplementedError", "UNIMPLEMENTED"],
  ["RuntimeError", "UNKNOWN"],
];

test("each class of errors has its code, its text, and its extra info", async (client) => {
  for (const [errorClass, code] of CODES) {
    const body = utf8('not "größer" 100%\nno');
    for (const extra of errorClass.startsWith("Flight") ? ["", " extra"] : [""]) {
      const action = { type: `fail ${errorClass}${extra}`, body };
      const error = await assertFlightError(
        () => collect(client.doAction(action)),
        code,
      );
      if (errorClass !== "KeyError") assertStringIncludes(error.message, text(body));
      assertEquals(error.extraInfo && text(error.extraInfo), extra.trim() || undefined);
    }
  }
});

test("a method that is not there is UNIMPLEMENTED", async (client) => {
  await assertFlightError(() => client.pollFlightInfo(command("x")), "UNIMPLEMENTED");
  await assertFlightError(() => act(client, "explode"), "UNIMPLEMENTED");
});

test("a flight's info has all its fields", async (client) => {
  const info = await client.getFlightInfo({ type: "PATH", path: ["a", "ü", ""] });
  const { schema, ...rest } = info;
  assertEquals(`${decodeSchema(schema)}`, "Schema<{ 0: n: Int32 }>");
  const flightDescriptor: FlightDescriptor = {
    type: "PATH",
    cmd: new Uint8Array(),
    path: ["a", "ü", ""],
  };
  assertEquals(rest, {
    flightDescriptor,
    endpoint: [{
      ticket: { ticket: utf8("numbers") },
      location: [{ uri: "grpc://x:1" }, { uri: "https://example.com/a" }],
      expirationTime: { seconds: 1n << 32n, nanos: 5000 },
      appMetadata: utf8("of the endpoint"),
    }],
    totalRecords: 50n,
    totalBytes: -1n,
    ordered: true,
    appMetadata: utf8("of the flight"),
  });
});

test("getSchema() gives the schema", async (client) => {
  const { schema } = await client.getSchema(command("x"));
  assertEquals(`${decodeSchema(schema)}`, "Schema<{ 0: n: Int32 }>");
});

test("listFlights() and listActions() give all there are", async (client) => {
  const flights = await collect(client.listFlights({ expression: utf8("which") }));
  assertEquals(
    flights.map(({ flightDescriptor }) => flightDescriptor!.path),
    ["0", "1", "2"].map((name) => ["which", name]),
  );
  assertEquals(await collect(client.listActions()), [
    { type: "echo", description: "Gives its body." },
    { type: "nothing", description: "" },
  ]);
});

test("doAction() sends a body, and gets it back", async (client) => {
  const body = crypto.getRandomValues(new Uint8Array(60_000));
  assertEquals(await collect(client.doAction({ type: "echo", body })), [{ body }]);
  assertEquals(await act(client, "echo"), [""]);
});

test("doGet() gives batches and metadata", async (client) => {
  const plain = decode(client.doGet({ ticket: utf8("numbers") }));
  assertEquals(await numbers(plain.batches()), COUNT);
  const items = await collect(decode(client.doGet({ ticket: utf8("metadata") })));
  assertEquals(items.map(({ appMetadata }) => text(appMetadata!)), [
    "0",
    "1",
    "2",
    "3",
    "4",
  ]);
});

test("doGet() gives the error that came midway", async (client) => {
  const reader = decode(client.doGet({ ticket: utf8("breaks") }));
  const error = await assertFlightError(() => reader.table(), "INTERNAL");
  assertStringIncludes(error.message, "the rest is lost");
  assertEquals(text(error.extraInfo!), "extra");
});

test("doGet() that is left early is cancelled on the server", async (client) => {
  for await (const _ of decode(client.doGet({ ticket: utf8("endless") }))) break;
  assertEquals(await act(client, "cancelled"), ["yes"]);
});

test("doGet() that is aborted is cancelled on the server", async (client) => {
  const abort = new AbortController();
  const { signal } = abort;
  const reader = decode(client.doGet({ ticket: utf8("endless") }, { signal }));
  await assertFlightError(async () => {
    for await (const _ of reader) abort.abort();
  }, "CANCELLED");
  assertEquals(await act(client, "cancelled"), ["yes"]);
});

test("an action that is aborted is cancelled on the server", async (client) => {
  const abort = new AbortController();
  const hanging = act(client, "hang", { signal: abort.signal });
  await act(client, "hanging");
  abort.abort();
  await assertFlightError(() => hanging, "CANCELLED");
  assertEquals(await act(client, "cancelled"), ["yes"]);
});

test("a timeout ends a call on both sides", async (client) => {
  await assertFlightError(
    // The server has the call before that, also on a busy machine.
    () => act(client, "hang", { timeout: 2000 }),
    "DEADLINE_EXCEEDED",
  );
  assertEquals(await act(client, "cancelled"), ["yes"]);
});

test("doPut() gets a result for each batch, while it sends", async (client) => {
  const turns = Array.from({ length: 6 }, () => Promise.withResolvers<void>());
  async function* items(): AsyncGenerator<EncodeItem> {
    for (const [index, { promise }] of turns.slice(0, 5).entries()) {
      yield { batch: batch(index), appMetadata: utf8(String(index)) };
      await promise;
    }
  }
  const results: string[] = [];
  const messages = encode(items(), { descriptor: command("lock-step") });
  for await (const { appMetadata } of client.doPut(messages)) {
    turns[results.length].resolve();
    results.push(text(appMetadata));
  }
  assertEquals(results, ["0", "1", "2", "3", "4", "50"]);
  assertEquals(await act(client, "put"), ["lock-step 50"]);
});

test("doPut() sends what lz4 and zstd made small", async (client) => {
  for (const compression of ["lz4", "zstd"] as const) {
    const descriptor = command(compression);
    const messages = encode([batch(0), batch(10)], { descriptor, compression });
    const results = await collect(client.doPut(messages));
    assertEquals(results.map(({ appMetadata }) => text(appMetadata)), [
      "none",
      "none",
      "20",
    ]);
  }
});

test("doPut() whose source fails rejects with the source's error", async (client) => {
  async function* items(): AsyncGenerator<EncodeItem> {
    yield batch(0);
    throw new RangeError("the source is broken");
  }
  const messages = encode(items(), { descriptor: command("x") });
  await assertRejects(() => collect(client.doPut(messages)), RangeError, "is broken");
});

test("doExchange() gets", async (client) => {
  async function* question() {
    yield { flightDescriptor: command("get") };
  }
  const reader = decode(client.doExchange(question()));
  assertEquals(await numbers(reader.batches()), COUNT);
});

test("doExchange() puts", async (client) => {
  const batches = [0, 10, 20].map(batch);
  const messages = encode(batches, { descriptor: command("put") });
  const [{ appMetadata }] = await collect(client.doExchange(messages));
  assertEquals(text(appMetadata), "30 rows");
});

test("doExchange() echoes in lock-step", async (client) => {
  const turns = Array.from({ length: 10 }, () => Promise.withResolvers<void>());
  async function* items(): AsyncGenerator<EncodeItem> {
    for (const [index, { promise }] of turns.entries()) {
      const appMetadata = index % 2 === 0 ? utf8(String(index)) : undefined;
      yield { batch: batch(index), appMetadata };
      await promise;
    }
  }
  const messages = encode(items(), { descriptor: command("echo") });
  const found: [number, string | undefined][] = [];
  for await (const { batch, appMetadata } of decode(client.doExchange(messages))) {
    turns[found.length].resolve();
    found.push([batch!.getChild("n")!.get(0), appMetadata && text(appMetadata)]);
  }
  assertEquals(
    found,
    turns.map((_, index) => [index, index % 2 === 0 ? String(index) : undefined]),
  );
});

test("doExchange() is refused with the server's error", async (client) => {
  const messages = encode([batch(0)], { descriptor: command("explode") });
  await assertFlightError(() => collect(client.doExchange(messages)), "UNIMPLEMENTED");
});

const received = new Map<string, unknown[]>();
const remember: ClientMiddleware = async (call, next) => {
  const headers = call.headers.getAll("x-say");
  await next();
  const { responseHeaders } = call;
  received.set(headers.join("|"), [
    responseHeaders.getAll("x-answer"),
    responseHeaders.getAllBytes("x-answer-bin"),
  ]);
};

test(
  "headers go there and back, several of a name, texts and bytes",
  async (client) => {
    const headers = {
      "x-say": ["a", "b; c"],
      "x-say-bin": [new Uint8Array([0, 255]), new Uint8Array([44])],
    };
    for (
      const call of [
        () => act(client, "echo", { headers }),
        () => client.getSchema(command("x"), { headers }),
      ]
    ) {
      received.clear();
      await call();
      const [answer, bytes] = received.get("a|b; c")!;
      assertEquals(answer, headers["x-say"]);
      assertEquals(bytes, headers["x-say-bin"]);
    }
  },
  { middleware: [remember] },
);

test("a middleware of the server's rejects calls", async (client) => {
  const headers = { "x-say": "reject" };
  const error = await assertFlightError(
    () => client.getSchema(command("x"), { headers }),
    "PERMISSION_DENIED",
  );
  assertStringIncludes(error.message, "rejected");
  await assertFlightError(() => act(client, "echo", { headers }), "PERMISSION_DENIED");
});

test("logIn() and handshakeAuth() log in", async (client, location) => {
  await assertFlightError(() => act(client, "who"), "UNAUTHENTICATED");
  await assertFlightError(() => logIn(client, "ada", "x"), "UNAUTHENTICATED");
  const token = await logIn(client, "ada", PASSWORD);
  assertEquals(text(token), "the token");
  await using ada = new FlightClient(location, { middleware: [handshakeAuth(token)] });
  assertEquals(await act(ada, "who"), ["ada"]);
}, { auth: "handshake" });

const schemes: (string | undefined)[] = [];
const rememberScheme: ClientMiddleware = async (call, next) => {
  await next();
  schemes.push(call.responseHeaders.get("x-scheme"));
};

test("basicAuth() logs in, and shows the token then", async (client, location) => {
  assertEquals(await act(client, "who"), [""]);
  assertEquals(await act(client, "who"), [""]);
  assertEquals(schemes, ["Basic", "Bearer"]);
  await using stranger = new FlightClient(location, {
    middleware: [basicAuth("ada", "x")],
  });
  await assertFlightError(() => act(stranger, "who"), "UNAUTHENTICATED");
}, { auth: "basic", middleware: [basicAuth("ada", PASSWORD), rememberScheme] });

test("readFlight() reads what it can, and says what it cannot", async (client) => {
  const info = await client.getFlightInfo(command("x"));
  const [endpoint] = info.endpoint;
  const here = {
    ...endpoint,
    location: [{ uri: "https://x" }, { uri: client.location }],
  };
  const items = await collect(readFlight(client, { endpoint: [here], ordered: true }));
  assertEquals(items.length, 5);
  const gone = { ...endpoint, location: [{ uri: "https://x" }] };
  await assertFlightError(
    () => collect(readFlight(client, { endpoint: [gone], ordered: true })),
    "UNIMPLEMENTED",
  );
});

test("waitUntilReady() takes any answer for one", async (client) => {
  await client.waitUntilReady();
  assert(true);
});
