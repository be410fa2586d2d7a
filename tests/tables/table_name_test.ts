/** What a table is called. */
import { assertEquals, assertThrows } from "@std/assert";
import { FlightError } from "../../flight/errors.ts";
import {
  bytesOfName,
  descriptorOfName,
  nameOfBytes,
  nameOfDescriptor,
} from "../../tables/table_name.ts";

const path = (...path: string[]) =>
  nameOfDescriptor({ type: "PATH", cmd: new Uint8Array(0), path });
const cmd = (...cmd: number[]) =>
  nameOfDescriptor({ type: "CMD", cmd: new Uint8Array(cmd), path: [] });

Deno.test("nameOfDescriptor() takes a path of one element as it is", () => {
  for (
    const name of ["quakes", "a/b", "50%", "%2F", "größe", " ", "\ufeffmark", "\0"]
  ) {
    assertEquals(path(name), name);
  }
});

Deno.test("nameOfDescriptor() gives different paths different names", () => {
  assertEquals(path("a", "b/c"), "a/b%2Fc");
  assertEquals(path("a/b", "c"), "a%2Fb/c");
  assertEquals(path("a", "b%2Fc"), "a/b%252Fc");
  assertEquals(path("a", ""), "a/");
  assertEquals(path("", "a"), "/a");
});

Deno.test("nameOfDescriptor() gives a path and a command the same name", () => {
  assertEquals(cmd(0x61, 0x2f, 0x62), path("a", "b"));
  assertEquals(cmd(0xef, 0xbb, 0xbf, 0x61), "\ufeffa");
});

Deno.test("nameOfDescriptor() says why a descriptor names no table", () => {
  const refused: [() => string, string][] = [
    [() => path(), "at least one character"],
    [() => path(""), "at least one character"],
    [() => cmd(), "at least one character"],
    [() => cmd(0xc3), "UTF-8"],
    [
      () => nameOfDescriptor({ type: "UNKNOWN", cmd: new Uint8Array(0), path: ["a"] }),
      "CMD or PATH",
    ],
  ];
  for (const [name, reason] of refused) {
    assertEquals(assertThrows(name, FlightError, reason).code, "INVALID_ARGUMENT");
  }
  const long: [() => string, string][] = [
    [() => cmd(...Array(16385).fill(97)), "it has 16385 bytes, more than 16384"],
    [() => path("a".repeat(9000), "b".repeat(9000)), "18001 bytes, more than 16384"],
  ];
  for (const [name, reason] of long) {
    assertEquals(assertThrows(name, FlightError, reason).code, "RESOURCE_EXHAUSTED");
  }
});

Deno.test("bytesOfName() and nameOfBytes() are each other's inverse", () => {
  for (const name of ["a", "größe/π", "\ufeffa", "\u{1f600}", "a".repeat(16384)]) {
    assertEquals(nameOfBytes(bytesOfName(name)), name);
    const { type, cmd } = descriptorOfName(name);
    assertEquals([type, cmd], ["CMD", bytesOfName(name)]);
  }
});

Deno.test("bytesOfName() throws a TypeError for what cannot be a name", () => {
  for (const name of ["", "\ud800", "é".repeat(8193), 7, undefined]) {
    assertThrows(() => bytesOfName(name as string), TypeError);
  }
});
