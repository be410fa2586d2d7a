/** Values of wrong types, as they come from JavaScript: each is an error at once. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import { HttpDoor, type HttpDoorOptions } from "../../http/mod.ts";
import {
  basicAuth,
  bearerAuth,
  CallHeaders,
  decode,
  type DecodeOptions,
  FlightServer,
  handshakeAuth,
  readFlight,
  type ReadFlightOptions,
} from "../../flight/mod.ts";
import { FlightClient, type ReadOptions, TinyClient } from "../../client.ts";
import {
  MemoryStore,
  type MemoryStoreOptions,
  Sessions,
  type SessionsOptions,
  TinyServer,
  type TinyServerOptions,
} from "../../server.ts";

/** A call that throws a TypeError with this message. */
type Misuse = readonly [message: string, run: () => unknown];

/** The value, as JavaScript passes it whatever type is declared. */
function wrong<T>(value: unknown): T {
  return value as T;
}

function httpDoor(options: unknown): HttpDoor {
  return new HttpDoor(wrong<HttpDoorOptions>(options));
}

function sessions(options: unknown): Sessions {
  return new Sessions(wrong<SessionsOptions>(options));
}

function store(options: unknown): MemoryStore {
  return new MemoryStore(wrong<MemoryStoreOptions>(options));
}

function connect(location: unknown, options?: unknown): Promise<TinyClient> {
  return TinyClient.connect(wrong<string>(location), wrong(options));
}

function server(options: unknown): TinyServer {
  return new TinyServer(wrong<TinyServerOptions>(options));
}

const MISUSES: readonly Misuse[] = [
  [
    "Cannot use 5678 as the options of TinyServer: they have to be an object, such as { port: 5678 }",
    () => server(5678),
  ],
  [
    'Cannot use the port "5678": it has to be a whole number from 0 to 65535',
    () => server({ port: "5678" }),
  ],
  [
    "Cannot use the http 5699: it has to be an HttpDoor, such as new HttpDoor({ port: 5699 })",
    () => server({ http: 5699 }),
  ],
  [
    "Cannot use the http true: it has to be an HttpDoor, such as new HttpDoor({ port: 5679 })",
    () => server({ http: true }),
  ],
  [
    'Cannot use the option "cors": TinyServer does not have it; its options are sessions, auth, hostname',
    () => server({ cors: true }),
  ],
  [
    "Cannot use the auth a function: it has to be an object with the method verify(token, call), and with login(name, password, call) if clients log in",
    () => server({ auth: () => true }),
  ],
  [
    'Cannot use the store "dir": it has to be a store, such as await DirectoryStore.open("dir")',
    () => server({ store: "dir" }),
  ],
  [
    "Cannot use the store a Map: it has to be a store, such as new MemoryStore()",
    () => server({ store: new Map() }),
  ],
  [
    "Cannot use the middleware a function: it has to be an array of functions, such as [async (call, next) => await next()]",
    () => server({ middleware: () => {} }),
  ],
  [
    "Cannot use the sessions true: it has to be Sessions, such as new Sessions()",
    () => server({ sessions: true }),
  ],
  [
    "Cannot use the onCall true: it has to be a function, such as (record) => log(describeCall(record))",
    () => server({ onCall: true }),
  ],
  [
    'Cannot use the maxIdleTime "5m": it has to be a number of milliseconds, 1 or more',
    () => server({ maxIdleTime: "5m" }),
  ],
  [
    'Cannot use the option "maxMessageByte": TinyServer does not have it; perhaps you mean maxMessageBytes',
    () => server({ maxMessageByte: 2 ** 20 }),
  ],
  [
    'Cannot use the option "prot": TinyServer does not have it; perhaps you mean port',
    () => server({ prot: 5678 }),
  ],
  [
    'Cannot use the tls "cert.pem": it has to be an object, such as { certificates: [{ cert, key }] }',
    () => server({ tls: "cert.pem" }),
  ],
  [
    'Cannot use the option "cert": tls does not have it; perhaps you mean certificates',
    () => server({ tls: { cert: "", key: "" } }),
  ],
  [
    'Cannot use the option "insecureSkipVerfy": tls does not have it; perhaps you mean insecureSkipVerify',
    () =>
      new FlightClient("grpc://localhost", wrong({ tls: { insecureSkipVerfy: true } })),
  ],
  [
    'Cannot use the transport "grpc-js": it has to be a transport, such as grpcJs()',
    () => server({ transport: "grpc-js" }),
  ],
  [
    'Cannot use the option "store": FlightServer does not have it',
    () => new FlightServer(wrong({ store: new MemoryStore() })),
  ],
  [
    "Cannot use 5679 as the options of HttpDoor: they have to be an object, such as { port: 5679 }",
    () => httpDoor(5679),
  ],
  [
    'Cannot use the cors true: it has to be "*" or an array of origins, such as ["https://example.org"]',
    () => httpDoor({ cors: true }),
  ],
  [
    'Cannot use the cors "https://example.org": it has to be "*" or an array of origins, such as ["https://example.org"]',
    () => httpDoor({ cors: "https://example.org" }),
  ],
  [
    'Cannot use the port "5679": it has to be a whole number from 0 to 65535',
    () => httpDoor({ port: "5679" }),
  ],
  [
    "Cannot use the signingKey a text: it has to be a Uint8Array of 32 bytes or more",
    () => httpDoor({ signingKey: "a secret of at least 32 characters" }),
  ],
  [
    'Cannot use the option "origins": HttpDoor does not have it; its options are hostname, port, tls, advertise, cors, hosts, metrics, page, signedFor, signingKey',
    () => httpDoor({ origins: "*" }),
  ],
  [
    'Cannot use the maxSessions "10": it has to be a number, 1 or more',
    () => sessions({ maxSessions: "10" }),
  ],
  [
    'Cannot use the check a RegExp: it has to be a function, such as (name) => name === "limit" ? undefined : "INVALID_NAME"',
    () => sessions({ check: /^[a-z]+$/ }),
  ],
  [
    "Cannot use 1073741824 as the options of MemoryStore: they have to be an object, such as { maxBytes: 2 ** 30 }",
    () => store(2 ** 30),
  ],
  [
    'Cannot use the maxBytes "1 GB": it has to be a number, 1 or more',
    () => store({ maxBytes: "1 GB" }),
  ],
  [
    'Cannot use the option "maxByte": MemoryStore does not have it; perhaps you mean maxBytes',
    () => store({ maxByte: 5 }),
  ],
  [
    'Cannot use the client "grpc://localhost:5678": it has to be a FlightClient; await TinyClient.connect("grpc://localhost:5678") makes a TinyClient',
    () => new TinyClient(wrong("grpc://localhost:5678")),
  ],
  [
    'Cannot use the location { port: 5000 }: it has to be a text, such as "grpc://localhost:5000"',
    () => new FlightClient(wrong({ port: 5000 })),
  ],
  [
    'Cannot use the location undefined: it has to be a text, such as "grpc://localhost:5678"',
    () => new FlightClient(wrong(undefined)),
  ],
  [
    'Cannot use the middleware a function: it has to be an array of functions, such as [basicAuth("ada", "lovelace")]',
    () => new FlightClient("grpc://localhost", wrong({ middleware: () => {} })),
  ],
  [
    'Cannot use the option "timeout": FlightClient does not have it; its options are middleware, tls, transport',
    () => new FlightClient("grpc://localhost", wrong({ timeout: 5000 })),
  ],
  [
    'Cannot use the headers a Headers: it has to be CallHeaders or a plain object, such as { "x-trace": "a" }',
    () => new CallHeaders(wrong(new Headers({ "x-trace": "a" }))),
  ],
  [
    'Cannot set the header "x-count" to a number: its value has to be a text, or its name has to end in -bin',
    () => new CallHeaders(wrong({ "x-count": 5 })),
  ],
  [
    'Cannot use the username { name: "ada" }: it has to be a text, such as "ada"',
    () => basicAuth(wrong({ name: "ada" }), "lovelace"),
  ],
  [
    "Cannot use the password undefined: it has to be a text",
    () => basicAuth("ada", wrong(undefined)),
  ],
  [
    "Cannot use the token undefined: it has to be a text",
    () => bearerAuth(wrong(undefined)),
  ],
  [
    "Cannot use the token a text: it has to be a Uint8Array",
    () => handshakeAuth(wrong("token")),
  ],
];

