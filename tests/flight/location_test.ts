/** Locations: read, written, and refused. */
import { assertEquals, assertThrows } from "@std/assert";
import { formatLocation, parseLocation } from "../../flight/mod.ts";

const LOCATIONS: readonly [
  uri: string,
  address: object,
  tls: boolean,
  written: string,
][] = [
  ["grpc://h", { hostname: "h", port: 5678 }, false, "grpc+tcp://h:5678"],
  ["grpc://h:1/", { hostname: "h", port: 1 }, false, "grpc+tcp://h:1"],
  ["GRPC+TCP://h:1", { hostname: "h", port: 1 }, false, "grpc+tcp://h:1"],
  ["grpc+tls://h:1", { hostname: "h", port: 1 }, true, "grpc+tls://h:1"],
  ["grpc+tls://[::1]:1", { hostname: "::1", port: 1 }, true, "grpc+tls://[::1]:1"],
  ["grpc+unix:///a/b", { path: "/a/b" }, false, "grpc+unix:///a/b"],
  ["grpc+unix:/a", { path: "/a" }, false, "grpc+unix:///a"],
];

for (const [uri, address, tls, written] of LOCATIONS) {
  Deno.test(`parseLocation() and formatLocation() know ${uri}`, () => {
    const parsed = parseLocation(uri);
    assertEquals(parsed, { address, tls } as typeof parsed);
    assertEquals(formatLocation(parsed), written);
    assertEquals(parseLocation(written), parsed);
  });
}

for (
  const uri of [
    "",
    "h:1",
    "http://h:1",
    "grpc://",
    "grpc://h:0",
    "grpc://h:65536",
    "grpc://h:1/path",
    "grpc://user@h:1",
    "grpc://a b:1",
    "grpc+tls:h:1",
    "grpc+unix://a",
  ]
) {
  Deno.test(`parseLocation() refuses "${uri}", and says what it reads`, () => {
    assertThrows(() => parseLocation(uri), TypeError, "grpc+tls://host:port");
  });
}
