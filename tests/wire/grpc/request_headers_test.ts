/** The headers of requests, as a server reads them and a client writes them. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { CallHeaders } from "../../../rpc/call_headers.ts";
import { MalformedError } from "../../../wire/http2/field_rules.ts";
import type { HeaderField } from "../../../wire/hpack/hpack_table.ts";
import {
  checkRequestTrailers,
  readRequest,
  type RequestHead,
  writeRequest,
} from "../../../wire/grpc/request_headers.ts";

const PSEUDO: readonly HeaderField[] = [
  [":method", "POST"],
  [":scheme", "http"],
  [":path", "/a.B/C"],
  [":authority", "localhost:1"],
];
const TYPE: HeaderField = ["content-type", "application/grpc"];

/** Reads the headers of a call, to which these are added. */
function read(...more: HeaderField[]) {
  return readRequest([...PSEUDO, ["te", "trailers"], TYPE, ...more]);
}

function readCall(...more: HeaderField[]): RequestHead {
  const head = read(...more);
  assert(head.kind === "call", JSON.stringify(head));
  return head;
}

/** The HTTP status, gRPC's status and its message of an answer that refuses. */
function refusal(list: readonly HeaderField[]): (string | undefined)[] {
  const head = readRequest(list);
  assert(head.kind === "refused");
  const answer = new Map(head.answer);
  return [":status", "grpc-status", "grpc-message"].map((name) => answer.get(name));
}

/** Checks an answer for clients of HTTP: its status, and a text of the length it tells. */
function assertHttpRefusal(list: readonly HeaderField[], status: string): void {
  const head = readRequest(list);
  assert(head.kind === "refused");
  const answer = new Map(head.answer);
  assertEquals([answer.get(":status"), answer.has("grpc-status")], [status, false]);
  assertEquals(answer.get("content-length"), `${head.body.length}`);
  assert(new TextDecoder().decode(head.body).includes("gRPC server"));
}

function pseudoWith(changed: Record<string, string | undefined>): HeaderField[] {
  return PSEUDO.flatMap(([name, value]): HeaderField[] => {
    const other = name in changed ? changed[name] : value;
    return other === undefined ? [] : [[name, other]];
  });
}

Deno.test("readRequest() gives what a call says, and the user's own headers", () => {
  const head = readCall(
    ["grpc-timeout", "2S"],
    ["grpc-encoding", "gzip"],
    ["grpc-accept-encoding", "identity"],
    ["grpc-trace-bin", "AA"],
    ["content-length", "12"],
    ["user-agent", "me"],
    ["x-a", "1"],
    ["x-a", "2, 3"],
    ["x-empty", ""],
  );
  const { headers, ...rest } = head;
  assertEquals(rest, {
    kind: "call",
    path: "/a.B/C",
    authority: "localhost:1",
    timeout: 2000,
    encoding: "gzip",
    contentLength: 12,
  });
  assertEquals([...headers], [
    ["user-agent", "me"],
    ["x-a", "1"],
    ["x-a", "2, 3"],
    ["x-empty", ""],
  ]);
});

Deno.test("readRequest() gives what a call does not say as undefined", () => {
  const head = readRequest([...pseudoWith({ ":authority": undefined }), TYPE]);
  assert(head.kind === "call");
  assertEquals(
    [head.authority, head.timeout, head.encoding, head.contentLength],
    [undefined, undefined, "identity", undefined],
  );
});

Deno.test("readRequest() takes the host where there is no :authority", () => {
  const list: HeaderField[] = [TYPE, ["host", "h:2"]];
  const head = readRequest([...pseudoWith({ ":authority": undefined }), ...list]);
  assert(head.kind === "call");
  assertEquals(head.authority, "h:2");
  assertEquals(readCall(["host", "h:2"]).authority, "localhost:1");
  assertEquals([...readCall(["host", "h:2"]).headers], []);
});

Deno.test("readRequest() reads bytes with and without padding, and several in a field", () => {
  const values = ["", "AA==", "AA", "AAE=", "AAEC", "+/+/", "AA,AAE=,,AAEC", "AA, AAE"];
  const found = values.map((value) =>
    readCall(["x-bin", value]).headers.getAllBytes("x-bin").map((bytes) =>
      bytes.toHex()
    )
  );
  assertEquals(found, [
    [""],
    ["00"],
    ["00"],
    ["0001"],
    ["000102"],
    ["fbffbf"],
    ["00", "0001", "", "000102"],
    ["00", "0001"],
  ]);
  const [bytes] = readCall(["x-bin", "AAEC"]).headers.getAllBytes("x-bin");
  assertEquals(bytes.buffer.byteLength, 3);
});

Deno.test("readRequest() refuses bytes that are not base64 with INTERNAL", () => {
  for (
    const value of [
      "A",
      "AAAAA",
      "A=",
      "AAA==",
      "AA=",
      "A-",
      "A_AA",
      "A A",
      "ä",
      "AA====",
    ]
  ) {
    const [status, code, message] = refusal([...PSEUDO, TYPE, ["x-bin", value]]);
    assertEquals([status, code], ["200", "13"], value);
    assert(message?.includes("x-bin"), message);
  }
});

