/** The command with servers that are not ours, and name their flights otherwise. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import {
  type Action,
  type ActionType,
  commandDescriptor,
  decode,
  encode,
  encodeSchema,
  type FlightData,
  type FlightDescriptor,
  FlightError,
  type FlightInfo,
  FlightServer,
  type Init,
  pathDescriptor,
  textOf,
  type Ticket,
  ticketOf,
} from "../../flight/mod.ts";
import { Shell } from "../helpers/processes/tinyflight.ts";

const POINTS = tableFromArrays({ x: Int32Array.of(1, 2, 3) });
const SCHEMA = encodeSchema(POINTS.schema);

/** Flights that are paths with several parts, and commands; it counts nothing. */
class Warehouse extends FlightServer {
  /** Where else an endpoint is. */
  other: string[] = [];
  readonly put: string[] = [];

  #flight(descriptor: Init<FlightDescriptor>, ...tickets: string[]): Init<FlightInfo> {
    return {
      flightDescriptor: descriptor,
      schema: SCHEMA,
      totalRecords: -1n,
      totalBytes: -1n,
      endpoint: tickets.map((ticket, index) => ({
        ticket: ticketOf(ticket),
        location: index === 0 ? [] : this.other.map((uri) => ({ uri })),
      })),
    };
  }

  get #flights() {
    return [
      this.#flight(pathDescriptor("sales", "2024"), "one", "two"),
      this.#flight(pathDescriptor("a/b"), "one"),
      this.#flight(commandDescriptor(Uint8Array.of(0xff, 0)), "one"),
    ];
  }

  override async *listFlights() {
    yield* this.#flights;
  }

  override getFlightInfo({ type, cmd, path }: FlightDescriptor): Init<FlightInfo> {
    if (type === "CMD") {
      const command = textOf(cmd);
      if (command.startsWith("SELECT ")) {
        return this.#flight(commandDescriptor(command), command);
      }
      throw new FlightError("INTERNAL", `Cannot parse "${command}"`);
    }
    const found = this.#flights.find(({ flightDescriptor }) =>
      flightDescriptor?.path?.join("\0") === path.join("\0")
    );
    if (found === undefined) throw new FlightError("UNKNOWN", "KeyError");
    return found;
  }

  override async *doGet({ ticket }: Ticket) {
    const text = textOf(ticket);
    if (text === "SELECT forever") {
      yield* encode(endless());
    } else if (/^(one|two|SELECT .*)$/.test(text)) yield* encode(POINTS);
    else throw new FlightError("NOT_FOUND", `Cannot find "${text}"`);
  }

  // deno-lint-ignore require-yield -- it has no results
  override async *doPut(messages: AsyncIterable<FlightData>) {
    const reader = decode(messages);
    const { type, path } = (await reader.descriptor())!;
    if (type !== "PATH") throw new FlightError("UNKNOWN", "list index out of range");
    await reader.table();
    this.put.push(path.join(" then "));
  }

  override async *listActions(): AsyncGenerator<ActionType> {
    yield { type: "clear", description: "Clears" };
  }

  override doAction({ type }: Action): never {
    throw new FlightError("UNIMPLEMENTED", `no ${type}`);
  }
}

function* endless() {
  while (true) yield* POINTS.batches;
}

async function start() {
  const server = new Warehouse({ port: 0 });
  await server.listen();
  return server;
}

Deno.test("ls shows what a server tells, and - for what it does not", async () => {
  await using server = await start();
  await using shell = new Shell(server.location);
  const { code, stdout } = await shell.run("ls");
  assertEquals([code, stdout.split("\n")], [0, [
    "NAME                    ROWS  BYTES  COLUMNS",
    "<command 2 bytes ff00>     -      -        1",
    "a/b                        -      -        1",
    "sales/2024                 -      -        1",
    "",
  ]]);
  const json = JSON.parse((await shell.run("ls", "--json")).stdout);
  assertEquals(json[2], { name: "sales/2024", rows: null, bytes: null, columns: 1 });
});

Deno.test("a name is found as a path of one or of several parts, or as a command", async () => {
  await using server = await start();
  await using shell = new Shell(server.location);
  const rows = async (...args: string[]) => {
    const { code, stdout, stderr } = await shell.run("get", "--no-header", ...args);
    return [code, stdout, stderr];
  };
  const three = "1\n2\n3\n";
  assertEquals(await rows("sales/2024"), [0, three + three, ""]);
  assertEquals(await rows("a/b"), [0, three, ""]);
  assertEquals(await rows("a%2Fb", "--path"), [0, three, ""]);
  assertEquals(await rows("SELECT 1", "--command"), [0, three, ""]);
  assertEquals((await rows("SLECT 1", "--command"))[0], 1);
  const [code, , stderr] = await rows("sales/2025");
  assertEquals(code, 3);
  assertMatch(
    `${stderr}`,
    /Cannot find "sales\/2025" .* perhaps you mean "sales\/2024"/,
  );
});

Deno.test("endpoints are read where they are, and at the server when that is out of reach", async () => {
  await using other = await start();
  await using server = await start();
  await using shell = new Shell(server.location);
  for (const location of [other.location, "grpc://nowhere.invalid:1", "grpc+x://y"]) {
    server.other = [location];
    const { code, stdout } = await shell.run("get", "sales/2024");
    assertEquals([code, stdout], [0, "x\n1\n2\n3\n1\n2\n3\n"]);
  }
  const { stdout } = await shell.run("info", "sales/2024");
  assertMatch(stdout, /path "sales" \/ "2024"/);
  assertMatch(stdout, /ticket "one" at this server\n +ticket "two" at grpc\+x:\/\/y\n/);
  assertMatch(stdout, /rows +-\n/);
});

Deno.test("head reads no more than it shows", async () => {
  await using server = await start();
  await using shell = new Shell(server.location);
  const { code, stdout } = await shell.run(
    ...["head", "SELECT forever", "--command", "-n", "5", "--as", "csv"],
  );
  assertEquals([code, stdout], [0, "x\n1\n2\n3\n1\n2\n"]);
});

Deno.test("put says how to name a table for a server that does not understand it", async () => {
  await using server = await start();
  await using shell = new Shell(server.location);
  await shell.write("a.csv", "x\n1\n");
  const { code, stderr } = await shell.run("put", "a.csv");
  assertEquals(code, 1);
  assertMatch(stderr, /^tinyflight: list index .*paths, try --path\n$/);
  assertEquals((await shell.run("put", "a.csv", "--path", "--name", "b/c")).code, 0);
  assertEquals(server.put, ["b then c"]);
});

Deno.test("drop and shutdown say which actions a server has", async () => {
  await using server = await start();
  await using shell = new Shell(server.location);
  for (const args of [["drop", "x"], ["shutdown"]]) {
    const { code, stderr } = await shell.run(...args);
    assertEquals(code, 1);
    assertMatch(
      stderr,
      /Cannot run the action "\w+": .* does not offer it; .*: clear\n$/,
    );
  }
});

Deno.test("a server that only knows tickets can be read", async () => {
  class Tickets extends FlightServer {
    override async *doGet({ ticket }: Ticket) {
      assert(textOf(ticket) === "numbers");
      yield* encode(POINTS);
    }
  }
  await using server = await new Tickets({ port: 0 }).listen();
  await using shell = new Shell(server.location);
  const { code, stdout } = await shell.run("get", "numbers");
  assertEquals([code, stdout], [0, "x\n1\n2\n3\n"]);
  assertEquals((await shell.run("ping", "-q")).code, 0);
});
