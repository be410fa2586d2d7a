/** Puts that break off: whatever happens to the client, the old table stands. */
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { encode } from "../../../flight/arrow/encode/encode.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { encodeFlightData, type FlightDataInit } from "../../../proto/flight_data.ts";
import { doPut } from "../../../proto/service.ts";
import type { CallRecord } from "../../../flight/server/call_record.ts";
import { TinyClient, TinyServer } from "../../../mod.ts";
import {
  RawConnection,
  type RawHeaders,
  type RawStream,
} from "../../helpers/wire/raw_call.ts";
import { assertFlightError, collect, utf8 } from "../../helpers/serving.ts";

const old = tableFromArrays({ x: [1, 2, 3] });
const flightDescriptor = { type: "CMD", cmd: utf8("x") } as const;

/** The messages of a table of many batches, without a descriptor's end. */
async function newMessages(): Promise<FlightDataInit[]> {
  const { batches } = tableFromArrays({ x: [4, 5, 6, 7] });
  const messages = await collect(encode([...batches, ...batches, ...batches]));
  messages[0] = { flightDescriptor, ...messages[0] };
  return messages;
}

/** These messages, and then none, but no end either. */
async function* firstMessages(
  messages: FlightDataInit[],
  onSent: () => void,
): AsyncGenerator<FlightDataInit> {
  yield* messages;
  onSent();
  await new Promise(() => {});
}

/** A message as gRPC frames it. */
function frame(data: FlightDataInit): Uint8Array {
  const message = encodeFlightData(data);
  const bytes = new Uint8Array(5 + message.length);
  new DataView(bytes.buffer).setUint32(1, message.length);
  bytes.set(joinBytes(message.parts), 5);
  return bytes;
}

/** A server with the old table that says when a put has ended. */
async function servingOld() {
  const puts: CallRecord[] = [];
  let wake = () => {};
  const server = new TinyServer({
    port: 0,
    onCall: (record) => {
      if (record.method === "DoPut") puts.push(record);
      wake();
    },
  });
  await server.listen();
  const client = await TinyClient.connect(server.location);
  await client.putTable("x", old);
  puts.length = 0;
  return {
    server,
    client,
    async endedPut(): Promise<CallRecord> {
      while (puts.length === 0) await new Promise<void>((resolve) => wake = resolve);
      return puts.shift()!;
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown({ timeout: 1000 });
    },
  };
}

/** Speaks HTTP/2 to the server by hand. */
async function rawPut(
  location: string,
  speak: (stream: RawStream) => Promise<void>,
): Promise<RawHeaders> {
  const connection = new RawConnection(location);
  const stream = await connection.open({
    ":path": doPut.path,
    "content-type": "application/grpc",
    "te": "trailers",
  });
  await speak(stream);
  const { headers, trailers } = await stream.closed;
  await connection.close();
  return { ...headers, ...trailers };
}

Deno.test("a put that is cancelled at any message leaves the old table", async () => {
  await using all = await servingOld();
  const messages = await newMessages();
  for (let count = 1; count <= messages.length; count++) {
    const abort = new AbortController();
    const sent = Promise.withResolvers<void>();
    const some = firstMessages(messages.slice(0, count), sent.resolve);
    const put = collect(all.client.flight.doPut(some, { signal: abort.signal }));
    await sent.promise;
    // The server has taken up the call once it answers a later one.
    await all.client.listTables();
    abort.abort();
    await assertFlightError(() => put, "CANCELLED");
    const { error } = await all.endedPut();
    assertEquals(error?.code, "CANCELLED");
    assertEquals((await all.client.getTable("x")).numRows, 3);
  }
});

Deno.test("a put whose messages throw leaves the old table", async () => {
  await using all = await servingOld();
  async function* batches() {
    yield* old.batches;
    await all.client.listTables();
    throw new Error("the source ran dry");
  }
  const error = await all.client.putTable("x", batches()).catch((error) => error);
  assertEquals(error.message, "the source ran dry");
  assertEquals((await all.endedPut()).error?.code, "CANCELLED");
  assertEquals((await all.client.getTable("x")).numRows, 3);
});

Deno.test("a put by hand is whole when it is half-closed", async () => {
  await using all = await servingOld();
  const messages = await newMessages();
  const status = await rawPut(all.server.location, async (stream) => {
    for (const message of messages) await stream.write(frame(message));
    await stream.end();
  });
  assertEquals(status["grpc-status"], "0");
  assertEquals((await all.client.getTable("x")).numRows, 12);
});

Deno.test("a put that ends inside a message is refused", async () => {
  await using all = await servingOld();
  const messages = await newMessages();
  const last = frame(messages.at(-1)!);
  for (const length of [1, 4, 5, 6, last.length - 1]) {
    const status = await rawPut(all.server.location, async (stream) => {
      for (const message of messages.slice(0, -1)) await stream.write(frame(message));
      await stream.write(last.subarray(0, length));
      await stream.end();
    });
    assertEquals(status["grpc-status"], "13", `a message cut to ${length} bytes`);
    assert(
      decodeURI(String(status["grpc-message"])).includes("the stream ended inside it"),
    );
    assertEquals((await all.client.getTable("x")).numRows, 3);
  }
});

Deno.test("a put whose stream is reset leaves the old table", async () => {
  await using all = await servingOld();
  const messages = await newMessages();
  for (const code of [0, 2, 8]) {
    await rawPut(all.server.location, async (stream) => {
      for (const message of messages) await stream.write(frame(message));
      await stream.headers;
      await stream.reset(code);
    });
    assertEquals((await all.endedPut()).error?.code, "CANCELLED");
    assertEquals((await all.client.getTable("x")).numRows, 3);
  }
});

Deno.test("a put whose client is killed leaves the old table", async () => {
  await using all = await servingOld();
  const script = `
    import { TinyClient } from "${new URL("../../../mod.ts", import.meta.url)}";
    import { tableFromArrays } from "apache-arrow";
    const client = await TinyClient.connect("${all.server.location}");
    async function* batches() {
      for (let i = 0; i < 20; i++) yield* tableFromArrays({ x: [4, 5, 6, 7] }).batches;
      await client.listTables();
      console.log("sent");
      await new Promise((resolve) => setTimeout(resolve, 60_000));
    }
    await client.putTable("x", batches());
  `;
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "eval",
      "--config",
      fileURLToPath(new URL("../../../deno.json", import.meta.url)),
      script,
    ],
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.getReader();
  const { value } = await reader.read();
  assertEquals(new TextDecoder().decode(value).trim(), "sent");
  child.kill("SIGKILL");
  await child.status;
  await reader.cancel();
  assertEquals((await all.endedPut()).error?.code, "CANCELLED");
  assertEquals((await all.client.getTable("x")).numRows, 3);
});

Deno.test("of two puts to one name, one wins whole", async () => {
  await using all = await servingOld();
  const puts = Array.from({ length: 8 }, (_, version) => {
    const { batches } = tableFromArrays({ x: Array(100).fill(version) });
    return all.client.putTable("x", Array(20).fill(batches[0]));
  });
  await Promise.all(puts);
  const column = (await all.client.getTable("x")).getChild("x");
  assertEquals(column?.length, 2000);
  assertEquals(new Set(column).size, 1);
});
