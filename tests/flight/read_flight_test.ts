/** readFlight(): all endpoints of a flight, from servers that answer. */
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import {
  type DecodedBatch,
  encode,
  FlightClient,
  FlightError,
  FlightServer,
  readFlight,
  type ReadFlightOptions,
  REUSE_CONNECTION,
  type Ticket,
} from "../../flight/mod.ts";
import { startFlight } from "../helpers/flight_calls.ts";
import {
  batch,
  endpoint,
  flight,
  numbers,
  Parts,
  readCodes,
} from "../helpers/flight_parts.ts";
import { assertFlightError, collect, utf8 } from "../helpers/serving.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const SIX = ["2 0", "1 1", "0 2", "3 3", "1 4", "2 5"];
const IN_ORDER = [0, 0, 1, 3, 3, 3, 4, 5, 5];

Deno.test("readFlight() reads the endpoints of an ordered flight in their order", async () => {
  await using both = await startFlight(new Parts());
  const info = flight(SIX.map((ticket) => endpoint(ticket)), true);
  assertEquals(await numbers(readFlight(both.client, info)), IN_ORDER);
  assertEquals([both.server.reads, both.server.mostOpen], [SIX, 1]);
});

Deno.test("readFlight() reads all endpoints of a flight without order", async () => {
  await using both = await startFlight(new Parts());
  const info = flight(SIX.map((ticket) => endpoint(ticket)));
  assertEquals((await numbers(readFlight(both.client, info))).sort(), IN_ORDER);
});

Deno.test("readFlight() gives nothing of a flight without endpoints", async () => {
  await using both = await startFlight(new Parts());
  for (const ordered of [true, false]) {
    assertEquals(await collect(readFlight(both.client, flight([], ordered))), []);
  }
});

for (const [limit, maxParallel] of [[1, 1], [2, 2], [4, undefined], [7, 7]]) {
  Deno.test(`readFlight() has never more than ${limit} endpoints open, and as many`, async () => {
    await using both = await startFlight(new Parts());
    const { server } = both;
    const full = Promise.withResolvers<void>();
    server.gate = full.promise;
    server.onOpen = () => {
      if (server.open === limit) full.resolve();
    };
    const tickets = Array.from({ length: 20 }, (_, index) => `${index % 4} ${index}`);
    const info = flight(tickets.map((ticket) => endpoint(ticket)));
    const found = await numbers(readFlight(both.client, info, { maxParallel }));
    assertEquals(found.length, 30);
    assertEquals(server.mostOpen, limit);
    assertEquals(server.reads, tickets);
  });
}

Deno.test("readFlight() gives what comes first, while another endpoint waits", async () => {
  await using both = await startFlight(new Parts());
  const gate = Promise.withResolvers<void>();
  let count = 0;
  both.server.onOpen = () => {
    both.server.gate = count++ === 0 ? gate.promise : Promise.resolve();
  };
  const info = flight([endpoint("1 0"), endpoint("500 1")]);
  const found: number[] = [];
  for await (const item of readFlight(both.client, info)) {
    found.push(item.batch!.getChild("n")!.get(0));
    if (found.length === 500) gate.resolve();
  }
  assertEquals(found, [...Array(500).fill(1), 0]);
});

Deno.test("readFlight() refuses a maxParallel that is out of range", async () => {
  await using both = await startFlight(new Parts());
  for (const maxParallel of [0, -1, 1.5, NaN]) {
    assertThrows(
      () => readFlight(both.client, flight([]), { maxParallel }),
      RangeError,
      `the maxParallel ${maxParallel}: it has to be a whole number, 1 or more`,
    );
  }
});

