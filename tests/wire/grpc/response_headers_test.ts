/** The headers and trailers of responses, as a server writes them and a client reads them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CallHeaders } from "../../../rpc/call_headers.ts";
import type { Status } from "../../../rpc/transport.ts";
import { MalformedError } from "../../../wire/http2/field_rules.ts";
import type { HeaderField } from "../../../wire/hpack/hpack_table.ts";
import {
  readResponse,
  readTrailers,
  statusWithoutTrailers,
  writeResponse,
  writeTrailers,
  writeTrailersOnly,
} from "../../../wire/grpc/response_headers.ts";

const PATH = "/a.B/C";
const OK: HeaderField = [":status", "200"];
const TYPE: HeaderField = ["content-type", "application/grpc"];

function readHead(...list: HeaderField[]) {
  return readResponse(list, { path: PATH, isEnd: false });
}

/** The status with which headers end a call. */
function readEnd(list: readonly HeaderField[], isEnd = false): Status {
  const head = readResponse(list, { path: PATH, isEnd });
  assert(head.kind === "ended", head.kind);
  return head.status;
}

function read(...list: HeaderField[]): Status {
  return readTrailers(list, { path: PATH });
}

Deno.test("what writeResponse() writes, readResponse() reads", () => {
  const headers = new CallHeaders({ "x-a": ["1", "2"], "x-bin": new Uint8Array([1]) });
  const list = writeResponse(headers);
  assertEquals(list.slice(0, 2), [OK, TYPE]);
  const head = readHead(...list);
  assert(head.kind === "head");
  assertEquals([...head.headers], [...headers]);
  assertEquals([head.encoding, head.contentLength], ["identity", undefined]);
});

Deno.test("readResponse() gives the encoding and the length, and skips 1xx", () => {
  const head = readHead(OK, TYPE, ["grpc-encoding", "gzip"], ["content-length", "9"]);
  assert(head.kind === "head");
  assertEquals([head.encoding, head.contentLength, [...head.headers]], ["gzip", 9, []]);
  assertEquals(readHead([":status", "103"], ["link", "a"]), { kind: "informational" });
});

Deno.test("what writeTrailers() writes, readTrailers() reads", () => {
  const trailers = new CallHeaders({ "x-a": ["1", "2"], "x-bin": new Uint8Array([1]) });
  trailers.receive([["grpc-status-details-bin", new Uint8Array([8, 5])]]);
  const status: Status = { code: "NOT_FOUND", message: "no table “ä”\n", trailers };
  const list = writeTrailers(status);
  assertEquals(list.slice(0, 2), [
    ["grpc-status", "5"],
    ["grpc-message", "no table %E2%80%9C%C3%A4%E2%80%9D%0A"],
  ]);
  for (const found of [read(...list), readEnd(writeTrailersOnly(status), true)]) {
    assertEquals([found.code, found.message], [status.code, status.message]);
    assertEquals([...found.trailers], [...trailers]);
  }
  const fine: Status = { code: "OK", message: "", trailers: new CallHeaders() };
  assertEquals(writeTrailers(fine), [["grpc-status", "0"]]);
  assertEquals(writeTrailersOnly(fine), [OK, TYPE, ["grpc-status", "0"]]);
});

Deno.test("readTrailers() reads statuses that gRPC does not know as UNKNOWN", () => {
  for (const value of ["17", "999", "-1", "a", "", "1e1"]) {
    assertEquals(read(["grpc-status", value]).code, "UNKNOWN", value);
  }
  assertEquals(read(["grpc-status", "16"]).code, "UNAUTHENTICATED");
  assertEquals(read(["grpc-status", "0"], ["grpc-message", "fine"]).message, "");
});

Deno.test("a response without grpc-status is UNKNOWN, and says so", () => {
  const nothing = statusWithoutTrailers(PATH);
  assertEquals(read(["x-a", "1"]), nothing);
  assertEquals(readEnd([OK, TYPE], true), nothing);
  assertEquals(nothing.code, "UNKNOWN");
  assert(nothing.message.includes(PATH));
});

Deno.test("an answer of HTTP is named, and has the code of its status", () => {
  const codes = {
    "200": "UNKNOWN",
    "204": "UNKNOWN",
    "302": "UNKNOWN",
    "400": "INTERNAL",
    "401": "UNAUTHENTICATED",
    "403": "PERMISSION_DENIED",
    "404": "UNIMPLEMENTED",
    "429": "UNAVAILABLE",
    "500": "UNKNOWN",
    "502": "UNAVAILABLE",
    "503": "UNAVAILABLE",
    "504": "UNAVAILABLE",
  };
  for (const [httpStatus, code] of Object.entries(codes)) {
    const status = readEnd([[":status", httpStatus], ["content-type", "text/plain"]]);
    assertEquals(status.code, code);
    assertEquals(
      status.message,
      `Cannot call /a.B/C: the server at this address speaks HTTP, not gRPC (status ${httpStatus}, text/plain)`,
    );
  }
  assert(readEnd([[":status", "404"]], true).message.includes("no content-type"));
  assertEquals(readEnd([[":status", "503"], TYPE]).code, "UNAVAILABLE");
});

Deno.test("a grpc-status counts more than the status of HTTP", () => {
  const list: HeaderField[] = [[":status", "415"], ["grpc-status", "3"]];
  assertEquals(readEnd(list, true).code, "INVALID_ARGUMENT");
});

Deno.test("a response that is compressed by unknown means, or has broken bytes, is INTERNAL", () => {
  assertEquals(readEnd([OK, TYPE, ["grpc-encoding", "br"]]).code, "INTERNAL");
  for (
    const status of [
      readEnd([OK, TYPE, ["x-bin", "?"]]),
      read(["grpc-status", "0"], ["x-bin", "?"]),
    ]
  ) {
    assertEquals(status.code, "INTERNAL");
    assert(status.message.includes("x-bin"), status.message);
  }
});

const MALFORMED: { readonly [name: string]: readonly HeaderField[] } = {
  "no status": [TYPE],
  "a status of two digits": [[":status", "20"], TYPE],
  "a status of no digits": [[":status", "2OO"], TYPE],
  "101": [[":status", "101"]],
  "two statuses": [OK, OK, TYPE],
  "a pseudo-header of requests": [OK, [":path", "/"], TYPE],
  "an upper case name": [OK, ["Content-Type", "application/grpc"]],
  "a connection header": [OK, TYPE, ["connection", "close"]],
  "LF in a value": [OK, TYPE, ["x-a", "a\n"]],
};

for (const [name, list] of Object.entries(MALFORMED)) {
  Deno.test(`readResponse() finds ${name} malformed`, () => {
    assertThrows(() => readHead(...list), MalformedError);
  });
}

Deno.test("readResponse() finds 1xx at the end, and readTrailers() a pseudo-header malformed", () => {
  assertThrows(
    () => readResponse([[":status", "100"]], { path: PATH, isEnd: true }),
    MalformedError,
  );
  assertThrows(() => read(OK, ["grpc-status", "0"]), MalformedError);
});

Deno.test("writeResponse() and writeTrailers() refuse what was only received, and cannot be sent", () => {
  const headers = new CallHeaders();
  headers.receive([["grpc-status", "0"]]);
  assertThrows(() => writeResponse(headers), TypeError, "grpc-status");
  const status: Status = { code: "OK", message: "", trailers: headers };
  assertThrows(() => writeTrailers(status), TypeError, "grpc-status");
});
