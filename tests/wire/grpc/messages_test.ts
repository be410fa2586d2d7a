/** Messages, put together from bytes as they come, and waiting to be read. */
import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { joinBytes } from "../../../base/join_bytes.ts";
import { StatusError } from "../../../rpc/status.ts";
import { MessageQueue } from "../../../wire/grpc/message_queue.ts";
import { MessageReader, type MessageSink } from "../../../wire/grpc/messages.ts";
import { uint32s } from "../../helpers/wire/http2_bytes.ts";
import { message } from "../../helpers/wire/raw_peer.ts";

const MIB = 1024 * 1024;

/** Notes the messages, and how much of those that are not whole is kept. */
class Sink implements MessageSink {
  readonly messages: Uint8Array[] = [];
  partial = 0;

  onMessage(bytes: Uint8Array): void {
    this.messages.push(bytes);
  }

  onPartial(bytes: number): void {
    this.partial += bytes;
  }

  tooLarge(): StatusError {
    return new StatusError("RESOURCE_EXHAUSTED", "too large");
  }
}

function numbers(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index % 251);
}

Deno.test("MessageReader reads messages wherever their bytes are split in two", () => {
  const contents = [numbers(0), numbers(1), numbers(300), numbers(0), numbers(7)];
  const bytes = joinBytes(contents.map((one) => message(one)));
  for (let at = 0; at <= bytes.length; at++) {
    const sink = new Sink();
    const reader = new MessageReader(sink, 1000);
    reader.push(bytes.subarray(0, at));
    reader.push(bytes.subarray(at));
    assertEquals(sink.messages, contents);
    assertEquals([sink.partial, reader.isInside], [0, false]);
  }
});

Deno.test("MessageReader gives each message memory of its own size", () => {
  const sink = new Sink();
  const reader = new MessageReader(sink, Infinity);
  const bytes = joinBytes([message(numbers(100)), message(numbers(5 * MIB))]);
  for (let at = 0; at < bytes.length; at += 70_001) {
    reader.push(bytes.slice(at, at + 70_001));
  }
  assertEquals(sink.messages.map(({ length }) => length), [100, 5 * MIB]);
  for (const { buffer, byteOffset, length } of sink.messages) {
    assertEquals([byteOffset, buffer.byteLength], [0, length]);
  }
  assertEquals(sink.messages[1], numbers(5 * MIB));
});

Deno.test("MessageReader takes memory as bytes come, and trusts who has sent as much", () => {
  const reader = new MessageReader(new Sink(), Infinity);
  reader.push(new Uint8Array([0, ...uint32s(2 ** 32 - 1)]));
  assertEquals(reader.target(2 ** 32)?.length, 64 * 1024);
  const other = new MessageReader(new Sink(), Infinity);
  other.push(message(new Uint8Array(9 * MIB)));
  other.push(joinBytes([new Uint8Array([0]), uint32s(9 * MIB), new Uint8Array(3)]));
  assertEquals(other.target(2 ** 32)?.length, 64 * 1024 - 3);
  other.push(new Uint8Array(9 * MIB - 3));
  other.push(new Uint8Array([0, ...uint32s(9 * MIB)]));
  assertEquals(other.target(2 ** 32)?.length, 9 * MIB);
});

Deno.test("MessageReader lets bytes be put straight into a message", () => {
  const sink = new Sink();
  const reader = new MessageReader(sink, 1000);
  assertEquals(reader.target(10), undefined);
  reader.push(message(numbers(50)).subarray(0, 15));
  const target = reader.target(30)!;
  assertEquals(target.length, 30);
  target.set(numbers(50).subarray(10, 40));
  reader.filled(30);
  assertEquals(sink.partial, 40);
  reader.push(numbers(50).subarray(40));
  assertEquals([sink.messages, sink.partial], [[numbers(50)], 0]);
});

Deno.test("MessageReader refuses too large messages and unknown flags by their prefix", () => {
  const read = (bytes: Uint8Array) => new MessageReader(new Sink(), 10).push(bytes);
  read(message(numbers(10)));
  assertThrows(
    () => read(message(numbers(11)).subarray(0, 5)),
    StatusError,
    "too large",
  );
  assertThrows(
    () => read(message(numbers(1), 2).subarray(0, 5)),
    StatusError,
    "flag is 2",
  );
});

Deno.test("MessageReader.stop() gives back what a message has kept", () => {
  const sink = new Sink();
  const reader = new MessageReader(sink, 1000);
  reader.push(message(numbers(50)).subarray(0, 25));
  assertEquals(sink.partial, 20);
  reader.stop();
  assertEquals(sink.partial, 0);
});

/** A queue, and what it has told its owner. */
function makeQueue(): { queue: MessageQueue; told: string[] } {
  const told: string[] = [];
  const queue = new MessageQueue({
    onTaken: (bytes) => told.push(`taken ${bytes}`),
    onLeft: () => told.push("left"),
    unpack: (bytes) => Promise.resolve(joinBytes([bytes, bytes])),
  });
  return { queue, told };
}

Deno.test("MessageQueue gives messages in order, then the end", async () => {
  const { queue, told } = makeQueue();
  const first = queue.next();
  const second = queue.next();
  queue.push(numbers(1), false);
  queue.push(numbers(2), true);
  queue.push(numbers(3), false);
  queue.end();
  const rest = await Array.fromAsync(queue);
  const given = [await first, await second].map(({ value }) => value?.length);
  assertEquals([given, rest.map(({ length }) => length)], [[1, 4], [3]]);
  assertEquals(told.toSorted(), ["taken 1", "taken 2", "taken 3"]);
  assertEquals((await queue.next()).done, true);
});

Deno.test("MessageQueue.stop() forgets messages, and throws its error as often as asked", async () => {
  const { queue } = makeQueue();
  queue.push(numbers(1), false);
  const error = new StatusError("CANCELLED", "gone");
  queue.stop(error);
  await assertRejects(() => queue.next(), StatusError, "gone");
  await assertRejects(() => queue.next(), StatusError, "gone");
  queue.push(numbers(1), false);
  assertEquals(queue.length, 0);
});

Deno.test("MessageQueue takes a hundred thousand messages without delay", async () => {
  const { queue } = makeQueue();
  const one = numbers(1);
  for (let count = 0; count < 100_000; count++) queue.push(one, false);
  queue.end();
  const started = performance.now();
  let count = 0;
  for await (const _ of queue) count++;
  assertEquals(count, 100_000);
  assert(performance.now() - started < 5000);
});

Deno.test("MessageQueue tells when its iteration is left", async () => {
  const { queue, told } = makeQueue();
  queue.push(numbers(1), false);
  for await (const _ of queue) break;
  assertEquals(told, ["taken 1", "left"]);
});
