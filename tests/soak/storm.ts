/**
 * The soak test: clients at work, some of whom are killed, beside connections that
 * are half open; and then whether the server is as it was.
 *
 * @module
 */
import { Random } from "../helpers/random.ts";
import { connectHalf } from "./half_open.ts";
import { Peer } from "./peer.ts";
import type { Usage } from "./server.ts";
import { TinyClient } from "../../client.ts";

/** How long and how hard it blows. */
export interface StormOptions {
  readonly seed: number;
  readonly seconds: number;
  /** How many clients work at a time. @default 4 */
  readonly clients?: number;
  /** It goes on after its seconds until this is true. @default it ends with them */
  readonly isEnough?: (so: StormCounts) => boolean;
}

/** What has been so far. */
export interface StormCounts {
  /** How often clients did what, by what they printed. */
  readonly done: Readonly<Record<string, number>>;
  readonly kills: number;
  readonly halfOpen: number;
}

/** What came of it. */
export interface StormReport extends StormCounts {
  readonly before: Usage;
  readonly after: Usage;
  /** What should not have been. */
  readonly faults: string[];
}

/** What a server that rests may have more than before the storm. */
const MORE_BYTES = 24 * 1024 * 1024;
/**
 * The same, of the process: memory that was freed stays with it in part, for what the
 * storm has needed at its height.
 */
const MORE_RESIDENT = 256 * 1024 * 1024;
/** How long a server may take to rest, in milliseconds. */
const REST = 60_000;
const WARM_UP_MS = 2000;
/** How much clients have done at least when the server is warm. */
const WARM_UP_COUNT = 20;

const pause = (milliseconds: number) =>
  new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Lets it blow, and gives what came of it. */
export async function storm(options: StormOptions): Promise<StormReport> {
  const { seed, seconds, clients = 4, isEnough = () => true } = options;
  const random = new Random(seed, "storm");
  const server = new Peer("server");
  const location = (await server.readLine())!;
  const port = Number(location.split(":").at(-1));
  const done: Record<string, number> = {};
  const faults: string[] = [];
  let kills = 0;
  let halfOpen = 0;

  const start = () => {
    const peer = new Peer("client", location, String(random.below(2 ** 31)));
    const listening = (async () => {
      for (let line; (line = await peer.readLine()) !== undefined;) {
        if (line.startsWith("fault")) faults.push(line);
        else done[line] = (done[line] ?? 0) + 1;
      }
    })();
    return { peer, listening };
  };
  const finish = async ({ peer, listening }: ReturnType<typeof start>) => {
    await peer.ended();
    await listening;
  };

  const first = start();
  const warm = performance.now() + WARM_UP_MS;
  const isWarm = () => faults.length > 0 || sumOf(done) >= WARM_UP_COUNT;
  while (performance.now() < warm || !isWarm()) await pause(50);
  await finish(first);
  const before = await rest(server, location);

  const until = performance.now() + seconds * 1000;
  const working = Array.from({ length: clients }, start);
  const conns: Deno.Conn[] = [];
  const goesOn = () => faults.length === 0 && !isEnough({ done, kills, halfOpen });
  while (performance.now() < until || goesOn()) {
    await pause(50 + random.below(400));
    conns.push(await connectHalf(port, random));
    halfOpen++;
    if (conns.length > 20) conns.splice(random.below(conns.length), 1)[0].close();
    if (random.below(2) === 0) {
      const [killed] = working.splice(random.below(working.length), 1);
      killed.peer.kill();
      await finish(killed);
      working.push(start());
      kills++;
    }
  }
  await Promise.all(working.map(finish));
  for (const conn of conns) conn.close();
  const after = await rest(server, location, before);

  faults.push(...leftOver(before, after));
  const code = await server.ended();
  if (code !== 0) faults.push(`the server has ended with ${code}`);
  return { done, kills, halfOpen, before, after, faults };
}

/** What the server has in use when its tables are gone, and it is as it was or had its time. */
async function rest(server: Peer, location: string, as?: Usage): Promise<Usage> {
  {
    await using client = await TinyClient.connect(location);
    for (const name of await client.listTables()) await client.dropTable(name);
  }
  const until = performance.now() + REST;
  while (true) {
    await pause(200);
    await server.writeLine("usage");
    const usage: Usage = JSON.parse((await server.readLine())!);
    const isAsWas = leftOver(as ?? usage, usage).length === 0;
    if (isAsWas || performance.now() > until) return usage;
  }
}

function sumOf(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** What a server has in use of which it should not have more than before, in words. */
function leftOver(before: Usage, after: Usage): string[] {
  const allowed: Usage = {
    ...before,
    calls: 0,
    bytes: before.bytes + MORE_BYTES,
    resident: before.resident + MORE_RESIDENT,
  };
  return (Object.keys(allowed) as (keyof Usage)[])
    .filter((what) => after[what] > allowed[what])
    .map((what) => `${after[what]} ${what} are left, and ${allowed[what]} may be`);
}
