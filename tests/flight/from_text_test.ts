/** Descriptors, tickets and actions from texts. */
import { assertEquals, assertThrows } from "@std/assert";
import { FlightError } from "../../flight/errors.ts";
import {
  actionOf,
  commandDescriptor,
  pathDescriptor,
  textOf,
  ticketOf,
} from "../../flight/protocol/from_text.ts";

const bytes = new Uint8Array([0xc3, 0xa9]);

Deno.test("a text becomes its UTF-8 bytes, and bytes stay as they are", () => {
  for (const value of ["é", bytes]) {
    assertEquals(commandDescriptor(value), { type: "CMD", cmd: bytes });
    assertEquals(ticketOf(value), { ticket: bytes });
    assertEquals(actionOf("run", value), { type: "run", body: bytes });
  }
  assertEquals(actionOf("run"), { type: "run", body: new Uint8Array(0) });
  assertEquals(pathDescriptor("a", "b/c"), { type: "PATH", path: ["a", "b/c"] });
});

Deno.test("textOf() reads UTF-8, and refuses all else", () => {
  assertEquals(textOf(bytes), "é");
  assertEquals(textOf(new Uint8Array([0xef, 0xbb, 0xbf])), "\ufeff");
  const error = assertThrows(() => textOf(new Uint8Array([0xc3])), FlightError);
  assertEquals(error.code, "INVALID_ARGUMENT");
});
