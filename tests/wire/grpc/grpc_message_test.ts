/** The text of a status, percent-encoded. */
import { assert, assertEquals } from "@std/assert";
import { readMessage, writeMessage } from "../../../wire/grpc/grpc_message.ts";

Deno.test("writeMessage() encodes what is not printable ASCII, and readMessage() reads it", () => {
  const texts = {
    "": "",
    "plain text": "plain text",
    "100%": "100%25",
    " spaces ": "%20spaces%20",
    " ": "%20",
    "a\r\nb: c\0": "a%0D%0Ab: c%00",
    "ä€😈\x7f": "%C3%A4%E2%82%AC%F0%9F%98%88%7F",
    "\ufeffbom": "%EF%BB%BFbom",
  };
  for (const [text, value] of Object.entries(texts)) {
    assertEquals(writeMessage(text), value);
    assertEquals(readMessage(value), text);
  }
  assertEquals(writeMessage("a\ud800"), "a%EF%BF%BD");
});

Deno.test("readMessage() reads lower case, octets that are not encoded, and what is wrong", () => {
  const values = {
    "%c3%a4": "ä",
    "\xc3\xa4": "ä",
    "100%": "100%",
    "%zz%4": "%zz%4",
    "%ff": "\ufffd",
  };
  for (const [value, text] of Object.entries(values)) {
    assertEquals(readMessage(value), text);
  }
});

Deno.test("writeMessage() cuts a text at a whole character, and says so by an ellipsis", () => {
  assertEquals(writeMessage("a".repeat(2048)).length, 2048);
  for (const character of ["a", "ä", "€", "😈", "%", " "]) {
    for (const before of ["", "b", "bb", " "]) {
      const text = before + character.repeat(5000);
      const value = writeMessage(text);
      assert(value.length > 2020 && value.length <= 2048, `${value.length}`);
      const kept = readMessage(value);
      assert(kept.endsWith("…") && text.startsWith(kept.slice(0, -1)), character);
    }
  }
});
