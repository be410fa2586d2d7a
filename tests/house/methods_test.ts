/** The tables of TinyClient's methods and options in docs/tables.md, beside the class. */
import { assertEquals, assertRejects } from "@std/assert";
import { TinyClient } from "../../client.ts";
import { FlightClient } from "../../flight/mod.ts";
import { ROOT } from "../helpers/processes/deno_process.ts";

/** An option that nothing has: the refusal lists those that there are. */
const UNKNOWN = { "no option is like this": true } as Record<never, never>;

const text = await Deno.readTextFile(`${ROOT}docs/tables.md`);
/** The tables of methods and of options, each as rows of cells. */
const [methodRows, optionRows] = text.split(/^\| Option .*$/m).map((part) =>
  [...part.matchAll(/^\| (`.*) \|$/gm)].map(([_, row]) =>
    row.split("|").map((cell) => cell.trim())
  )
);
const methods = methodRows.map(([method, _, options]) => ({
  name: /\w+(?=\()|\w+(?=`)/.exec(method)![0],
  options: [...options.matchAll(/`(\w+)`/g)].map(([_, name]) => name),
}));
const explained = optionRows.map(([option]) => option.replaceAll("`", ""));

/** The options that something takes, as its refusal of another one lists them. */
async function takenOptions(
  call: (options: Record<never, never>) => unknown,
): Promise<string[]> {
  // deno-lint-ignore require-await -- a method that throws at once rejects, too
  const error = await assertRejects(async () => call(UNKNOWN), TypeError);
  const list = /its options are (.*)$/.exec(error.message)?.[1];
  return (list ?? "").split(", ").sort();
}

Deno.test("docs/tables.md has every method and property of TinyClient", () => {
  const client = new TinyClient(new FlightClient("grpc://localhost:1"));
  const members = [
    ...Object.keys(client),
    ...Object.getOwnPropertyNames(TinyClient.prototype).filter((name) =>
      name !== "constructor"
    ),
    "connect",
    "TinyClient",
  ];
  client.close();
  assertEquals(methods.map(({ name }) => name).sort(), members.sort());
  const statics = Object.getOwnPropertyNames(TinyClient)
    .filter((name) => !["length", "name", "prototype"].includes(name));
  assertEquals(statics, ["connect"]);
});

Deno.test("docs/tables.md has every option of TinyClient's methods, and its meaning", async () => {
  const flight = new FlightClient("grpc://localhost:1");
  await using client = new TinyClient(flight);
  const calls: Record<string, (options: Record<never, never>) => unknown> = {
    connect: (options) => TinyClient.connect("grpc://localhost:1", options),
    TinyClient: (options) => new TinyClient(flight, options),
    putTable: (options) => client.putTable("t", [], options),
    getTable: (options) => client.getTable("t", options),
    readTable: (options) => client.readTable("t", options),
    listTables: (options) => client.listTables(options),
    tableInfo: (options) => client.tableInfo("t", options),
    dropTable: (options) => client.dropTable("t", options),
  };
  for (const { name, options } of methods) {
    if (name === "close" || name === "flight") continue;
    const documented = options[0] === "getTable" ? optionsOf("getTable") : options;
    const taken = await takenOptions(calls[name]);
    assertEquals({ name, options: [...documented].sort() }, { name, options: taken });
  }
  const documented = new Set(methods.flatMap(({ name }) => optionsOf(name)));
  assertEquals([...documented].sort(), explained.sort());
});

/** The options of a method, as the page has them. */
function optionsOf(method: string): readonly string[] {
  const { options } = methods.find(({ name }) => name === method)!;
  return options[0] === "getTable" ? [] : options;
}