for (const [message, run] of MISUSES) {
  Deno.test(`a wrong value is a TypeError: ${message}`, () => {
    const thrown = assertThrows(run, TypeError).message;
    assertEquals(thrown.slice(0, message.length), message);
  });
}

/** A call of a TinyClient that is rejected with a TypeError with this message. */
type MisusedCall = readonly [
  message: string,
  run: (client: TinyClient) => Promise<unknown>,
];

const TIMEOUT = "it has to be a number of milliseconds, 0 or more";
const MISUSED_CALLS: readonly MisusedCall[] = [
  [
    'Cannot use the location { port: 5678 }: it has to be a text, such as "grpc://localhost:5678"',
    () => connect({ port: 5678 }),
  ],
  [
    'Cannot use the location 5000: it has to be a text, such as "grpc://localhost:5000"',
    () => connect(5000),
  ],
  [
    "Cannot use 5000 as the options of TinyClient.connect(): they have to be an object, such as { timeout: 5000 }",
    () => connect("grpc://localhost:1", 5000),
  ],
  [
    `Cannot use the timeout "5s": ${TIMEOUT}`,
    () => connect("grpc://localhost:1", { timeout: "5s" }),
  ],
  [
    'Cannot use the option "timout": TinyClient.connect() does not have it; perhaps you mean timeout',
    () => connect("grpc://localhost:1", { timout: 5000 }),
  ],
  [
    "Cannot use the http 5679: it has to be true or false",
    () => connect("grpc://localhost:1", { http: 5679 }),
  ],
  [
    `Cannot use the timeout "5s": ${TIMEOUT}`,
    (client) => client.getTable("t", wrong<ReadOptions>({ timeout: "5s" })),
  ],
  [
    `Cannot use the timeout "5s": ${TIMEOUT}`,
    (client) => client.tableInfo("t", wrong({ timeout: "5s" })),
  ],
  [
    `Cannot use the timeout "5s": ${TIMEOUT}`,
    (client) => client.dropTable("t", wrong({ timeout: "5s" })),
  ],
  [
    `Cannot use the timeout "5s": ${TIMEOUT}`,
    (client) => client.flight.getFlightInfo({}, wrong({ timeout: "5s" })),
  ],
  [
    `Cannot use the timeout "5s": ${TIMEOUT}`,
    (client) => client.flight.waitUntilReady(wrong({ timeout: "5s" })),
  ],
  [
    'Cannot use the columns "depth": it has to be an array of names, such as ["depth"]',
    (client) => client.getTable("t", wrong<ReadOptions>({ columns: "depth" })),
  ],
  [
    'Cannot use the option "column": getTable() does not have it; perhaps you mean columns',
    (client) => client.getTable("t", wrong<ReadOptions>({ column: ["depth"] })),
  ],
  [
    "Cannot use the prefix 5: it has to be a text",
    (client) => client.listTables(wrong({ prefix: 5 })),
  ],
  [
    "Cannot use the signal an AbortController: it has to be an AbortSignal, such as AbortSignal.timeout(1000)",
    (client) => client.listTables(wrong({ signal: new AbortController() })),
  ],
  [
    'Cannot use the option "compresion": putTable() does not have it; perhaps you mean compression',
    (client) => client.putTable("t", [], wrong({ compresion: "lz4" })),
  ],
  [
    'Cannot encode { city: ["Suva"] }: it is no table, batch or iterable of batches; tableFromArrays({ name: values }) of apache-arrow makes a table of columns',
    (client) => client.putTable("t", wrong({ city: ["Suva"] })),
  ],
  [
    "Cannot encode a Uint8Array of 3 bytes: it is no table, batch or iterable of batches; tableFromIPC(bytes) of apache-arrow reads a table from bytes",
    (client) => client.putTable("t", wrong(new Uint8Array(3))),
  ],
];