Deno.test("readRequest() joins a cookie that HTTP/2 has divided", () => {
  const { headers } = readCall(["cookie", "a=b"], ["x-a", "1"], ["cookie", "c=d; e=f"]);
  assertEquals(headers.getAll("cookie"), ["a=b; c=d; e=f"]);
});

Deno.test("readRequest() refuses media types other than gRPC's with 415", () => {
  const types = {
    "application/grpc": true,
    "application/grpc+proto": true,
    "application/grpc;charset=utf-8": true,
    "Application/gRPC+json": true,
    "application/grpc-web": false,
    "application/grpcx": false,
    "application/json": false,
    "": false,
  };
  for (const [type, isTaken] of Object.entries(types)) {
    const list: HeaderField[] = [...PSEUDO, ["content-type", type]];
    assertEquals(readRequest(list).kind, isTaken ? "call" : "refused", type);
    if (!isTaken) assertHttpRefusal(list, "415");
  }
  assertHttpRefusal(PSEUDO, "415");
  assertHttpRefusal([...PSEUDO, TYPE, ["content-type", "text/html"]], "415");
});

Deno.test("readRequest() refuses methods other than POST with 405", () => {
  const connect: HeaderField[] = [[":method", "CONNECT"], [":authority", "a:1"]];
  for (const list of [[...pseudoWith({ ":method": "GET" }), TYPE], connect]) {
    assertHttpRefusal(list, "405");
  }
  const head = readRequest(pseudoWith({ ":method": "HEAD" }));
  assert(head.kind === "refused");
  assertEquals([new Map(head.answer).get(":status"), head.body.length], ["405", 0]);
});

Deno.test("readRequest() reads each unit of grpc-timeout, and refuses others with INTERNAL", () => {
  const times = { "1H": 3.6e6, "99999999H": 3.599999964e14, "2M": 120_000, "0m": 0 };
  for (const [value, milliseconds] of Object.entries(times)) {
    assertEquals(readCall(["grpc-timeout", value]).timeout, milliseconds);
  }
  assertEquals(readCall(["grpc-timeout", "00000001S"]).timeout, 1000);
  assertEquals(readCall(["grpc-timeout", "2500u"]).timeout, 2.5);
  assertEquals(readCall(["grpc-timeout", "5000000n"]).timeout, 5);
  for (
    const value of [
      "",
      "S",
      "1",
      "1s",
      "1h",
      "-1S",
      "1.5S",
      "1 S",
      "123456789n",
      "1S, 1S",
    ]
  ) {
    const [status, code, message] = refusal([...PSEUDO, TYPE, ["grpc-timeout", value]]);
    assertEquals([status, code], ["200", "13"], value);
    assert(message?.includes("grpc-timeout"), message);
  }
});

Deno.test("readRequest() refuses an unknown encoding with UNIMPLEMENTED and the known ones", () => {
  for (const encoding of ["br", "gzip, gzip", "", "GZIP"]) {
    const head = read(["grpc-encoding", encoding]);
    assert(head.kind === "refused");
    const answer = new Map(head.answer);
    assertEquals(answer.get("grpc-status"), "12");
    assertEquals(answer.get("grpc-accept-encoding"), "identity,deflate,gzip");
  }
});

Deno.test("readRequest() gives the content-length of a request that it refuses", () => {
  const head = readRequest([...PSEUDO, ["content-length", "7"]]);
  assertEquals([head.kind, head.contentLength], ["refused", 7]);
});

