/**
 * Wrong bytes on the connection itself, for the server and for the client.
 *
 * @module
 */
import { attackTarget } from "./attack_target.ts";
import { AttackedServer } from "../calls/attacked_server.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { mutateBytes, type Mutated } from "../mutate_bytes.ts";
import { Random } from "../../helpers/random.ts";
import { sayTo } from "../../helpers/wire/raw_tcp.ts";
import { converse, converseWith, recordWire } from "../calls/recorded_wire.ts";
import type { Target } from "../target.ts";

const MAX_CHANGES = 4;
const CALL_TIMEOUT = 500;

/** A recorded connection, changed and said again to a server. */
export async function serverWireTarget(seed: number): Promise<Target> {
  const { fromClient } = await recordWire();
  const attacked = await AttackedServer.start();
  const port = Number(attacked.server.location.split(":").at(-1));
  return attackTarget((index) => changed(seed, index, fromClient), {
    async run(pieces) {
      const { hasHungUp } = await sayTo(port, joinBytes(pieces));
      attacked.checkRecords();
      return hasHungUp ? "refused" : "accepted";
    },
    attacked,
  });
}

/** A recorded connection, changed and said again to a client. */
export async function clientWireTarget(seed: number): Promise<Target> {
  const { fromServer } = await recordWire();
  return attackTarget((index) => changed(seed, index, fromServer), {
    run: (pieces) => converseWith(pieces, (client) => converse(client, CALL_TIMEOUT)),
  });
}

function changed(
  seed: number,
  index: number,
  recorded: readonly Uint8Array[],
): Mutated<readonly Uint8Array[]> {
  const random = new Random(seed, "wire", index);
  const words: string[] = [];
  let result = recorded;
  for (let count = random.between(1, MAX_CHANGES); count > 0; count--) {
    const at = random.below(result.length);
    const change = mutateBytes(result[at], random, random.pick(result));
    result = result.with(at, change.result);
    words.push(`piece ${at}: ${change.what}`);
  }
  return { result, what: words.join("; ") };
}
