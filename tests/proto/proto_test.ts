/** The messages, and the wire form of FlightData. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import protobuf from "protobufjs";
import { joinBytes } from "../../base/join_bytes.ts";
import { SetSessionOptionsRequest } from "../../proto/action_messages.ts";
import {
  decodeFlightData,
  encodeFlightData,
  type FlightDataInit,
} from "../../proto/flight_data.ts";
import descriptor from "../../proto/flight.json" with { type: "json" };
import { generateDescriptor } from "../../proto/generate.ts";
import {
  FlightDescriptor,
  FlightEndpoint,
  FlightInfo,
  PollInfo,
  Ticket,
} from "../../proto/messages.ts";
import { doExchange, doGet, getFlightInfo } from "../../proto/service.ts";

const protobufData = protobuf.Root.fromJSON(descriptor as protobuf.INamespace)
  .lookupType("arrow.flight.protocol.FlightData");

/** The bytes as a receiver has them: in memory of their own. */
function wire(data: FlightDataInit): Uint8Array {
  const { length, parts } = encodeFlightData(data);
  const bytes = joinBytes(parts);
  assertEquals(bytes.length, length);
  return bytes;
}

Deno.test("flight.json is what Flight.proto says", async () => {
  const written = await Deno.readTextFile(
    new URL("../../proto/flight.json", import.meta.url),
  );
  assertEquals(written, generateDescriptor());
});

Deno.test("service.ts knows which sides stream", () => {
  assertEquals(doGet.path, "/arrow.flight.protocol.FlightService/DoGet");
  const sides = [getFlightInfo, doGet, doExchange].map((method) => [
    method.requestStream,
    method.responseStream,
  ]);
  assertEquals(sides, [[false, false], [false, true], [true, true]]);
});

Deno.test("FlightInfo goes round with int64, nanoseconds and unknown locations", () => {
  const info: FlightInfo = {
    schema: new Uint8Array([1]),
    flightDescriptor: { type: "PATH", cmd: new Uint8Array(0), path: ["a", "ü"] },
    endpoint: [{
      ticket: { ticket: new Uint8Array([0, 255]) },
      location: [{ uri: "carrier-pigeon:///coop?x=1#y" }],
      expirationTime: { seconds: -1n, nanos: 999_999_999 },
      appMetadata: new Uint8Array([2]),
    }],
    totalRecords: 2n ** 63n - 1n,
    totalBytes: -1n,
    ordered: true,
    appMetadata: new Uint8Array([3]),
  };
  assertEquals(FlightInfo.deserialize(FlightInfo.serialize(info)), info);
});

Deno.test("a message that is absent stays absent, one that is empty stays there", () => {
  assertEquals(PollInfo.deserialize(PollInfo.serialize({})), {});
  const empty = FlightEndpoint.deserialize(FlightEndpoint.serialize({ ticket: {} }));
  assertEquals(empty.ticket, { ticket: new Uint8Array(0) });
  assertEquals(PollInfo.deserialize(PollInfo.serialize({ progress: 0 })), {
    progress: 0,
  });
});

Deno.test("a session's options go round with whichever member is set", () => {
  const sessionOptions = {
    removed: {},
    text: { stringValue: "" },
    truth: { boolValue: false },
    whole: { int64Value: -(2n ** 63n) },
    real: { doubleValue: -0.5 },
    list: { stringListValue: { values: ["", "b"] } },
  };
  const request = SetSessionOptionsRequest.deserialize(
    SetSessionOptionsRequest.serialize({ sessionOptions }),
  );
  assertEquals(request, { sessionOptions });
});

Deno.test("deserialize() throws a SyntaxError for bytes that are no such message", () => {
  assertThrows(
    () => Ticket.deserialize(new Uint8Array([10, 200])),
    SyntaxError,
    "Cannot read a Ticket",
  );
});

