/** The actions that the protocol defines: their messages, as methods on both sides. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Action,
  type CallContext,
  cancelFlightInfo,
  CancelFlightInfoRequest,
  CancelFlightInfoResult,
  type CancelStatus,
  closeSession,
  FlightClient,
  FlightDescriptor,
  FlightEndpoint,
  type FlightEndpoint as Endpoint,
  FlightError,
  FlightInfo,
  type FlightInfo as Info,
  FlightServer,
  getSessionOptions,
  renewFlightEndpoint,
  RenewFlightEndpointRequest,
  Sessions,
  type SessionValue,
  setSessionOptions,
} from "../../flight/mod.ts";
import { TinyServer } from "../../mod.ts";
import { act, startFlight } from "../helpers/flight_calls.ts";
import { assertFlightError, collect, utf8 } from "../helpers/serving.ts";

const ENDPOINT: Endpoint = {
  ticket: { ticket: utf8("a ticket") },
  location: [{ uri: "grpc://x:1" }, { uri: "unknown:?" }],
  expirationTime: { seconds: 1n << 40n, nanos: 999_999_999 },
  appMetadata: utf8("metadata"),
};
const INFO: Info = {
  schema: new Uint8Array([1, 2, 3]),
  flightDescriptor: { type: "PATH", cmd: new Uint8Array(), path: ["a", "ü"] },
  endpoint: [ENDPOINT, { location: [], appMetadata: new Uint8Array() }],
  totalRecords: 2n ** 62n,
  totalBytes: -1n,
  ordered: true,
  appMetadata: utf8("about all"),
};

/** Remembers what it was asked, and answers. */
class Keeper extends FlightServer {
  readonly asked: unknown[] = [];
  readonly peers: string[] = [];
  status: CancelStatus = "CANCEL_STATUS_CANCELLED";

  constructor() {
    super({ port: 0 });
  }

  override cancelFlightInfo(info: Info, call: CallContext): Promise<CancelStatus> {
    this.asked.push(info);
    this.peers.push(call.method);
    return Promise.resolve(this.status);
  }

  override renewFlightEndpoint(endpoint: Endpoint): Promise<Endpoint> {
    this.asked.push(endpoint);
    if (endpoint.ticket === undefined) {
      throw new FlightError("NOT_FOUND", "Cannot renew the endpoint: it has no ticket");
    }
    const expirationTime = { seconds: 2n ** 33n, nanos: 1 };
    return Promise.resolve({ ...endpoint, expirationTime });
  }
}

/** Sessions of a server's own making. */
class OwnSessions extends FlightServer {
  options: { readonly [name: string]: SessionValue | undefined } = {};

  override setSessionOptions(options: typeof this.options) {
    this.options = options;
    return Promise.resolve({ a: "UNSPECIFIED", b: "ERROR" } as const);
  }
  override getSessionOptions() {
    return Promise.resolve({ a: 1n });
  }
  override closeSession() {
    return Promise.resolve("CLOSING" as const);
  }
}

/** Answers every action with these results. */
class Answering extends FlightServer {
  constructor(readonly results: Uint8Array[]) {
    super({ port: 0 });
  }
  override async *doAction() {
    for (const body of this.results) yield { body };
  }
}

const PREDEFINED = [
  cancelFlightInfo,
  renewFlightEndpoint,
  setSessionOptions,
  getSessionOptions,
  closeSession,
];

Deno.test("cancelFlightInfo() carries the whole FlightInfo, and gives the status", async () => {
  await using both = await startFlight(new Keeper());
  assertEquals(await both.client.cancelFlightInfo(INFO), "CANCEL_STATUS_CANCELLED");
  assertEquals(both.server.asked, [INFO]);
  assertEquals(both.server.peers, ["DoAction"]);
  for (
    const status of [
      "CANCEL_STATUS_UNSPECIFIED",
      "CANCEL_STATUS_CANCELLING",
      "CANCEL_STATUS_NOT_CANCELLABLE",
    ] as const
  ) {
    both.server.status = status;
    assertEquals(await both.client.cancelFlightInfo({}), status);
  }
});

