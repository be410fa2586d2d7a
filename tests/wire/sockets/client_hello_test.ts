/** The first message of a TLS client. */
import { assertEquals, assertThrows } from "@std/assert";
import { Buffer } from "node:buffer";
import { duplexPair } from "node:stream";
import tls from "node:tls";
import { readClientHello } from "../../../wire/sockets/client_hello.ts";

/** The first message of a client that asks for this host, as a record. */
async function helloFor(servername?: string): Promise<Uint8Array> {
  const [client, server] = duplexPair();
  const socket = tls.connect({ socket: client, servername, ALPNProtocols: ["h2"] });
  socket.on("error", () => {});
  const hello = await new Promise<Uint8Array>((resolve) =>
    server.once("data", resolve)
  );
  await new Promise((resolve) => socket.once("close", resolve).destroy());
  return new Uint8Array(hello);
}

/** The same message in records of so many bytes. */
function inRecords(hello: Uint8Array, size: number): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 5; at < hello.length; at += size) {
    const part = hello.subarray(at, at + size);
    parts.push(Uint8Array.of(22, 3, 1, part.length >> 8, part.length & 255), part);
  }
  return new Uint8Array(Buffer.concat(parts));
}

Deno.test("readClientHello() reads the host that a client asks for", async () => {
  assertEquals(readClientHello(await helloFor("ada.example")), {
    serverName: "ada.example",
  });
  assertEquals(readClientHello(await helloFor()), { serverName: undefined });
});

Deno.test("readClientHello() waits for the whole message, however it is cut", async () => {
  const hello = await helloFor("ada.example");
  for (let length = 0; length < hello.length; length++) {
    assertEquals(readClientHello(hello.subarray(0, length)), undefined);
  }
  const more = new Uint8Array(Buffer.concat([hello, new Uint8Array(100)]));
  assertEquals(readClientHello(more), { serverName: "ada.example" });
  for (const size of [5, 17, 50, hello.length]) {
    const records = inRecords(hello, size);
    for (let length = 0; length < records.length; length += 7) {
      assertEquals(readClientHello(records.subarray(0, length)), undefined);
    }
    assertEquals(readClientHello(records), { serverName: "ada.example" });
  }
});

Deno.test("readClientHello() refuses what is no such message at once", async () => {
  const hello = await helloFor("ada.example");
  const wrong: Uint8Array[] = [
    new TextEncoder().encode("P"),
    Uint8Array.of(21),
    Uint8Array.of(22, 3, 1, 0, 0),
    Uint8Array.of(22, 3, 1, 0, 100, 2),
    Uint8Array.of(22, 3, 1, 0, 100, 1, 255, 255, 255),
    Uint8Array.of(22, 3, 1, 0, 5, 1, 0, 0, 1, 0),
  ];
  wrong.push(inRecords(hello, 2));
  for (const bytes of wrong) {
    assertThrows(() => readClientHello(bytes), Error, "does not speak TLS");
  }
  for (let at = 0; at < hello.length; at++) {
    for (const change of [1, 0x80, 0xff]) {
      const changed = hello.slice();
      changed[at] ^= change;
      // It may still be one, or lack its end.
      try {
        readClientHello(changed);
      } catch (error) {
        assertEquals((error as Error).message, "the client does not speak TLS");
      }
    }
  }
});
