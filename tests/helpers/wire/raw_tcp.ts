/**
 * Bytes on a connection, whatever they say.
 *
 * @module
 */

/** A peer that says nothing for so many milliseconds says nothing more. */
export const QUIET_MS = 30;
const HOST = "127.0.0.1";
const MAX_ANSWER_BYTES = 65_536;

/** What a server did when it was told something. */
export interface Heard {
  /** What it has said, up to some length. */
  readonly bytes: Uint8Array;
  /** Whether it has hung up. */
  readonly hasHungUp: boolean;
}

/** Says the bytes to a server, and listens until it hangs up or says nothing more. */
export async function sayTo(port: number, bytes: Uint8Array): Promise<Heard> {
  const answer = new Uint8Array(MAX_ANSWER_BYTES);
  let [length, heard] = [0, performance.now()];
  await using peer = await TcpPeer.connect(port, (piece) => {
    heard = performance.now();
    const part = piece.subarray(0, answer.length - length);
    answer.set(part, length);
    length += part.length;
  });
  await peer.say(bytes);
  heard = performance.now();
  while (!peer.hasHungUp && performance.now() - heard < QUIET_MS) {
    await sleep(QUIET_MS / 3);
  }
  return { bytes: answer.slice(0, length), hasHungUp: peer.hasHungUp };
}

/** What is said to a server, and how long it is left alone afterwards. */
export interface Turn {
  readonly bytes: Uint8Array;
  /** In milliseconds. */
  readonly pause: number;
}

/** Says one after the other, whatever comes back; gives whether the server has hung up. */
export async function talkTo(port: number, turns: readonly Turn[]): Promise<boolean> {
  await using peer = await TcpPeer.connect(port);
  for (const { bytes, pause } of turns) {
    if (peer.hasHungUp) break;
    await peer.say(bytes);
    await sleep(pause);
  }
  return peer.hasHungUp;
}

/** A connection to a server that may hang up at any time. */
class TcpPeer implements AsyncDisposable {
  hasHungUp = false;
  readonly #connection: Deno.Conn;
  readonly #listening: Promise<void>;

  private constructor(connection: Deno.Conn, onPiece: (piece: Uint8Array) => void) {
    this.#connection = connection;
    this.#listening = this.#listen(onPiece).catch(ignoreHangUp)
      .finally(() => this.hasHungUp = true);
  }

  static async connect(
    port: number,
    onPiece: (piece: Uint8Array) => void = () => {},
  ): Promise<TcpPeer> {
    return new TcpPeer(await Deno.connect({ hostname: HOST, port }), onPiece);
  }

  say(bytes: Uint8Array): Promise<void> {
    return writeAll(this.#connection, bytes).catch(ignoreHangUp);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    await this.#listening;
  }

  async #listen(onPiece: (piece: Uint8Array) => void): Promise<void> {
    const buffer = new Uint8Array(MAX_ANSWER_BYTES);
    let count: number | null;
    while ((count = await this.#connection.read(buffer)) !== null) {
      onPiece(buffer.subarray(0, count));
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** A server that says the same to everybody, and the connections that it has. */
export class TcpAnswerer implements AsyncDisposable {
  /** The port on which it listens. */
  readonly port: number;
  readonly #listener: Deno.TcpListener;
  readonly #connections: Deno.Conn[] = [];
  readonly #answering: Promise<void>;

  /** A server that says these pieces, each when the peer has said something or waits. */
  constructor(pieces: readonly Uint8Array[]) {
    this.#listener = Deno.listen({ hostname: HOST, port: 0 });
    this.port = (this.#listener.addr as Deno.NetAddr).port;
    this.#answering = this.#answer(pieces);
  }

  /** Hangs up. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#connections) connection.close();
    await this.#answering;
  }

  async #answer(pieces: readonly Uint8Array[]): Promise<void> {
    const answers: Promise<void>[] = [];
    for await (const connection of this.#listener) {
      this.#connections.push(connection);
      answers.push(answer(connection, pieces).catch(ignoreHangUp));
    }
    await Promise.all(answers);
  }
}

async function answer(
  connection: Deno.Conn,
  pieces: readonly Uint8Array[],
): Promise<void> {
  const buffer = new Uint8Array(MAX_ANSWER_BYTES);
  let reading = connection.read(buffer);
  for (const piece of pieces) {
    const heard = await heardSoon(reading);
    if (heard === null) return;
    if (heard !== undefined) reading = connection.read(buffer);
    await writeAll(connection, piece);
  }
  while (await reading !== null) reading = connection.read(buffer);
}

/** What a peer has said; undefined when it says nothing for long. */
async function heardSoon(
  reading: Promise<number | null>,
): Promise<number | null | undefined> {
  const late = Promise.withResolvers<undefined>();
  const timer = setTimeout(() => late.resolve(undefined), QUIET_MS);
  try {
    return await Promise.race([reading, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Writes all of it, in as many pieces as the system wants. */
export async function writeAll(
  connection: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
}

/** A peer that is not content may hang up at any time. */
function ignoreHangUp(error: unknown): void {
  const isHangUp = error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted;
  if (!isHangUp) throw error;
}
