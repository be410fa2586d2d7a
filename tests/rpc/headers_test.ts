/** Headers and trailers of calls, on both sides. */
import { assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  CallHeaders,
  type ClientMiddleware,
  FlightError,
  type ServerMiddleware,
} from "../../flight/mod.ts";
import { act, Service, startFlight } from "../helpers/flight_calls.ts";
import { assertFlightError, collect } from "../helpers/serving.ts";

Deno.test("a server gets headers with several values, texts and bytes", async () => {
  const middleware: ClientMiddleware[] = [(call, next) => {
    call.headers.append("x-several", "c");
    call.headers.append("X-Several-Bin", new Uint8Array([3]));
    return next();
  }];
  await using both = await startFlight(new Service(), { middleware });
  let found: unknown;
  both.server.onAnswer = ({ headers }) => {
    found = [
      headers.getAll("X-SEVERAL"),
      headers.getAllBytes("x-several-bin"),
      headers.get("x-empty"),
      headers.getBytes("x-empty-bin"),
      headers.has("x-none"),
    ];
  };
  const headers = {
    "x-several": ["a", "b, b"],
    "x-several-bin": [new Uint8Array([0, 44]), new Uint8Array(300).fill(255)],
    "x-empty": "",
    "x-empty-bin": new Uint8Array(),
  };
  await act(both.client, "a", { headers });
  assertEquals(found, [
    ["a", "b, b", "c"],
    [new Uint8Array([0, 44]), new Uint8Array(300).fill(255), new Uint8Array([3])],
    "",
    new Uint8Array(),
    false,
  ]);
});

Deno.test("a client's middleware sees headers, then trailers, texts and bytes", async () => {
  const received: string[][] = [];
  let seen: CallHeaders[] = [];
  const middleware: ClientMiddleware[] = [async (call, next) => {
    call.onReceived((headers) => received.push(headers.getAll("x-text")));
    await next().catch(() => {});
    seen = [call.responseHeaders, call.trailers];
  }];
  await using both = await startFlight(new Service(), { middleware });
  both.server.onAnswer = ({ responseHeaders, trailers }) => {
    responseHeaders.set("x-text", "header");
    trailers.set("x-text", "trailer");
    for (const headers of [responseHeaders, trailers]) {
      for (const byte of [1, 2]) headers.append("x-raw-bin", new Uint8Array([byte]));
    }
  };
  for (const type of ["a", "fail"]) {
    received.length = 0;
    await act(both.client, type);
    assertEquals(received, [["header"], ["trailer"]]);
    for (const headers of seen) {
      assertEquals(headers.getAllBytes("x-raw-bin"), [
        new Uint8Array([1]),
        new Uint8Array([2]),
      ]);
    }
  }
});

Deno.test("headers and trailers reach a client from before next(), and after it", async () => {
  const set: ServerMiddleware = async ({ responseHeaders, trailers }, next) => {
    responseHeaders.set("x-before", "1");
    try {
      await next();
    } finally {
      responseHeaders.set("x-after", "1");
      trailers.set("x-end", "1");
    }
  };
  const found: string[] = [];
  const middleware: ClientMiddleware[] = [async (call, next) => {
    await next().catch(() => {});
    const names = ["x-before", "x-after"].filter((name) =>
      call.responseHeaders.has(name)
    );
    if (call.trailers.has("x-end")) names.push("x-end");
    found.push(names.join(" "));
  }];
  await using both = await startFlight(new Service(set), { middleware });
  await both.client.getFlightInfo({});
  await act(both.client, "a");
  await act(both.client, "fail");
  await both.client.getSchema({}).catch(() => {});
  // A stream's headers have gone out with its first message.
  const [unary, stream] = ["x-before x-after x-end", "x-before x-end"];
  assertEquals(found, [unary, stream, stream, unary]);
});

Deno.test("a refusal without headers is trailers only, and a client sees them", async () => {
  const refuse: ServerMiddleware = ({ trailers }) => {
    trailers.set("x-why", "because");
    throw new FlightError("UNAVAILABLE", "no");
  };
  const found: unknown[] = [];
  const middleware: ClientMiddleware[] = [async (call, next) => {
    call.onReceived((headers) => found.push(headers.getAll("x-why")));
    try {
      await next();
    } finally {
      found.push([...call.responseHeaders].length);
    }
  }];
  await using both = await startFlight(new Service(refuse), { middleware });
  await assertFlightError(() => both.client.getFlightInfo({}), "UNAVAILABLE");
  assertEquals(found, [["because"], 0]);
});

Deno.test("CallHeaders keeps names in lower case, and values in order", () => {
  const headers = new CallHeaders({ "X-A": ["1", "2"], b: "3" });
  headers.append("x-a", "4");
  assertEquals([...headers], [["x-a", "1"], ["x-a", "2"], ["x-a", "4"], ["b", "3"]]);
  assertEquals([headers.get("X-a"), headers.get("c")], ["1", undefined]);
  headers.set("x-A", "5");
  headers.delete("B");
  assertEquals([...new CallHeaders(headers)], [["x-a", "5"]]);
  assertEquals(headers.getBytes("x-a"), undefined);
});

Deno.test("CallHeaders refuses what cannot be sent", () => {
  const headers = new CallHeaders();
  const wrong: [string, string | Uint8Array][] = [
    ["", "a"],
    ["a b", "a"],
    [":path", "a"],
    ["ä", "a"],
    ["a\n", "a"],
    ["a", "ä"],
    ["a", "a\r\nb: c"],
    ["a", "\x7f"],
    ["a", " a"],
    ["a", "a "],
    ["a", new Uint8Array()],
    ["a-bin", "a"],
    ["A-BIN", "a"],
  ];
  for (const [name, value] of wrong) {
    assertThrows(() => headers.set(name, value), TypeError, `header "${name}"`);
    assertThrows(() => headers.append(name, value), TypeError);
  }
  assertThrows(() => new CallHeaders({ "a-bin": "a" }), TypeError);
  assertEquals([...headers], []);
});

Deno.test("FlightClient refuses headers that cannot be sent, and makes no call", async () => {
  await using both = await startFlight(new Service());
  const headers = { "x-a": "ä" };
  await assertRejects(
    () => both.client.getFlightInfo({}, { headers }),
    TypeError,
    "x-a",
  );
  await assertRejects(
    () => Promise.try(() => collect(both.client.doGet({}, { headers }))),
    TypeError,
    "x-a",
  );
  assertEquals(both.server.records, []);
});
