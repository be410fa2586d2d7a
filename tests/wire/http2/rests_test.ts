/** When connections rest, and that they do so together. */
import { assert, assertEquals } from "@std/assert";
import { FrameReader, type FrameSink } from "../../../wire/http2/frame_reader.ts";
import { FrameWriter } from "../../../wire/http2/frame_writer.ts";
import { Rests } from "../../../wire/http2/rests.ts";
import { within } from "../../helpers/waiting.ts";
import { StubSocket } from "../../helpers/wire/stub_socket.ts";

/** Rests that are counted, and due when it is said. */
class CountedRests extends Rests {
  taken = 0;
  isWanted = true;

  override get isDue(): boolean {
    return this.isWanted;
  }

  override take(): Promise<void> {
    this.taken++;
    return super.take();
  }
}

/** A socket that gives and takes all at once, so much in one read. */
class EagerSocket extends StubSocket {
  reads = 0;
  readonly #perRead: number;
  readonly #maxReads: number;

  constructor(perRead: number, maxReads: number) {
    super();
    this.#perRead = perRead;
    this.#maxReads = maxReads;
  }

  override read(target: Uint8Array): Promise<number | null> {
    if (++this.reads > this.#maxReads) return Promise.resolve(null);
    return Promise.resolve(Math.min(target.length, this.#perRead));
  }
}

/** Wants nothing: the bytes are zeros, and so empty DATA frames and payloads of them. */
const NOTHING: FrameSink = {
  frameHead: () => false,
  frame() {},
  dataBegin() {},
  data() {},
  dataTarget: () => undefined,
  dataRead() {},
  dataEnd() {},
  passEnd() {},
};

Deno.test("Rests are due after some time, and taken by all at once", async () => {
  const rests = new Rests();
  assert(rests.isDue, "nobody has rested yet");
  const started = performance.now();
  const first = rests.take();
  assertEquals(rests.take(), first);
  assert(rests.isDue, "who comes during a rest takes part in it");
  await first;
  const { isDue } = rests;
  // A machine that is busy may have paused meanwhile.
  if (performance.now() - started < 2) assert(!isDue);
  while (performance.now() - started < 10);
  assert(rests.isDue);
});

Deno.test("FrameReader rests between reads that bring much, if it is time", async () => {
  for (
    const [perRead, isWanted, taken] of [[64_000, true, 10], [64_000, false, 0], [
      1000,
      true,
      0,
    ]] as const
  ) {
    const rests = new CountedRests();
    rests.isWanted = isWanted;
    const reader = new FrameReader(new EagerSocket(perRead, 30), NOTHING, rests);
    await within(reader.run(), "the socket's end");
    // Its buffer is small at first.
    assert(rests.taken >= taken, `${rests.taken} rests`);
    if (taken === 0) assertEquals(rests.taken, 0);
  }
});

Deno.test("FrameWriter rests between writes, and not before the only one", async () => {
  const rests = new CountedRests();
  const writer = new FrameWriter(new EagerSocket(0, 0), (error) => {
    throw error;
  }, rests);
  writer.out.uint32(1);
  writer.wake();
  await writer.flushed();
  assertEquals([writer.writes, rests.taken], [1, 0]);
  let left = 5;
  writer.enqueue({
    queuedBytes: 1_000_000,
    sendSome() {
      writer.out.bytes(new Uint8Array(3_000_000));
      return --left > 0;
    },
  });
  await within(writer.flushed(), "all to be written");
  assertEquals([writer.writes, rests.taken], [6, 4]);
  writer.close();
});