Deno.test("encodeFlightData() writes what protobufjs reads, at every size of a header", () => {
  const dataBody = new Uint8Array(64).fill(7);
  for (const size of [0, 1, 7, 8, 100, 119, 120, 127, 128, 129, 200, 16383, 16384]) {
    const dataHeader = new Uint8Array(size).fill(9);
    const appMetadata = new Uint8Array(size % 5);
    const read = protobufData.toObject(
      protobufData.decode(wire({ dataHeader, appMetadata, dataBody })),
      { defaults: true },
    );
    const header = new Uint8Array(read.dataHeader);
    assertEquals(header.subarray(0, size), dataHeader);
    assert(
      header.length < size + 15 && header.subarray(size).every((byte) => byte === 0),
    );
    assertEquals(new Uint8Array(read.appMetadata), appMetadata);
    assertEquals(new Uint8Array(read.dataBody), dataBody);
  }
});

Deno.test("encodeFlightData() puts the body at a multiple of 8 within the message", () => {
  for (let size = 1; size < 400; size++) {
    const data = decodeFlightData(wire({
      flightDescriptor: size % 3 === 0 ? { type: "PATH", path: ["x"] } : undefined,
      dataHeader: new Uint8Array(size),
      appMetadata: new Uint8Array(size % 7),
      dataBody: [new Uint8Array(8), new Uint8Array(size)],
    }));
    assertEquals(data.dataBody.byteOffset % 8, 0, `a header of ${size} bytes`);
    assertEquals(data.dataBody.length, size + 8);
  }
});

Deno.test("decodeFlightData() reads what protobufjs writes, in any order of fields", () => {
  const message = {
    flightDescriptor: { type: 2, cmd: new Uint8Array([1]) },
    dataHeader: new Uint8Array([2, 3]),
    appMetadata: new Uint8Array([4]),
    dataBody: new Uint8Array(300).fill(5),
  };
  const parts = Object.entries(message).reverse().map(([key, value]) =>
    protobufData.encode(protobufData.fromObject({ [key]: value })).finish()
  );
  const unknown = [0xa0, 0x06, 0x01, 0xad, 0x06, 1, 2, 3, 4, 0xb2, 0x06, 1, 9];
  const read = decodeFlightData(
    new Uint8Array([...unknown, ...parts.flatMap((p) => [...p])]),
  );
  assertEquals(read, {
    ...message,
    flightDescriptor: { type: "CMD", cmd: new Uint8Array([1]), path: [] },
  });
});

Deno.test("decodeFlightData() refuses bytes that are no FlightData", () => {
  const whole = wire({ dataHeader: new Uint8Array(9), dataBody: new Uint8Array(9) });
  for (
    const [bytes, reason] of [
      [whole.subarray(0, 5), "longer than the message"],
      [[0x12], "ends inside a number"],
      [[0x12, ...Array(10).fill(0xff)], "more than 64 bits"],
      [[0x02, 0x00], "number 0"],
      [[0x0f], "wire type 7"],
      [[0xa1, 0x06, 1], "ends inside a field"],
    ] as [ArrayLike<number>, string][]
  ) {
    assertThrows(() => decodeFlightData(Uint8Array.from(bytes)), SyntaxError, reason);
  }
});

Deno.test("FlightDescriptor goes round, and refuses a path that is not UTF-8", () => {
  for (
    const descriptor of [
      { type: "UNKNOWN", cmd: new Uint8Array(0), path: [] },
      { type: "CMD", cmd: new Uint8Array([0, 255]), path: [] },
      { type: "PATH", cmd: new Uint8Array(0), path: ["", "\ufeffa", "\ufffd"] },
    ] satisfies FlightDescriptor[]
  ) {
    const bytes = FlightDescriptor.serialize(descriptor);
    assertEquals(FlightDescriptor.deserialize(bytes), descriptor);
  }
  assertThrows(
    () => FlightDescriptor.deserialize(new Uint8Array([8, 1, 26, 1, 0xff])),
    SyntaxError,
    "Cannot read a FlightDescriptor: a text is not UTF-8",
  );
});