Deno.test("renewFlightEndpoint() carries the whole endpoint, and gives the new one", async () => {
  await using both = await startFlight(new Keeper());
  const renewed = await both.client.renewFlightEndpoint(ENDPOINT);
  const expirationTime = { seconds: 2n ** 33n, nanos: 1 };
  assertEquals(renewed, { ...ENDPOINT, expirationTime });
  assertEquals(both.server.asked, [ENDPOINT]);
});

Deno.test("an error of an action's method reaches the client", async () => {
  await using both = await startFlight(new Keeper());
  const error = await assertFlightError(
    () => both.client.renewFlightEndpoint({}),
    "NOT_FOUND",
  );
  assertEquals(error.message, "Cannot renew the endpoint: it has no ticket");
});

Deno.test("a server answers the session actions by its own methods", async () => {
  await using both = await startFlight(new OwnSessions({ port: 0 }));
  const errors = await both.client.setSessionOptions({ x: 1, y: undefined });
  assertEquals(errors, { a: "UNSPECIFIED", b: "ERROR" });
  assertEquals(both.server.options, { x: 1, y: undefined });
  assertEquals(await both.client.getSessionOptions(), { a: 1n });
  assertEquals(await both.client.closeSession(), "CLOSING");
});

Deno.test("a server that overrides nothing answers each action with UNIMPLEMENTED", async () => {
  await using both = await startFlight(new FlightServer({ port: 0 }));
  const { client } = both;
  const calls = {
    CancelFlightInfo: () => client.cancelFlightInfo(INFO),
    RenewFlightEndpoint: () => client.renewFlightEndpoint(ENDPOINT),
    SetSessionOptions: () => client.setSessionOptions({}),
    GetSessionOptions: () => client.getSessionOptions(),
    CloseSession: () => client.closeSession(),
  };
  for (const [type, call] of Object.entries(calls)) {
    const { message } = await assertFlightError(call, "UNIMPLEMENTED");
    assertEquals(message, `Cannot answer ${type}: this server does not offer it`);
  }
  const { message } = await assertFlightError(() => act(client, "x"), "UNIMPLEMENTED");
  assertEquals(message, 'Cannot run "x": this server does not offer the action');
});

Deno.test("a TinyServer's subclass answers a predefined action by its method", async () => {
  class Cancelling extends TinyServer {
    override cancelFlightInfo(): Promise<CancelStatus> {
      return Promise.resolve("CANCEL_STATUS_NOT_CANCELLABLE");
    }
  }
  await using server = await new Cancelling({ port: 0 }).listen();
  await using client = new FlightClient(server.location);
  assertEquals(await client.cancelFlightInfo(INFO), "CANCEL_STATUS_NOT_CANCELLABLE");
  await assertFlightError(() => client.renewFlightEndpoint({}), "UNIMPLEMENTED");
});

Deno.test("a server hands the actions that it does not know to super.doAction()", async () => {
  class Both extends Keeper {
    override async *doAction(action: Action, call: CallContext) {
      if (action.type === "mine") yield { body: utf8("yours") };
      else yield* super.doAction(action, call);
    }
  }
  await using both = await startFlight(new Both());
  assertEquals(await act(both.client, "mine"), ["yours"]);
  assertEquals(await both.client.cancelFlightInfo(INFO), "CANCEL_STATUS_CANCELLED");
  await assertFlightError(() => act(both.client, "other"), "UNIMPLEMENTED");
});

for (const { type } of PREDEFINED.filter(({ type }) => !/^(Get|Close)/.test(type))) {
  Deno.test(`a body of ${type} that is garbage is INVALID_ARGUMENT`, async () => {
    const server = new FlightServer({ port: 0, sessions: new Sessions() });
    await using both = await startFlight(server);
    for (const body of [[0xff], [0x0a, 0x7f, 0x01], [0x0b]]) {
      const action = { type, body: new Uint8Array(body) };
      const { message } = await assertFlightError(
        () => collect(both.client.doAction(action)),
        "INVALID_ARGUMENT",
      );
      assertStringIncludes(message, "Cannot read a ");
    }
  });
}

