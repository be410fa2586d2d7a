/**
 * Puts two real tables on a server and gets them back: `deno task demo`. With
 * `--location grpc://host:port` it uses a server that is already running.
 *
 * @module
 */
import { describeCall, FlightError, TinyClient, TinyServer } from "@tinyflight/flight";
import { readFile } from "node:fs/promises";
import process from "node:process";
import { parseArgs } from "node:util";
import type { Table } from "apache-arrow";
import { tableFromCsv } from "./csv.ts";
import { tableDifference } from "./same.ts";
import { formatShape, formatTable } from "./show.ts";

const HELP = `Puts, lists, gets and drops two tables.

Usage: deno task demo [--location grpc://host:port]

  --location URI  use the server that runs there, instead of starting one
  --help          print this`;

/** How long a running server may take to answer, in milliseconds. */
const CONNECT_TIMEOUT = 3000;

async function main(args: string[]): Promise<void> {
  const { location, help } = parse(args);
  if (help) return console.log(HELP);
  console.log("Tiny Flight: two tables go to a server and come back");
  if (location !== undefined) return await useServer(location);
  step("Start a server, and connect to it");
  await using server = await new TinyServer({
    port: 0,
    onCall: (record) => console.log(`(server) ${describeCall(record)}`),
  }).listen();
  console.log(`(server) listening on ${server.location}`);
  {
    await using client = await TinyClient.connect(server.location);
    await walkThrough(client, "fijiquakes", "airquality");
  }
  step("Shut the server down");
  await server.shutdown();
  console.log("(server) finished");
}

/**
 * Runs the demo on a server that others use, too. The tables have unique names, so that
 * no other table is replaced or dropped, and they are dropped at the end.
 */
async function useServer(location: string): Promise<void> {
  step(`Connect to ${location}`);
  await using client = await TinyClient.connect(location, { timeout: CONNECT_TIMEOUT });
  const suffix = crypto.randomUUID().slice(0, 8);
  const names = [`fijiquakes-${suffix}`, `airquality-${suffix}`] as const;
  try {
    await walkThrough(client, ...names);
    step(`Drop ${names[0]} as well, and leave the server as it was`);
  } finally {
    for (const name of names) await dropIfThere(client, name);
  }
}

async function walkThrough(
  client: TinyClient,
  quakesName: string,
  airName: string,
): Promise<void> {
  const tables = new Map([
    [quakesName, await readCsv("fijiquakes.csv")],
    [airName, await readCsv("airquality.csv")],
  ]);

  step("Put two tables, which were read from CSV files");
  for (const [name, table] of tables) {
    await client.putTable(name, table);
    show(`${name}: ${formatShape(table)}`);
  }
  step("List the tables");
  await list(client, [...tables.keys()]);

  for (const [name, table] of tables) {
    step(`Get ${name}`);
    const copy = await client.getTable(name);
    show(formatTable(copy));
    const difference = tableDifference(table, copy);
    if (difference !== undefined) {
      throw new Error(`"${name}" did not come back as it was put: ${difference}`);
    }
    show("\nEqual to what was put: the schema, every value, every null.");
  }

  step(`Drop ${airName}`);
  await client.dropTable(airName);
  step("List the tables again");
  await list(client, [quakesName]);
  step(`Ask for ${airName}, which is gone`);
  show(await refusal(client, airName));
}

/** Shows which of these tables the server has, and counts the others. */
async function list(client: TinyClient, names: readonly string[]): Promise<void> {
  const found = await client.listTables();
  const own = found.filter((name) => names.includes(name));
  if (own.length < names.length) {
    throw new Error(`of ${names.join(", ")} the server lists only ${own.join(", ")}`);
  }
  for (const name of own) show(name);
  const others = found.length - own.length;
  if (others > 0) show(`and ${others} of others`);
}

/** The error with which the server answers a get of a missing table. */
async function refusal(client: TinyClient, name: string): Promise<string> {
  try {
    await client.getTable(name);
  } catch (error) {
    if (error instanceof FlightError && error.code === "NOT_FOUND") {
      return `${error.code}: ${error.message}`;
    }
    throw error;
  }
  throw new Error(`"${name}" is still there after it was dropped`);
}

async function dropIfThere(client: TinyClient, name: string): Promise<void> {
  try {
    await client.dropTable(name);
  } catch (error) {
    if (!(error instanceof FlightError && error.code === "NOT_FOUND")) throw error;
  }
}

async function readCsv(file: string): Promise<Table> {
  return tableFromCsv(await readFile(new URL(`data/${file}`, import.meta.url), "utf8"));
}

function parse(args: string[]): { location?: string; help?: boolean } {
  const options = { location: { type: "string" }, help: { type: "boolean" } } as const;
  return parseArgs({ args, options }).values;
}

function step(title: string): void {
  console.log(`\n${title}`);
}

function show(text: string): void {
  console.log(text.replace(/^(?=.)/gm, "  "));
}

if (import.meta.main) {
  try {
    await main(process.argv.slice(2));
  } catch (error) {
    console.error(`demo: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