for (
  const locations of [
    [],
    [REUSE_CONNECTION],
    ["arrow-flight-reuse-connection://"],
    ["Arrow-Flight-Reuse-Connection:?"],
    ["http://x/y", REUSE_CONNECTION],
  ]
) {
  Deno.test(`readFlight() reads from the client's own server: [${locations}]`, async () => {
    await using both = await startFlight(new Parts());
    const info = flight([endpoint("1 8", locations)]);
    const clientFor = (location: string): never => {
      throw new Error(`asked for ${location}`);
    };
    assertEquals(await numbers(readFlight(both.client, info, { clientFor })), [8]);
  });
}

Deno.test("readFlight() reads from the server that the location names", async () => {
  await using both = await startFlight(new Parts());
  await using other = await startFlight(new Parts());
  const tickets = ["1 1", "1 2", "1 3"];
  const { location } = other.server;
  const info = flight(tickets.map((ticket) => endpoint(ticket, [location])), true);
  assertEquals(await numbers(readFlight(both.client, info)), [1, 2, 3]);
  assertEquals([both.server.reads, other.server.reads], [[], tickets]);
  const peers = new Set(other.server.records.map(({ peer }) => peer));
  assertEquals(peers.size, 1, "one connection serves all endpoints of a location");
});

Deno.test("readFlight() has the client's middleware and headers at other locations", async () => {
  await using other = await startFlight(new Parts());
  const seen: (string | undefined)[] = [];
  await using client = new FlightClient("grpc://localhost:1", {
    middleware: [(call, next) => {
      seen.push(call.headers.get("x-a"));
      return next();
    }],
  });
  const info = flight([endpoint("1 1", [other.server.location])]);
  const headers = { "x-a": "b" };
  assertEquals(await numbers(readFlight(client, info, { headers })), [1]);
  assertEquals(seen, ["b"]);
});

Deno.test("readFlight() asks clientFor for a client, and leaves it open", async () => {
  await using both = await startFlight(new Parts());
  const asked: string[] = [];
  const clientFor = (location: string) => {
    asked.push(location);
    return both.client;
  };
  const info = flight([
    endpoint("1 1", ["grpc://x:1"]),
    endpoint("1 1", ["grpc://x:1"]),
  ]);
  const options = { clientFor };
  assertEquals(await numbers(readFlight(both.client, info, options)), [1, 1]);
  assertEquals(asked, ["grpc://x:1", "grpc://x:1"]);
  assertEquals(await numbers(readFlight(both.client, info, options)), [1, 1]);
});

Deno.test("readFlight() takes the next location where the ticket is NOT_FOUND", async () => {
  class Empty extends Parts {
    override doGet(): never {
      throw new FlightError("NOT_FOUND", "not here");
    }
  }
  await using both = await startFlight(new Parts());
  await using empty = await startFlight(new Empty());
  const info = flight([endpoint("1 1", [empty.server.location, both.server.location])]);
  assertEquals(await numbers(readFlight(both.client, info)), [1]);
  assertEquals(empty.server.records.map(({ error }) => error?.code), ["NOT_FOUND"]);
});

Deno.test("readFlight() takes the next location when one fails after the schema", async () => {
  await using both = await startFlight(new Parts());
  await using broken = await startFlight(new Parts());
  const info = flight([
    endpoint("broken 0 1", [broken.server.location, REUSE_CONNECTION]),
  ]);
  await assertFlightError(() => numbers(readFlight(both.client, info)), "DATA_LOSS");
  assertEquals([broken.server.reads.length, both.server.reads.length], [1, 1]);
});

Deno.test("readFlight() takes no other location after the first batch", async () => {
  await using both = await startFlight(new Parts());
  await using broken = await startFlight(new Parts());
  for (const ordered of [true, false]) {
    const uris = [broken.server.location, both.server.location];
    const info = flight([endpoint("broken 2 1", uris)], ordered);
    const breaks = Promise.withResolvers<void>();
    broken.server.breaks = breaks.promise;
    const found: DecodedBatch[] = [];
    const error = await assertFlightError(async () => {
      for await (const item of readFlight(both.client, info)) {
        found.push(item);
        if (found.length === 2) breaks.resolve();
      }
    }, "DATA_LOSS");
    assertEquals(error.message, "the rest is lost");
    assertEquals(found.length, 2);
  }
  assertEquals(both.server.reads, []);
});