for (const type of ["CancelFlightInfo", "RenewFlightEndpoint"]) {
  Deno.test(`an empty body of ${type} is INVALID_ARGUMENT`, async () => {
    await using both = await startFlight(new Keeper());
    const { message } = await assertFlightError(
      () => act(both.client, type),
      "INVALID_ARGUMENT",
    );
    assertStringIncludes(message, "its body has no ");
  });
}

Deno.test("a client says that an answer is no message, or not one message", async () => {
  const wrong: [Uint8Array[], string][] = [
    [[], "it has 0 results, not one"],
    [[new Uint8Array(), new Uint8Array()], "it has 2 results, not one"],
    [[new Uint8Array([0xff])], "Cannot read a CancelFlightInfoResult"],
  ];
  for (const [results, text] of wrong) {
    await using both = await startFlight(new Answering(results));
    const { message } = await assertFlightError(
      () => both.client.cancelFlightInfo(INFO),
      "INTERNAL",
    );
    assertStringIncludes(message, text);
  }
});

Deno.test("an answer of length zero is a message with its defaults", async () => {
  await using both = await startFlight(new Answering([new Uint8Array()]));
  const { client } = both;
  assertEquals(await client.cancelFlightInfo(INFO), "CANCEL_STATUS_UNSPECIFIED");
  assertEquals(await client.renewFlightEndpoint({}), {
    location: [],
    appMetadata: new Uint8Array(),
  });
  assertEquals(await client.setSessionOptions({ a: "b" }), {});
  assertEquals(await client.getSessionOptions(), {});
  assertEquals(await client.closeSession(), "UNSPECIFIED");
});

Deno.test("an action is cancelled by the signal, and takes headers", async () => {
  await using both = await startFlight(new Keeper());
  const signal = AbortSignal.abort();
  await assertFlightError(
    () => both.client.cancelFlightInfo(INFO, { signal }),
    "CANCELLED",
  );
  assertEquals(both.server.asked, []);
});

Deno.test("the predefined actions are the protocol's five, each described", () => {
  assertEquals(PREDEFINED.map(({ type }) => type), [
    "CancelFlightInfo",
    "RenewFlightEndpoint",
    "SetSessionOptions",
    "GetSessionOptions",
    "CloseSession",
  ]);
  assert(PREDEFINED.every(({ description }) => description.endsWith(".")));
});

Deno.test("an action's messages go round by their bytes", () => {
  const { request, response } = cancelFlightInfo;
  assertEquals(request.deserialize(request.serialize({ info: INFO })), { info: INFO });
  const status = "CANCEL_STATUS_CANCELLING";
  assertEquals(response.deserialize(response.serialize({ status })), { status });
  assertEquals(CancelFlightInfoResult.serialize({ status }), new Uint8Array([8, 2]));
  const renew = RenewFlightEndpointRequest.serialize({ endpoint: ENDPOINT });
  assertEquals(RenewFlightEndpointRequest.deserialize(renew), { endpoint: ENDPOINT });
  assertEquals(FlightInfo.deserialize(FlightInfo.serialize(INFO)), INFO);
  assertEquals(
    FlightEndpoint.deserialize(FlightEndpoint.serialize(ENDPOINT)),
    ENDPOINT,
  );
  assertEquals(CancelFlightInfoRequest.deserialize(new Uint8Array()), {});
  assertEquals(FlightDescriptor.deserialize(new Uint8Array([8, 2])).type, "CMD");
});

Deno.test("an option of a session is a sfixed64 on the wire", () => {
  const sessionOptions = { a: { int64Value: -2n } };
  assertEquals(
    setSessionOptions.request.serialize({ sessionOptions }),
    new Uint8Array([0x0a, 14, 0x0a, 1, 97, 0x12, 9, 0x19, 254, ...Array(7).fill(255)]),
  );
});
