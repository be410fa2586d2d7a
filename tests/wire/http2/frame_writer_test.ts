/** What goes out first, how much, and in how many writes. */
import { assert, assertEquals } from "@std/assert";
import { FrameWriter, type Sender } from "../../../wire/http2/frame_writer.ts";
import { FLAGS, FRAMES } from "../../helpers/wire/http2_bytes.ts";
import {
  callFrame,
  creditFrame,
  dataFrame,
  message,
} from "../../helpers/wire/raw_peer.ts";
import { ECHO, OK, ONE, WireServing } from "../../helpers/wire/wire_serving.ts";
import { StubSocket } from "../../helpers/wire/stub_socket.ts";

const { DATA, HEADERS } = FRAMES;
const { END_STREAM, END_HEADERS } = FLAGS;
const MIB = 1024 * 1024;
const BYTES = new Uint8Array([1, 2, 3]);

/** A socket that takes a write when it is told to. */
class SlowSocket extends StubSocket {
  readonly written: number[] = [];
  #taking: PromiseWithResolvers<void> | undefined;

  override write(parts: readonly Uint8Array[]): Promise<void> {
    assertEquals(this.#taking, undefined, "there is one write at a time");
    this.written.push(parts.reduce((sum, { length }) => sum + length, 0));
    this.#taking = Promise.withResolvers();
    return this.#taking.promise;
  }

  /** Takes what is being written. */
  async take(error?: Error): Promise<void> {
    const taking = this.#taking;
    this.#taking = undefined;
    if (error === undefined) taking?.resolve();
    else taking?.reject(error);
    await turn();
  }
}

/** A stream that notes when it has its turns. */
class Source implements Sender {
  readonly #name: string;
  readonly #writer: FrameWriter;
  readonly #log: string[];
  queuedBytes: number;

  constructor(name: string, bytes: number, writer: FrameWriter, log: string[]) {
    this.#name = name;
    this.queuedBytes = bytes;
    this.#writer = writer;
    this.#log = log;
    writer.enqueue(this);
  }

  sendSome(most: number): boolean {
    const bytes = Math.min(most, this.queuedBytes);
    this.#log.push(this.#name);
    this.queuedBytes -= bytes;
    this.#writer.out.bytes(new Uint8Array(bytes));
    return this.queuedBytes > 0;
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

Deno.test("FrameWriter joins what comes in one turn of the event loop to one write", async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, () => {});
  for (let count = 0; count < 10; count++) {
    writer.out.bytes(BYTES);
    writer.wake();
    await Promise.resolve();
  }
  await turn();
  assertEquals(socket.written, [30]);
  await socket.take();
  writer.close();
});

Deno.test("FrameWriter frames nothing that the socket does not take", async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, () => {});
  const log: string[] = [];
  const source = new Source("a", 100 * MIB, writer, log);
  await turn();
  await turn();
  assertEquals(socket.written.length, 1);
  assert(100 * MIB - source.queuedBytes <= 4 * MIB);
  writer.close();
});

Deno.test("FrameWriter gives streams turns, and small ones go before large ones", async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, () => {});
  const log: string[] = [];
  const large = ["a", "b"].map((name) => new Source(name, 20 * MIB, writer, log));
  await turn();
  assertEquals(log.slice(0, 2), ["a", "b"]);
  log.length = 0;
  new Source("small", 100, writer, log);
  await socket.take();
  assertEquals(log[0], "small");
  assert(log.includes("a") && log.includes("b"));
  const [one, other] = large.map(({ queuedBytes }) => queuedBytes);
  assert(Math.abs(one - other) <= MIB / 2, `${one} and ${other}`);
  writer.close();
});

Deno.test("FrameWriter lets no number of small streams keep a large one out", async () => {
  const socket = new SlowSocket();
  const writer = new FrameWriter(socket, () => {});
  const log: string[] = [];
  new Source("large", 20 * MIB, writer, log);
  for (let count = 0; count < 100; count++) new Source("small", 60_000, writer, log);
  await turn();
  assert(log.includes("large"));
  writer.close();
});

Deno.test("FrameWriter.flushed() resolves when all was written, or when that has failed", async () => {
  const socket = new SlowSocket();
  const failures: unknown[] = [];
  const writer = new FrameWriter(socket, (error) => failures.push(error));
  await writer.flushed();
  writer.out.bytes(BYTES);
  let isFlushed = false;
  const first = writer.flushed().then(() => isFlushed = true);
  await turn();
  assert(!isFlushed);
  await socket.take();
  await first;
  writer.out.bytes(BYTES);
  const second = writer.flushed();
  await turn();
  const error = new Error("lost");
  await socket.take(error);
  await second;
  assertEquals(failures, [error]);
});

Deno.test("a small call beside a large answer on the same connection is answered at once", async () => {
  const large = new Uint8Array(64 * MIB);
  await using serving = await WireServing.start({
    capacity: 100_000,
    handler: async (call) => {
      for await (const _ of call.requests);
      const bytes = call.method === ONE ? BYTES : large;
      await call.send({ length: bytes.length, parts: [bytes] });
      call.end(OK);
    },
  });
  const wide = 2 ** 30;
  const client = await serving.client([4, wide]);
  const flags = END_HEADERS | END_STREAM;
  await client.send(creditFrame(0, wide), callFrame(1, ECHO.path, { flags }));
  await client.until(DATA);
  await client.send(callFrame(3, ONE.path), dataFrame(3, message(BYTES), END_STREAM));
  let before = 0;
  for (let frame; (frame = (await client.next())!).stream !== 3;) {
    before += frame.payload.length;
  }
  assert(before < 6 * MIB, `${before} bytes came before`);
  await client.until(HEADERS, { stream: 3 });
  client.socket.close();
});