Deno.test("readFlight() says which locations it cannot read, before it reads any", async () => {
  await using both = await startFlight(new Parts());
  const unreadable = endpoint("1 1", ["s3://bucket/x", "https://x/y"]);
  for (const ordered of [true, false]) {
    const info = flight([endpoint("1 1"), unreadable], ordered);
    const error = await assertFlightError(
      () => readFlight(both.client, info).next(),
      "UNIMPLEMENTED",
    );
    assertStringIncludes(error.message, '"s3://bucket/x", "https://x/y"');
  }
  assertEquals(both.server.reads, []);
});

Deno.test("readFlight() renews an endpoint that expires soon, and reads the new one", async () => {
  await using both = await startFlight(new Parts());
  const tickets: [number | undefined, ReadFlightOptions, boolean][] = [
    [undefined, {}, false],
    [3600, {}, false],
    [2, {}, true],
    [-5, {}, true],
    [3600, { renewWithin: 7_200_000 }, true],
    [4, { renewWithin: 500 }, false],
    [4, { renewWithin: 0 }, false],
    [-5, { renewWithin: 0 }, false],
  ];
  for (const [seconds, options, renews] of tickets) {
    both.server.renewals.length = 0;
    const info = flight([endpoint("1 1", [], seconds)]);
    const found = await numbers(readFlight(both.client, info, options));
    assertEquals([found, both.server.renewals.length], renews ? [[99], 1] : [[1], 0]);
  }
});

Deno.test("readFlight() renews an endpoint when its turn comes", async () => {
  await using both = await startFlight(new Parts());
  const info = flight([endpoint("2 1", [], 2), endpoint("1 2", [], 2)], true);
  const read = readFlight(both.client, info);
  await read.next();
  assertEquals(both.server.renewals, ["2 1"]);
  assertEquals(await numbers(read), [99]);
  assertEquals(both.server.renewals, ["2 1", "1 2"]);
});

Deno.test("readFlight() reads an endpoint that cannot be renewed as it is", async () => {
  await using both = await startFlight(new Parts());
  const info = flight([endpoint("3 0", [], 1)]);
  assertEquals(await numbers(readFlight(both.client, info)), [0, 0, 0]);
  class Unrenewable extends Parts {
    override renewFlightEndpoint(): never {
      throw new FlightError("UNIMPLEMENTED", "no");
    }
  }
  await using other = await startFlight(new Unrenewable());
  assertEquals(await numbers(readFlight(other.client, info)), [0, 0, 0]);
});

Deno.test("readFlight() says that it cannot read a renewed endpoint's locations", async () => {
  await using both = await startFlight(new Parts());
  const info = flight([endpoint("4 0", [], 1)]);
  await assertFlightError(
    () => numbers(readFlight(both.client, info)),
    "UNIMPLEMENTED",
  );
  assertEquals(both.server.reads, []);
});

for (const ordered of [true, false]) {
  const how = ordered ? "in order" : "in parallel";
  Deno.test(`readFlight() cancels everything when it is left early, ${how}`, async () => {
    await using both = await startFlight(new Parts());
    await using other = await startFlight(new Parts());
    const info = flight([
      endpoint("endless 1 1"),
      endpoint("endless 1 2", [other.server.location]),
      endpoint("endless 1 3"),
    ], ordered);
    const read = readFlight(both.client, info);
    const open = () => both.server.open + other.server.open;
    for (let i = 0; i < 20 || open() < (ordered ? 1 : 3); i++) await read.next();
    await read.return(undefined);
    const expected = ordered ? [["CANCELLED"], []] : [
      ["CANCELLED", "CANCELLED"],
      ["CANCELLED"],
    ];
    assertEquals(
      [await readCodes(both.server), await readCodes(other.server)],
      expected,
    );
  });

  Deno.test(`readFlight() cancels everything with its signal, ${how}`, async () => {
    await using both = await startFlight(new Parts());
    const abort = new AbortController();
    const info = flight([endpoint("endless 1 1"), endpoint("endless 1 2")], ordered);
    const error = await assertFlightError(async () => {
      for await (const _ of readFlight(both.client, info, { signal: abort.signal })) {
        abort.abort(new Error("enough"));
      }
    }, "CANCELLED");
    assertEquals((error.cause as Error).message, "enough");
    const codes = await readCodes(both.server);
    assert(
      codes.length >= 1 && codes.every((code) => code === "CANCELLED"),
      `${codes}`,
    );
  });
}

