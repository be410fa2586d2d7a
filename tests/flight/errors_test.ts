/** FlightErrors: how they are made, and how they cross the wire. */
import { assert, assertEquals, assertStrictEquals } from "@std/assert";
import { CallHeaders } from "../../rpc/call_headers.ts";
import { codeFromNumber, codeToNumber } from "../../rpc/status.ts";
import {
  FlightError,
  type FlightErrorCode,
  type FlightErrorOptions,
  FlightServer,
} from "../../flight/mod.ts";
import { errorOf, statusOf } from "../../flight/protocol/status.ts";
import { act, type FlightPair, startFlight } from "../helpers/flight_calls.ts";
import { assertFlightError, utf8 } from "../helpers/serving.ts";

const CODES: FlightErrorCode[] = [
  "CANCELLED",
  "UNKNOWN",
  "INVALID_ARGUMENT",
  "DEADLINE_EXCEEDED",
  "NOT_FOUND",
  "ALREADY_EXISTS",
  "PERMISSION_DENIED",
  "RESOURCE_EXHAUSTED",
  "FAILED_PRECONDITION",
  "ABORTED",
  "OUT_OF_RANGE",
  "UNIMPLEMENTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];
/** Those with which pyarrow looks at the extra info, and raises no other class for it. */
const WITH_ARROW_STATUS: FlightErrorCode[] = [
  "CANCELLED",
  "UNKNOWN",
  "DEADLINE_EXCEEDED",
  "PERMISSION_DENIED",
  "ABORTED",
  "INTERNAL",
  "UNAVAILABLE",
  "DATA_LOSS",
  "UNAUTHENTICATED",
];

/** Throws the same thing in all methods. */
class Thrower extends FlightServer {
  thrown: unknown;

  constructor() {
    super({ port: 0 });
  }
  override getSchema(): never {
    throw this.thrown;
  }
  // deno-lint-ignore require-yield -- it has nothing to give but its error
  override async *doAction(): AsyncGenerator<never> {
    throw this.thrown;
  }
}

/** Checks what a client gets for an error, unary and streaming. */
async function assertArrives(
  { server, client }: FlightPair<Thrower>,
  thrown: FlightError,
  expected: { message: string; extraInfo?: Uint8Array },
): Promise<void> {
  server.thrown = thrown;
  for (const call of [() => client.getSchema({}), () => act(client, "")]) {
    const { message, extraInfo } = await assertFlightError(call, thrown.code);
    assertEquals({ message, extraInfo }, { extraInfo: undefined, ...expected });
  }
}

for (const code of CODES) {
  Deno.test(`${code} goes round, with text and extra info`, async () => {
    await using both = await startFlight(new Thrower());
    const message = 'Cannot do "größer" 100%';
    await assertArrives(both, new FlightError(code, message), { message });
    const extraInfo = new Uint8Array([0, 44, 255]);
    const error = new FlightError(code, message, { extraInfo });
    await assertArrives(both, error, { message, extraInfo });
  });
}

const LONG = 100_000;
const TEXTS: [what: string, text: string, arrives: string | RegExp][] = [
  ["an empty text", "", ""],
  ["lines", "one\ntwo\r\nthree\ttab\0nul", "one\ntwo\r\nthree\ttab\0nul"],
  ["all of ASCII", ascii(), ascii()],
  ["what looks encoded", "%41 %zz % %%25", "%41 %zz % %%25"],
  ["letters of every length", "aé漢🐚", "aé漢🐚"],
  ["spaces around it", "  text  ", "  text  "],
  ["lone surrogates", "a\ud83d b\udc00 c", "a\ufffd b\ufffd c"],
  ["2048 letters", "x".repeat(2048), "x".repeat(2048)],
  ["2049 letters", "x".repeat(2049), /^x{2039}…$/],
  ["many letters", "x".repeat(LONG), /^x{2039}…$/],
  ["many letters of two bytes", "é".repeat(LONG), /^é{339}…$/],
  ["many letters of four bytes", "🐚".repeat(LONG), /^(🐚){169}…$/u],
  ["many percent signs", "%".repeat(LONG), /^%{679}…$/],
  ["many lines", "\n".repeat(LONG), /^\n{679}…$/],
  ["many lone surrogates", "\ud83d".repeat(LONG), /^\ufffd{226}…$/],
];

function ascii(): string {
  return String.fromCharCode(...Array.from({ length: 95 }, (_, index) => index + 32));
}

for (const [what, text, arrives] of TEXTS) {
  Deno.test(`an error's text of ${what} arrives`, async () => {
    await using both = await startFlight(new Thrower());
    both.server.thrown = new FlightError("ABORTED", text);
    const { message } = await assertFlightError(() => act(both.client, ""), "ABORTED");
    if (typeof arrives === "string") assertEquals(message, arrives);
    else assert(arrives.test(message), `${message.length}: ${message.slice(0, 20)}`);
  });
}

Deno.test("extra info of up to 4 KiB arrives, more is left out", async () => {
  await using both = await startFlight(new Thrower());
  const long = { message: "é".repeat(LONG) };
  const cut = { message: `${"é".repeat(339)}…` };
  for (const length of [0, 1, 4096]) {
    const extraInfo = new Uint8Array(length).fill(251);
    const error = new FlightError("NOT_FOUND", long.message, { extraInfo });
    await assertArrives(both, error, { ...cut, extraInfo });
  }
  for (const length of [4097, 1_000_000]) {
    const extraInfo = new Uint8Array(length);
    await assertArrives(both, new FlightError("ABORTED", "a", { extraInfo }), {
      message: "a",
    });
  }
});

for (const thrown of [new RangeError("1234"), "1234", undefined, null, { code: 5 }]) {
  Deno.test(`what a method throws is INTERNAL when it is ${thrown}`, async () => {
    await using both = await startFlight(new Thrower());
    both.server.thrown = thrown;
    for (const call of [() => both.client.getSchema({}), () => act(both.client, "")]) {
      const error = await assertFlightError(call, "INTERNAL");
      assert(!error.message.includes("1234"));
    }
  });
}

for (const code of CODES) {
  Deno.test(`statusOf() tells of Arrow's status with ${code} only if that helps`, () => {
    const options: FlightErrorOptions = { extraInfo: utf8("x") };
    const { trailers } = statusOf(
      new FlightError(code, "a", options),
      new CallHeaders(),
    );
    assertEquals(trailers.has("x-arrow-status"), WITH_ARROW_STATUS.includes(code));
    assertEquals(trailers.getAllBytes("grpc-status-details-bin"), [utf8("x")]);
    const plain = statusOf(new FlightError(code, "a"), new CallHeaders());
    assertEquals([...plain.trailers], []);
  });
}

Deno.test("statusOf() sends the call's trailers, too", () => {
  const trailers = new CallHeaders({ "x-a": ["1", "2"], "x-b-bin": utf8("c") });
  const extraInfo = utf8("d");
  const error = new FlightError("ABORTED", "a", { extraInfo });
  const sent = statusOf(error, trailers).trailers;
  assertEquals(sent.getAll("x-a"), ["1", "2"]);
  assertEquals(sent.getBytes("x-b-bin"), utf8("c"));
  assert(!trailers.has("grpc-status-details-bin"));
});

Deno.test("errorOf() makes an error of a status, with its extra info", () => {
  const trailers = new CallHeaders();
  trailers.receive([["grpc-status-details-bin", utf8("d")]]);
  const error = errorOf({ code: "ABORTED", message: "text", trailers });
  assertEquals([error.code, error.message], ["ABORTED", "text"]);
  assertEquals(error.extraInfo, utf8("d"));
});

Deno.test("a code's number is gRPC's, and goes back", () => {
  assertEquals(CODES.map(codeToNumber), CODES.map((_, index) => index + 1));
  assertEquals(CODES.map(codeToNumber).map(codeFromNumber), CODES);
  assertEquals(codeFromNumber(0), "OK");
  for (const number of [17, 99, -1, 2 ** 31, NaN, 1.5]) {
    assertEquals(codeFromNumber(number), "UNKNOWN");
  }
});

Deno.test("FlightError.from() keeps a FlightError as it is", () => {
  const error = new FlightError("ABORTED", "a");
  assertStrictEquals(FlightError.from(error), error);
});

Deno.test("FlightError.from() knows what a signal throws", () => {
  const aborted = AbortSignal.abort().reason;
  const { code, cause } = FlightError.from(aborted);
  assertEquals(code, "CANCELLED");
  assertStrictEquals(cause, aborted);
  const late = new DOMException("late", "TimeoutError");
  assertEquals(FlightError.from(late).code, "DEADLINE_EXCEEDED");
});

for (
  const thrown of [new TypeError("1234"), "1234", 0, null, undefined, Symbol("1234")]
) {
  Deno.test(`FlightError.from() makes ${String(thrown)} an INTERNAL error with a cause`, () => {
    const error = FlightError.from(thrown);
    assertEquals(error.code, "INTERNAL");
    assert(!error.message.includes("1234"));
    assertStrictEquals(error.cause, thrown);
  });
}

Deno.test("a FlightError has a name, a stack, and no cause unless it is given one", () => {
  const error = new FlightError("ABORTED", "a");
  assert(error instanceof Error && error.stack!.includes("errors_test.ts"));
  assertEquals([error.name, `${error}`], ["FlightError", "FlightError: a"]);
  assert(!("cause" in error));
  assertEquals(new FlightError("ABORTED", "a", { cause: 0 }).cause, 0);
});
