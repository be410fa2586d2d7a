/**
 * The soak test.
 *
 *     deno task soak [--seed N] [--seconds N] [--clients N]
 *
 * @module
 */
import { parseArgs } from "node:util";
import { storm } from "./storm.ts";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 31)) },
    seconds: { type: "string", default: "180" },
    clients: { type: "string", default: "4" },
  },
});
console.log(`seed ${values.seed}, ${values.seconds} seconds`);
const { done, kills, halfOpen, before, after, faults } = await storm({
  seed: Number(values.seed),
  seconds: Number(values.seconds),
  clients: Number(values.clients),
});
for (const [what, count] of Object.entries(done).sort()) {
  console.log(`  ${what}: ${count}`);
}
console.log(`${kills} clients killed, ${halfOpen} connections left half open`);
console.log(`before: ${JSON.stringify(before)}`);
console.log(`after:  ${JSON.stringify(after)}`);
for (const fault of faults) console.log(fault);
console.log(`${faults.length} faults`);
Deno.exit(faults.length === 0 ? 0 : 1);