Deno.test("readFlight() reads nothing when its signal was aborted before", async () => {
  await using both = await startFlight(new Parts());
  const signal = AbortSignal.abort();
  const uris = [both.server.location, REUSE_CONNECTION];
  const info = flight([endpoint("1 1", uris), endpoint("1 1", uris, 1)]);
  await assertFlightError(
    () => numbers(readFlight(both.client, info, { signal })),
    "CANCELLED",
  );
  assertEquals(both.server.records, []);
});

Deno.test("readFlight() cancels the other endpoints when one fails", async () => {
  await using both = await startFlight(new Parts());
  const { server } = both;
  const full = Promise.withResolvers<void>();
  server.breaks = full.promise;
  server.onOpen = () => {
    if (server.open === 3) full.resolve();
  };
  const tickets = ["endless 1 1", "endless 1 2", "broken 9 3"];
  const info = flight(tickets.map((ticket) => endpoint(ticket)));
  await assertFlightError(() => numbers(readFlight(both.client, info)), "DATA_LOSS");
  assertEquals((await readCodes(both.server)).sort(), [
    "CANCELLED",
    "CANCELLED",
    "DATA_LOSS",
  ]);
});

Deno.test("readFlight() gives up when its timeout is over", async () => {
  await using both = await startFlight(new Parts());
  await both.client.waitUntilReady();
  both.server.gate = new Promise(() => {});
  const info = flight([endpoint("1 1"), endpoint("1 2")]);
  await assertFlightError(
    () => numbers(readFlight(both.client, info, { timeout: 50 })),
    "DEADLINE_EXCEEDED",
  );
});

Deno.test("readFlight() gives application metadata, alone and with batches", async () => {
  class Metadata extends FlightServer {
    override doGet() {
      return encode([
        { batch: batch(1), appMetadata: utf8("a") },
        { appMetadata: utf8("b") },
        batch(2),
      ]);
    }
  }
  await using both = await startFlight(new Metadata({ port: 0 }));
  const items = await collect(readFlight(both.client, flight([endpoint("x")])));
  assertEquals(
    items.map((
      item,
    ) => [item.batch?.numRows, item.appMetadata && text(item.appMetadata)]),
    [
      [1, "a"],
      [undefined, "b"],
      [1, undefined],
    ],
  );
});

Deno.test("readFlight() reads the columns that are asked for", async () => {
  class Wide extends FlightServer {
    override doGet() {
      return encode(tableFromArrays({ a: [1], b: [2], c: [3] }));
    }
  }
  await using both = await startFlight(new Wide({ port: 0 }));
  const info = flight([endpoint("x")]);
  const [item] = await collect(readFlight(both.client, info, { columns: ["c", "a"] }));
  assertEquals(item.batch!.schema.names, ["a", "c"]);
});

Deno.test("readFlight() takes an endpoint without a ticket for one with an empty one", async () => {
  class Any extends FlightServer {
    override doGet({ ticket }: Ticket) {
      return encode(batch(ticket.length));
    }
  }
  await using both = await startFlight(new Any({ port: 0 }));
  assertEquals(await numbers(readFlight(both.client, flight([{}]))), [0]);
});