for (const [message, run] of MISUSED_CALLS) {
  Deno.test(`a wrong value rejects with a TypeError: ${message}`, async () => {
    // There is no server: what would be sent is an error of another kind.
    await using client = new TinyClient(new FlightClient("grpc://localhost:1"));
    assertEquals((await assertRejects(() => run(client), TypeError)).message, message);
  });
}

Deno.test("a timeout that is negative rejects with a RangeError", async () => {
  await using client = new TinyClient(new FlightClient("grpc://localhost:1"));
  const calls = [
    () => client.getTable("t", { timeout: -1 }),
    () => connect("grpc://localhost:1", { timeout: -1 }),
    () => client.flight.waitUntilReady({ timeout: NaN }),
    () => new TinyServer().shutdown({ timeout: -1 }),
  ];
  for (const call of calls) await assertRejects(call, RangeError, "0 or more");
});

Deno.test("TinyClient.readTable() throws at once for a wrong value", async () => {
  await using client = new TinyClient(new FlightClient("grpc://localhost:1"));
  const columns = wrong<string[]>("depth");
  assertThrows(() => client.readTable("t", { columns }), TypeError, '["depth"]');
  assertThrows(() => client.readTable("t", { timeout: -1 }), RangeError, "timeout -1");
  assertThrows(() => client.readTable(""), TypeError, "Cannot use");
  assertThrows(
    () => client.readTable("t", wrong<ReadOptions>({ column: [] })),
    TypeError,
    "readTable() does not have it; perhaps you mean columns",
  );
});

Deno.test("readFlight() and decode() throw at once for a wrong value", async () => {
  await using client = new FlightClient("grpc://localhost:1");
  const info = { endpoint: [], ordered: false };
  async function* none(): AsyncGenerator<never> {}
  assertThrows(
    () => readFlight(client, wrong("t")),
    TypeError,
    "it has to be a FlightInfo",
  );
  assertThrows(
    () => readFlight(wrong("t"), info),
    TypeError,
    "it has to be a FlightClient",
  );
  assertThrows(
    () => readFlight(client, info, wrong<ReadFlightOptions>({ maxParalel: 1 })),
    TypeError,
    "perhaps you mean maxParallel",
  );
  assertThrows(
    () => decode(none(), wrong<DecodeOptions>({ trusted: "yes" })),
    TypeError,
    'Cannot use the trusted "yes": it has to be true or false',
  );
});

Deno.test("bearerAuth() rejects a call whose token is no text", async () => {
  const middleware = [bearerAuth(() => wrong<string>(undefined))];
  await using client = new FlightClient("grpc://localhost:1", { middleware });
  await assertRejects(
    () => client.getFlightInfo({}),
    TypeError,
    "Cannot use the token undefined: it has to be a text",
  );
});
