/**
 * Wrong bytes on the connection itself, for the server and for the client.
 *
 * @module
 */
import { FlightClient, FlightError, TinyClient } from "../../mod.ts";
import { AttackedServer } from "./attacked_server.ts";
import { joinBytes } from "../../proto/join_bytes.ts";
import { mutateBytes } from "./mutate_bytes.ts";
import { Random } from "./random.ts";
import { sayTo, TcpAnswerer } from "./raw_tcp.ts";
import { converse, recordWire } from "./recorded_wire.ts";
import { checkDuration, type Outcome, type Target } from "./target.ts";

const MOST_CHANGES = 4;
const CALL_TIMEOUT = 500;
/** How long a case may take, in milliseconds. */
const LONGEST = 5000;

/** What is done with the bytes of a case. */
interface Attack {
  run(pieces: readonly Uint8Array[]): Promise<Outcome>;
  check?(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A recorded connection, changed and said again to a server. */
export async function serverWireTarget(seed: number): Promise<Target> {
  const { fromClient } = await recordWire();
  const attacked = await AttackedServer.start();
  const port = Number(attacked.server.location.split(":").at(-1));
  return wireTarget(seed, fromClient, {
    async run(pieces) {
      const { hasHungUp } = await sayTo(port, joinBytes(pieces));
      attacked.checkRecords();
      return hasHungUp ? "refused" : "accepted";
    },
    check: () => attacked.check(),
    [Symbol.asyncDispose]: () => attacked[Symbol.asyncDispose](),
  });
}

/** A recorded connection, changed and said again to a client. */
export async function clientWireTarget(seed: number): Promise<Target> {
  const { fromServer } = await recordWire();
  return wireTarget(seed, fromServer, {
    run: converseWith,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

function wireTarget(
  seed: number,
  recorded: readonly Uint8Array[],
  attack: Attack,
): Target {
  return {
    count: Infinity,
    prepare(index) {
      const random = new Random(seed, "wire", index);
      const words: string[] = [];
      let said = recorded;
      for (let count = random.between(1, MOST_CHANGES); count > 0; count--) {
        const at = random.below(said.length);
        const { result, what } = mutateBytes(said[at], random, random.pick(said));
        said = said.with(at, result);
        words.push(`piece ${at}: ${what}`);
      }
      return {
        describe: () => words.join("; "),
        async run() {
          const started = performance.now();
          const outcome = await attack.run(said);
          checkDuration(started, LONGEST, "the case");
          return outcome;
        },
      };
    },
    check: () => attack.check?.() ?? Promise.resolve(),
    [Symbol.asyncDispose]: () => attack[Symbol.asyncDispose](),
  };
}

/** Lets a client talk with somebody who says these pieces. */
export async function converseWith(pieces: readonly Uint8Array[]): Promise<Outcome> {
  await using answerer = new TcpAnswerer(pieces);
  const flight = new FlightClient(`grpc://127.0.0.1:${answerer.port}`);
  const client = new TinyClient(flight, { http: false });
  try {
    await converse(client, CALL_TIMEOUT);
    return "accepted";
  } catch (error) {
    if (error instanceof FlightError) return "refused";
    throw error;
  } finally {
    client.close();
  }
}
