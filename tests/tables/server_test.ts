/** TinyServer, as TinyClient and a bare FlightClient meet it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { type RecordBatch, Table, tableFromArrays } from "apache-arrow";
import { decode } from "../../flight/arrow/decode/decode.ts";
import { encode } from "../../flight/arrow/encode/encode.ts";
import { decodeSchema } from "../../flight/arrow/decode/decode_schema.ts";
import { describeCall, MemoryStore, TinyClient } from "../../mod.ts";
import type { FlightDataInit } from "../../proto/flight_data.ts";
import type { Init } from "../../proto/message_type.ts";
import type { FlightDescriptor } from "../../proto/messages.ts";
import { assertFlightError, collect, serving, utf8 } from "../helpers/serving.ts";

const points = tableFromArrays({ x: [1, 2, 3], y: [0.5, 1.5, 2.5] });

async function* messages(...items: FlightDataInit[]): AsyncGenerator<FlightDataInit> {
  yield* items;
}

Deno.test("TinyServer gives back what was put", async () => {
  await using both = await serving();
  await both.client.putTable("points", points);
  const back = await both.client.getTable("points");
  assertEquals(back.toArray(), points.toArray());
  assertEquals(back.schema.toString(), points.schema.toString());
});

Deno.test("TinyServer replaces a table that is put again", async () => {
  await using both = await serving();
  await both.client.putTable("points", points);
  await both.client.putTable("points", tableFromArrays({ z: ["new"] }));
  assertEquals((await both.client.getTable("points")).getChild("z")?.get(0), "new");
  assertEquals(await both.client.listTables(), ["points"]);
});

Deno.test("TinyServer keeps the old table when a put fails", async () => {
  await using both = await serving();
  await both.client.putTable("points", points);
  const flightDescriptor = { type: "CMD", cmd: utf8("points") } as const;
  const [schema, batch] = await collect(encode(points));
  const cut = { ...batch, dataBody: new Uint8Array(8) };
  await assertFlightError(
    () =>
      collect(both.client.flight.doPut(messages({ ...schema, flightDescriptor }, cut))),
    "INVALID_ARGUMENT",
  );
  assertEquals((await both.client.getTable("points")).numRows, 3);
});

Deno.test("TinyServer gives a get the version that it began with", async () => {
  await using both = await serving();
  const column = Float64Array.from({ length: 4_000_000 }, (_, index) => index);
  await both.client.putTable("big", tableFromArrays({ column }));
  const batches: RecordBatch[] = [];
  for await (const batch of both.client.readTable("big")) {
    if (batches.length === 0) {
      await both.client.putTable("big", points);
      await both.client.dropTable("big");
    }
    batches.push(batch);
  }
  const back = new Table(batches);
  assertEquals(back.numRows, column.length);
  assertEquals(back.getChild("column")?.get(column.length - 1), column.length - 1);
});

Deno.test("TinyServer splits a batch that is larger than clients take", async () => {
  const column = Float64Array.from({ length: 2_000_000 }, (_, index) => index);
  const table = tableFromArrays({ column });
  const sizes = async (maxSentBytes?: number) => {
    await using both = await serving({ maxSentBytes });
    await both.client.putTable("big", table, { maxMessageBytes: Infinity });
    const messages = await collect(both.client.flight.doGet({ ticket: utf8("big") }));
    const back = await decode(both.client.flight.doGet({ ticket: utf8("big") }))
      .table();
    assertEquals(back.getChild("column")?.toArray(), column);
    return messages.map(({ dataBody }) => dataBody.length);
  };
  const split = await sizes();
  assert(split.length > 4 && Math.max(...split) < 4 * 1024 * 1024, String(split));
  assertEquals(await sizes(Infinity), [0, 16_000_000]);
});

Deno.test("TinyServer fills the five parts of a FlightInfo", async () => {
  await using both = await serving();
  await both.client.putTable("points", points);
  const info = await both.client.flight.getFlightInfo({
    type: "CMD",
    cmd: utf8("points"),
  });
  assertEquals(decodeSchema(info.schema)?.fields.map(({ name }) => name), ["x", "y"]);
  assertEquals(info.flightDescriptor, { type: "CMD", cmd: utf8("points"), path: [] });
  assertEquals(info.endpoint.map(({ ticket, location }) => [ticket, location]), [
    [{ ticket: utf8("points") }, [{ uri: both.server.location }]],
  ]);
  assertEquals(info.totalRecords, 3n);
  assert(info.totalBytes > 48n && info.totalBytes < 2000n, String(info.totalBytes));
  const [listed] = await collect(both.client.flight.listFlights());
  assertEquals(listed, info);
  const poll = await both.client.flight.pollFlightInfo({
    type: "PATH",
    path: ["points"],
  });
  assertEquals(poll, { info, progress: 1 });
  const { schema } = await both.client.flight.getSchema({
    type: "PATH",
    path: ["points"],
  });
  assertEquals(schema, info.schema);
});

Deno.test("TinyServer names an endpoint that a fresh client can use", async () => {
  await using both = await serving();
  await both.client.putTable("points", points);
  const [{ endpoint: [{ ticket, location: [{ uri }] }] }] = await collect(
    both.client.flight.listFlights(),
  );
  await using fresh = await TinyClient.connect(uri);
  assertEquals((await decode(fresh.flight.doGet(ticket ?? {})).table()).numRows, 3);
});

Deno.test("TinyServer names the address by which it was reached, if it has many", async () => {
  await using both = await serving({ hostname: "0.0.0.0", allowOpen: true });
  const port = new URL(both.server.location).port;
  await using client = await TinyClient.connect(`grpc://127.0.0.1:${port}`);
  await client.putTable("points", points);
  const [{ endpoint: [{ location }] }] = await collect(client.flight.listFlights());
  assertEquals(location, [{ uri: `grpc+tcp://127.0.0.1:${port}` }]);
});

Deno.test("TinyServer names the location that it was told to advertise", async () => {
  const advertise = "grpc+tcp://tables.example:80";
  await using both = await serving({ advertise });
  await both.client.putTable("points", points);
  const [{ endpoint: [{ location }] }] = await collect(
    both.client.flight.listFlights(),
  );
  assertEquals(location, [{ uri: advertise }]);
});

Deno.test("TinyServer gives one table one name, by command and by path", async () => {
  await using both = await serving();
  const { flight } = both.client;
  const put = async (descriptor: Init<FlightDescriptor>) =>
    await collect(flight.doPut(encode(points, { descriptor })));
  await put({ type: "PATH", path: ["by path"] });
  await put({ type: "PATH", path: ["a", "b/c"] });
  await put({ type: "PATH", path: ["a/b", "c"] });
  await put({ type: "CMD", cmd: utf8("größe/π") });
  assertEquals(await both.client.listTables(), [
    "a%2Fb/c",
    "a/b%2Fc",
    "by path",
    "größe/π",
  ]);
  const byCommand = await flight.getFlightInfo({ type: "CMD", cmd: utf8("by path") });
  assertEquals(byCommand.flightDescriptor?.type, "PATH");
  assertEquals(byCommand.flightDescriptor?.path, ["by path"]);
  await flight.getFlightInfo({ type: "PATH", path: ["größe/π"] });
});

Deno.test("TinyServer answers with an error to what cannot be a name", async () => {
  await using both = await serving();
  const { flight } = both.client;
  const descriptors: Init<FlightDescriptor>[] = [
    {},
    { type: "PATH" },
    { type: "PATH", path: [""] },
    { type: "CMD" },
    { type: "CMD", cmd: new Uint8Array([0xff]) },
  ];
  const tooLong: Init<FlightDescriptor>[] = [
    { type: "CMD", cmd: new Uint8Array(16 * 1024 + 1).fill(97) },
    { type: "PATH", path: ["é".repeat(8193)] },
  ];
  for (const descriptor of [...descriptors, ...tooLong]) {
    const code = tooLong.includes(descriptor)
      ? "RESOURCE_EXHAUSTED"
      : "INVALID_ARGUMENT";
    await assertFlightError(() => flight.getFlightInfo(descriptor), code);
    const put = () => collect(flight.doPut(encode(points, { descriptor })));
    await assertFlightError(put, code);
  }
  await assertFlightError(() => collect(flight.doGet({})), "INVALID_ARGUMENT");
  await assertFlightError(
    () => collect(flight.doAction({ type: "drop_table" })),
    "INVALID_ARGUMENT",
  );
  const longest = "a".repeat(16 * 1024);
  await both.client.putTable(longest, points);
  assertEquals(await both.client.listTables(), [longest]);
});

Deno.test("TinyServer answers NOT_FOUND with the nearest names", async () => {
  await using both = await serving();
  for (const name of ["fijiquakes", "airquality", "air"]) {
    await both.client.putTable(name, points);
  }
  const error = await assertFlightError(
    () => both.client.getTable("fijiquake"),
    "NOT_FOUND",
  );
  assertStringIncludes(error.message, 'Cannot find the table "fijiquake"');
  assertStringIncludes(error.message, 'perhaps you mean "fijiquakes"');
  assert(!error.message.includes("airquality"));
  for (
    const call of [
      () => both.client.dropTable("nothing"),
      () => both.client.tableInfo("nothing"),
      () => both.client.flight.getSchema({ type: "PATH", path: ["nothing"] }),
      () => both.client.flight.pollFlightInfo({ type: "PATH", path: ["nothing"] }),
    ]
  ) await assertFlightError(call, "NOT_FOUND");
});

Deno.test("TinyServer selects names by the criteria's prefix", async () => {
  await using both = await serving();
  for (const name of ["b/1", "a/2", "a/1", "a"]) {
    await both.client.putTable(name, points);
  }
  assertEquals(await both.client.listTables({ prefix: "a/" }), ["a/1", "a/2"]);
  assertEquals(await both.client.listTables({ prefix: "c" }), []);
  await assertFlightError(
    () =>
      collect(both.client.flight.listFlights({ expression: new Uint8Array([0xff]) })),
    "INVALID_ARGUMENT",
  );
});

Deno.test("TinyServer says which actions there are", async () => {
  await using both = await serving();
  const { flight } = both.client;
  const types = (await collect(flight.listActions())).map(({ type }) => type);
  assertEquals(types, ["drop_table", "healthcheck", "shutdown"]);
  const error = await assertFlightError(
    () => collect(flight.doAction({ type: "drop" })),
    "UNIMPLEMENTED",
  );
  assertStringIncludes(error.message, "drop_table, healthcheck, shutdown");
  const results = await collect(flight.doAction({ type: "healthcheck" }));
  assertEquals(results, [{ body: utf8("ok") }]);
});

Deno.test("TinyServer is shut down by the action, once the action has answered", async () => {
  await using both = await serving();
  assertEquals(await collect(both.client.flight.doAction({ type: "shutdown" })), []);
  await both.server.finished;
});

Deno.test("TinyServer offers no shutdown where others reach it, unless told to", async () => {
  await using open = await serving({ hostname: "0.0.0.0", allowOpen: true });
  await assertFlightError(
    () => collect(open.client.flight.doAction({ type: "shutdown" })),
    "UNIMPLEMENTED",
  );
  await using closed = await serving({ allowShutdown: false });
  await assertFlightError(
    () => collect(closed.client.flight.doAction({ type: "shutdown" })),
    "UNIMPLEMENTED",
  );
  await using allowed = await serving({
    hostname: "0.0.0.0",
    allowOpen: true,
    allowShutdown: true,
  });
  await collect(allowed.client.flight.doAction({ type: "shutdown" }));
  await allowed.server.finished;
});

Deno.test("TinyServer does not offer DoExchange and Handshake", async () => {
  await using both = await serving();
  const { flight } = both.client;
  await assertFlightError(
    () => collect(flight.doExchange(messages())),
    "UNIMPLEMENTED",
  );
  async function* none(): AsyncGenerator<never> {}
  await assertFlightError(() => collect(flight.handshake(none())), "UNIMPLEMENTED");
});

Deno.test("TinyServer refuses a put without descriptor, schema or sense", async () => {
  await using both = await serving();
  const { flight } = both.client;
  const flightDescriptor = { type: "CMD", cmd: utf8("x") } as const;
  const [schema, batch] = await collect(encode(points));
  const garbage = { flightDescriptor, dataHeader: new Uint8Array(64).fill(0xee) };
  for (
    const [put, reason] of [
      [[], "descriptor"],
      [[schema, batch], "descriptor"],
      [[{ flightDescriptor }], "schema"],
      [[{ flightDescriptor }, batch], "schema"],
      [[{ flightDescriptor, ...schema }, schema], "schema"],
      [[garbage], "Cannot accept the message"],
    ] as [FlightDataInit[], string][]
  ) {
    const error = await assertFlightError(
      () => collect(flight.doPut(messages(...put))),
      "INVALID_ARGUMENT",
    );
    assertStringIncludes(error.message, reason);
  }
  assertEquals(await both.client.listTables(), []);
});

Deno.test("TinyServer refuses a body without a header, and keeps the old table", async () => {
  await using both = await serving();
  await both.client.putTable("x", points);
  const flightDescriptor = { type: "CMD", cmd: utf8("x") } as const;
  async function* messages() {
    for await (const message of encode(points)) yield { flightDescriptor, ...message };
    yield { dataBody: new Uint8Array(8) };
  }
  await assertFlightError(
    () => collect(both.client.flight.doPut(messages())),
    "INVALID_ARGUMENT",
  );
  assertEquals((await both.client.getTable("x")).numRows, 3);
});

Deno.test("TinyServer takes descriptor, schema and app_metadata in any company", async () => {
  await using both = await serving();
  const flightDescriptor = { type: "CMD", cmd: utf8("x") } as const;
  const [schema, batch] = await collect(encode(points));
  const appMetadata = utf8("0");
  await collect(both.client.flight.doPut(messages(
    { flightDescriptor },
    { flightDescriptor, appMetadata, ...schema },
    { appMetadata },
    { flightDescriptor, appMetadata, ...batch },
    { appMetadata, ...batch },
  )));
  assertEquals((await both.client.getTable("x")).numRows, 6);
});

Deno.test("TinyServer records its calls, with the tables' names", async () => {
  await using both = await serving();
  await both.client.putTable("points", points);
  await both.client.getTable("points");
  await both.client.dropTable("points");
  await assertFlightError(() => both.client.getTable("new\nline"), "NOT_FOUND");
  const lines = both.records.map(describeCall);
  assertEquals(lines.slice(0, 4), [
    "do_put points",
    "get_flight_info points",
    "do_get points",
    "do_action drop_table points",
  ]);
  assert(lines[4].startsWith("do_get new\\u000aline NOT_FOUND: Cannot find"), lines[4]);
});

Deno.test("TinyServer serves the store that it is given", async () => {
  const store = new MemoryStore();
  await using one = await serving({ store });
  await using other = await serving({ store });
  await one.client.putTable("points", points);
  assertEquals((await other.client.getTable("points")).numRows, 3);
});

Deno.test("TinyServer hides what a store throws, and lives on", async () => {
  class Broken extends MemoryStore {
    override get(): never {
      throw new RangeError("disk 7 is on fire");
    }
  }
  await using both = await serving({ store: new Broken() });
  const error = await assertFlightError(() => both.client.getTable("x"), "INTERNAL");
  assert(!error.message.includes("disk 7"));
  assertEquals(String(both.records[0].error?.cause), "RangeError: disk 7 is on fire");
  assertEquals(await both.client.listTables(), []);
});

Deno.test("TinyServer keeps no pooled buffer alive for a small table", async () => {
  const store = new MemoryStore();
  await using both = await serving({ store });
  await both.client.putTable("points", points);
  const table = await store.get("points");
  for await (const { header, body } of table?.messages() ?? []) {
    const held = new Set(
      [header.buffer, body.buffer].map(({ byteLength }) => byteLength),
    );
    const bytes = [...held].reduce((sum, size) => sum + size, 0);
    assert(bytes <= 2 * (header.length + body.length), `${bytes} bytes are held`);
  }
});
