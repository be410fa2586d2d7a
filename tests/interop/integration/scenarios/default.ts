/**
 * The scenario without a name: a file's batches are put, and got again.
 *
 * @module
 */
import { assert, assertEquals } from "@std/assert";
import {
  decode,
  decodeSchema,
  encapsulate,
  encode,
  FlightClient,
  type FlightData,
  type FlightDataInit,
  type FlightDescriptor,
  FlightError,
  type FlightInfo,
  FlightServer,
  type Init,
  pathDescriptor,
  type PutResult,
  textOf,
  type Ticket,
  ticketOf,
} from "../../../../flight/mod.ts";
import { type IntegrationData, readIntegrationJson } from "../integration_json.ts";
import { assertSameSchema, assertSameValues } from "./compare_data.ts";
import { oneByOne } from "./one_by_one.ts";
import type { Scenario } from "./scenario.ts";
import { utf8 } from "./utf8.ts";

/** A flight as it was put. */
interface Stored {
  /** The schema, dictionaries and batches. */
  readonly messages: FlightDataInit[];
  rows: number;
}

/**
 * Keeps the messages that were put as they are, so that flights of every type come
 * back, whether apache-arrow knows it or not.
 */
class Server extends FlightServer {
  #flights: Map<string, Stored> = new Map();

  override async *doPut(
    messages: AsyncIterable<FlightData>,
  ): AsyncGenerator<Init<PutResult>> {
    const stored: Stored = { messages: [], rows: 0 };
    let name: string | undefined;
    let batches = 0;
    async function* store(): AsyncGenerator<FlightData> {
      for await (const data of messages) {
        name ??= nameOf(data.flightDescriptor);
        const { dataHeader, dataBody } = data;
        if (dataHeader.length > 0) stored.messages.push({ dataHeader, dataBody });
        yield data;
      }
    }
    // Reading no columns verifies the messages all the same, and tells which of them
    // are batches.
    for await (const { batch, appMetadata } of decode(store(), { columns: [] })) {
      if (batch === undefined) continue;
      stored.rows += batch.numRows;
      stored.messages.at(-1)!.appMetadata = utf8(String(batches++));
      yield { appMetadata };
    }
    this.#flights.set(name!, stored);
  }

  override getFlightInfo(
    flightDescriptor: FlightDescriptor,
  ): Promise<Init<FlightInfo>> {
    const name = nameOf(flightDescriptor);
    const { messages, rows } = this.#find(name);
    const { port } = new URL(this.location);
    return Promise.resolve({
      schema: encapsulate(messages[0].dataHeader!),
      flightDescriptor,
      endpoint: [{
        ticket: ticketOf(name),
        location: [{ uri: `grpc+tcp://127.0.0.1:${port}` }],
      }],
      totalRecords: BigInt(rows),
      totalBytes: -1n,
    });
  }

  override async *doGet({ ticket }: Ticket): AsyncGenerator<FlightDataInit> {
    yield* this.#find(textOf(ticket)).messages;
  }

  #find(name: string): Stored {
    const stored = this.#flights.get(name);
    if (stored === undefined) {
      throw new FlightError("NOT_FOUND", `Cannot find the flight "${name}"`);
    }
    return stored;
  }
}

function nameOf(descriptor: FlightDescriptor | undefined): string {
  if (descriptor?.type !== "PATH") {
    throw new FlightError("UNIMPLEMENTED", "Cannot name a flight but by a path");
  }
  if (descriptor.path.length === 0) {
    throw new FlightError(
      "INVALID_ARGUMENT",
      "Cannot name a flight: the path is empty",
    );
  }
  return descriptor.path[0];
}

async function client(location: string, path: string | undefined): Promise<void> {
  assert(path !== undefined, "The path of a JSON file is needed");
  const data = await readIntegrationJson(path);
  await using client = new FlightClient(location);
  await put(client, path, data);
  await checkFlight(client, path, data);
}

async function put(
  client: FlightClient,
  path: string,
  { schema, batches }: IntegrationData,
): Promise<void> {
  const descriptor = pathDescriptor(path);
  const items = batches.map((batch, index) => ({
    batch,
    appMetadata: utf8(String(index)),
  }));
  const results = oneByOne(
    items,
    (items) => client.doPut(encode(items, { schema, descriptor })),
  );
  for await (const [sent, { appMetadata }] of results) {
    assertEquals(textOf(appMetadata), textOf(sent.appMetadata));
  }
}

/** Fails unless the server has the file's data under its path. */
export async function checkFlight(
  client: FlightClient,
  path: string,
  { schema, batches }: IntegrationData,
): Promise<void> {
  const info = await client.getFlightInfo(pathDescriptor(path));
  const rows = batches.reduce((sum, { numRows }) => sum + numRows, 0);
  assertEquals(info.totalRecords, BigInt(rows));
  assertSameSchema(decodeSchema(info.schema)!, schema);
  assert(info.endpoint.length > 0, "The flight has no endpoints");
  for (const { ticket, location } of info.endpoint) {
    assert(location.length > 0, "The endpoint has no locations");
    for (const { uri } of location) {
      await using there = client.sibling(uri);
      const reader = decode(there.doGet(ticket!));
      let count = 0;
      for await (const { batch, appMetadata } of reader) {
        assert(count < batches.length, "There are more batches than were put");
        assertSameValues(batch!.data, batches[count].data);
        assertEquals(textOf(appMetadata!), String(count++));
      }
      assertEquals(count, batches.length, "Batches are missing");
      assertSameSchema(await reader.schema(), schema);
    }
  }
}

/** The scenario's two halves. */
export const defaultScenario: Scenario = {
  server: (options) => new Server(options),
  client,
};
