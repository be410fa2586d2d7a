/** How a socket is read: what goes straight to where it stays, and what is copied. */
import { assert, assertEquals } from "@std/assert";
import { FrameReader, type FrameSink } from "../../../wire/http2/frame_reader.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { type Http2Frame, http2Frame } from "../../helpers/wire/http2_bytes.ts";
import { dataFrame } from "../../helpers/wire/raw_peer.ts";
import { StubSocket } from "../../helpers/wire/stub_socket.ts";

const KIB = 1024;

/** A socket whose peer has sent all of this, and notes how much each read asks for. */
class FullSocket extends StubSocket {
  readonly asked: number[] = [];
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  override read(target: Uint8Array): Promise<number | null> {
    this.asked.push(target.length);
    const some = this.#bytes.subarray(0, target.length);
    target.set(some);
    this.#bytes = this.#bytes.subarray(some.length);
    return Promise.resolve(some.length === 0 ? null : some.length);
  }
}

/** Takes the payloads of DATA frames, each straight into memory of its own. */
class Payloads implements FrameSink {
  readonly payloads: Uint8Array[] = [];
  copied = 0;
  #at = 0;

  frameHead(): boolean {
    return false;
  }

  frame(): void {}

  dataBegin(_stream: number, _isEnd: boolean, length: number): void {
    this.payloads.push(new Uint8Array(length));
    this.#at = 0;
  }

  data(bytes: Uint8Array): void {
    this.payloads.at(-1)!.set(bytes, this.#at);
    this.#at += bytes.length;
    this.copied += bytes.length;
  }

  dataTarget(most: number): Uint8Array {
    return this.payloads.at(-1)!.subarray(this.#at, this.#at + most);
  }

  dataRead(bytes: number): void {
    this.#at += bytes;
  }

  dataEnd(): void {}

  passEnd(): void {}
}

async function read(frames: readonly Http2Frame[]) {
  const bytes = joinBytes(frames.map(http2Frame));
  const [socket, sink] = [new FullSocket(bytes), new Payloads()];
  await new FrameReader(socket, sink).run();
  return { socket, sink };
}

Deno.test("FrameReader copies little of large payloads that follow each other", async () => {
  const payloads = Array.from(
    { length: 8 },
    (_, index) => new Uint8Array(300 * KIB).fill(index + 1),
  );
  const { socket, sink } = await read(payloads.map((bytes) => dataFrame(1, bytes)));
  assertEquals(sink.payloads, payloads);
  assert(sink.copied <= 8 * 4 * KIB, `${sink.copied} bytes were copied`);
  // A head and what comes with it, and the rest of the payload, for each frame.
  assertEquals(socket.asked.length, 2 * 8 + 1);
});

Deno.test("FrameReader reads much at once again when small frames follow a large one", async () => {
  const small = Array.from({ length: 4000 }, () => dataFrame(1, new Uint8Array(100)));
  const { socket, sink } = await read([
    dataFrame(1, new Uint8Array(300 * KIB)),
    ...small,
  ]);
  assertEquals(sink.payloads.length, 4001);
  assert(socket.asked.length < 12, `${socket.asked}`);
  assertEquals(Math.max(...socket.asked.slice(3)), 256 * KIB);
});
