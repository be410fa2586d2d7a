/** Streams one after the other, of which the next ones are read ahead. */
import { assertEquals, assertRejects } from "@std/assert";
import { inOrder } from "../../base/in_order.ts";

const OPTIONS = {
  maxOpen: 2,
  maxAhead: 3,
  costOf: () => 1,
  left: new AbortController(),
};

/** Streams of the numbers from `10 * index`, and what was read of each. */
function streams(lengths: readonly number[]) {
  const read = lengths.map(() => 0);
  const ended: number[] = [];
  const open = lengths.map((length, index) =>
    async function* () {
      try {
        for (let at = 0; at < length; at++) {
          await Promise.resolve();
          read[index]++;
          yield 10 * index + at;
        }
      } finally {
        ended.push(index);
      }
    }
  );
  return { open, read, ended };
}

/** Lets all go on that can. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("inOrder() gives one stream after the other", async () => {
  const { open, ended } = streams([3, 0, 2, 1]);
  assertEquals(await Array.fromAsync(inOrder(open, OPTIONS)), [0, 1, 2, 20, 21, 30]);
  assertEquals(ended.sort(), [0, 1, 2, 3]);
  assertEquals(await Array.fromAsync(inOrder([], OPTIONS)), []);
});

Deno.test("inOrder() reads the next streams ahead, and not too far", async () => {
  const { open, read } = streams([2, 9, 9]);
  const items = inOrder(open, OPTIONS);
  assertEquals((await items.next()).value, 0);
  await turn();
  assertEquals(read, [2, 3, 0]);
  for (const expected of [1, 10]) assertEquals((await items.next()).value, expected);
  await turn();
  assertEquals(read, [2, 4, 3]);
  await items.return(undefined);
});

Deno.test("inOrder() throws what a stream throws, when its turn comes", async () => {
  const { open, ended } = streams([2, 2, 2]);
  const failing = async function* (): AsyncGenerator<number> {
    yield 7;
    await Promise.reject(new RangeError("broken"));
  };
  const found: number[] = [];
  const all = [open[0], failing, open[2]];
  await assertRejects(async () => {
    for await (const item of inOrder(all, { ...OPTIONS, maxOpen: 3 })) found.push(item);
  }, RangeError);
  assertEquals(found, [0, 1, 7]);
  assertEquals(ended.sort(), [0, 2]);
});

Deno.test("inOrder() ends all streams when it is left early", async () => {
  const { open, ended } = streams([5, 5]);
  const left = new AbortController();
  // deno-lint-ignore require-yield -- it gives nothing before it is left
  const stuck = async function* (): AsyncGenerator<number> {
    await new Promise((resolve) => left.signal.addEventListener("abort", resolve));
  };
  const all = [...open, stuck];
  for await (const _ of inOrder(all, { ...OPTIONS, maxOpen: 3, left })) break;
  assertEquals(ended.sort(), [0, 1]);
});
