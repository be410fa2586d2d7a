/** Commands of Flight SQL, which name no table. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { encode } from "../../flight/mod.ts";
import { sqlCommandIn } from "../../tables/sql_command.ts";
import { assertFlightError, collect, serving, utf8 } from "../helpers/serving.ts";

const PREFIX = "type.googleapis.com/arrow.flight.protocol.sql.";
const POINTS = tableFromArrays({ x: [1, 2, 3] });

/** A google.protobuf.Any, the first of whose fields is its type. */
function any(url: string, value: readonly number[] = []): Uint8Array {
  const type = utf8(url);
  return new Uint8Array([10, type.length, ...type, 18, value.length, ...value]);
}

/** What ADBC's driver 1.13 sends to ingest into a table `numbers`. */
const INGEST = any(
  `${PREFIX}CommandStatementIngest`,
  [10, 4, 8, 1, 16, 1, 18, 7, 110, 117, 109, 98, 101, 114, 115],
);

for (
  const [what, bytes, command] of [
    ["an ingest", INGEST, "CommandStatementIngest"],
    [
      "a ticket of a statement",
      any(`${PREFIX}TicketStatementQuery`),
      "TicketStatementQuery",
    ],
    ["a type of another host", any("a.example/arrow.flight.protocol.sql.X"), "X"],
    ["a type without a host", any("arrow.flight.protocol.sql.X"), "X"],
    ["another message", any("type.googleapis.com/google.protobuf.Empty"), undefined],
    ["a cut command", INGEST.subarray(0, 20), undefined],
    ["a type that is not UTF-8", new Uint8Array([10, 1, 255]), undefined],
    ["a name", utf8("quakes"), undefined],
    ["a name with the type in it", utf8(`${PREFIX}X`), undefined],
    ["a name with a line break", utf8("\nquakes"), undefined],
    ["nothing", new Uint8Array(0), undefined],
  ] as const
) {
  Deno.test(`sqlCommandIn() finds ${command ?? "no command"} in ${what}`, () => {
    assertEquals(sqlCommandIn(bytes), command);
  });
}

Deno.test("TinyServer refuses commands of Flight SQL, and keeps no table of theirs", async () => {
  await using both = await serving();
  const { flight } = both.client;
  const text = new TextDecoder().decode(INGEST);
  const descriptors = [
    { type: "CMD", cmd: INGEST },
    { type: "PATH", path: [text] },
  ] as const;
  for (const descriptor of descriptors) {
    const calls = [
      () => collect(flight.doPut(encode(POINTS, { descriptor }))),
      () => flight.getFlightInfo(descriptor),
      () => flight.pollFlightInfo(descriptor),
      () => flight.getSchema(descriptor),
      () => collect(flight.doGet({ ticket: INGEST })),
    ];
    for (const call of calls) {
      const error = await assertFlightError(call, "UNIMPLEMENTED");
      assertStringIncludes(error.message, "CommandStatementIngest");
      assertStringIncludes(error.message, "has no SQL");
    }
  }
  assertEquals(await both.client.listTables(), []);
});