const MALFORMED: { readonly [name: string]: readonly HeaderField[] } = {
  "no method": [...pseudoWith({ ":method": undefined }), TYPE],
  "no scheme": [...pseudoWith({ ":scheme": undefined }), TYPE],
  "no path": [...pseudoWith({ ":path": undefined }), TYPE],
  "an empty path": [...pseudoWith({ ":path": "" }), TYPE],
  "a CONNECT with a path": [...pseudoWith({ ":method": "CONNECT" }), TYPE],
  "a pseudo-header twice": [...PSEUDO, [":path", "/a.B/C"], TYPE],
  "an unknown pseudo-header": [...PSEUDO, [":protocol", "websocket"], TYPE],
  "a pseudo-header of responses": [...PSEUDO, [":status", "200"], TYPE],
  "a pseudo-header without a name": [...PSEUDO, [":", "a"], TYPE],
  "a pseudo-header behind a field": [
    ...pseudoWith({ ":authority": undefined }),
    TYPE,
    [":authority", "a"],
  ],
  "a connection header": [...PSEUDO, TYPE, ["connection", "close"]],
  "keep-alive": [...PSEUDO, TYPE, ["keep-alive", "1"]],
  "proxy-connection": [...PSEUDO, TYPE, ["proxy-connection", "close"]],
  "transfer-encoding": [...PSEUDO, TYPE, ["transfer-encoding", "chunked"]],
  "upgrade": [...PSEUDO, TYPE, ["upgrade", "h2c"]],
  "te other than trailers": [...PSEUDO, TYPE, ["te", "trailers, deflate"]],
  "an empty name": [...PSEUDO, TYPE, ["", "a"]],
  "an upper case name": [...PSEUDO, TYPE, ["X-a", "a"]],
  "a space in a name": [...PSEUDO, TYPE, ["x a", "a"]],
  "a colon in a name": [...PSEUDO, TYPE, ["x:a", "a"]],
  "a control in a name": [...PSEUDO, TYPE, ["x\x1f", "a"]],
  "DEL in a name": [...PSEUDO, TYPE, ["x\x7f", "a"]],
  "an octet above ASCII in a name": [...PSEUDO, TYPE, ["x\xe4", "a"]],
  "NUL in a value": [...PSEUDO, TYPE, ["x-a", "a\0"]],
  "CR in a value": [...PSEUDO, TYPE, ["x-a", "a\rb"]],
  "LF in a value": [...PSEUDO, TYPE, ["x-a", "a\nb: c"]],
  "a space before a value": [...PSEUDO, TYPE, ["x-a", " a"]],
  "a tabulator behind a value": [...PSEUDO, TYPE, ["x-a", "a\t"]],
  "LF in a path": [...pseudoWith({ ":path": "/a\n" }), TYPE],
  "no number as content-length": [...PSEUDO, TYPE, ["content-length", "-1"]],
  "an empty content-length": [...PSEUDO, TYPE, ["content-length", ""]],
  "a content-length without bound": [...PSEUDO, TYPE, [
    "content-length",
    "9".repeat(20),
  ]],
  "two values of content-length": [
    ...PSEUDO,
    TYPE,
    ["content-length", "1"],
    ["content-length", "2"],
  ],
};

for (const [name, list] of Object.entries(MALFORMED)) {
  Deno.test(`readRequest() finds ${name} malformed`, () => {
    assertThrows(() => readRequest(list), MalformedError, "Cannot accept the headers");
  });
}

Deno.test("readRequest() takes an equal content-length twice, and octets above ASCII in a value", () => {
  const twice: HeaderField[] = [["content-length", "5"], ["content-length", "5"]];
  assertEquals(readCall(...twice).contentLength, 5);
  assertEquals(readCall(["x-a", "\xe4 \t\x80"]).headers.get("x-a"), "\xe4 \t\x80");
});

Deno.test("checkRequestTrailers() takes fields, and no pseudo-header", () => {
  checkRequestTrailers([["x-a", "1"]]);
  for (const name of [":path", ":status", "X-a"]) {
    assertThrows(() => checkRequestTrailers([[name, "1"]]), MalformedError);
  }
});

const WRITTEN = { path: "/a.B/C", isSecure: false, authority: "localhost:1" };

Deno.test("what writeRequest() writes, readRequest() reads", () => {
  const headers = new CallHeaders({ "x-a": ["1", ""], "x-bin": [new Uint8Array(4)] });
  const list = writeRequest({
    ...WRITTEN,
    isSecure: true,
    headers,
    timeout: 1500,
    encoding: "gzip",
  });
  assertEquals(list.slice(0, 4), [
    [":method", "POST"],
    [":scheme", "https"],
    [":path", "/a.B/C"],
    [":authority", "localhost:1"],
  ]);
  assertEquals(new Map(list).get("te"), "trailers");
  assertEquals(new Map(list).get("x-bin"), "AAAAAA");
  const head = readRequest(list);
  assert(head.kind === "call");
  assertEquals([head.path, head.timeout, head.encoding], ["/a.B/C", 1500, "gzip"]);
  const [[name], ...own] = [...head.headers];
  assertEquals(name, "user-agent");
  assertEquals(own, [...headers]);
});

Deno.test("writeRequest() leaves the user's user-agent as it is", () => {
  const headers = new CallHeaders({ "user-agent": "mine" });
  const list = writeRequest({ ...WRITTEN, headers });
  assertEquals(list.filter(([name]) => name === "user-agent"), [[
    "user-agent",
    "mine",
  ]]);
});

Deno.test("writeRequest() writes a timeout of at most eight digits, rounded up", () => {
  const times = {
    "1m": [-5, 0, 0.2, 1],
    "2m": [1.001],
    "99999999m": [99_999_999],
    "100000S": [100_000_000],
    "1666667M": [100_000_000_000],
    "99999999H": [1e18, Infinity],
  };
  for (const [value, all] of Object.entries(times)) {
    for (const timeout of all) {
      const list = writeRequest({ ...WRITTEN, headers: new CallHeaders(), timeout });
      assertEquals(new Map(list).get("grpc-timeout"), value, `${timeout}`);
    }
  }
});

Deno.test("writeRequest() refuses headers that were only received, and cannot be sent", () => {
  const wrong = {
    "x-a": "a\nb",
    "x-b": " a",
    "x-c": "\u2026",
    "grpc-status": "0",
    te: "x",
  };
  for (const [name, value] of Object.entries(wrong)) {
    const headers = new CallHeaders();
    headers.receive([[name, value]]);
    assertThrows(() => writeRequest({ ...WRITTEN, headers }), TypeError, name);
  }
});
