/**
 * All that somebody can ask of a server by way of the clients.
 *
 * @module
 */
import { decode, FlightClient, readFlight } from "../../../flight/mod.ts";
import { ticketOf } from "../../../flight/protocol/from_text.ts";
import type { TinyClient } from "../../../mod.ts";
import { collect } from "../../helpers/serving.ts";
import { flightData } from "../streams/flight_messages.ts";
import { readValues } from "../streams/read_values.ts";
import { readSeeds } from "../streams/seeds.ts";

/** How long each call may take, in milliseconds. */
const TIMEOUT = 2000;
/** Nobody reads more endpoints of one flight here. */
const MAX_ENDPOINTS = 20;

type ClientCall = (client: TinyClient) => Promise<unknown>;

const options = { timeout: TIMEOUT };
const { messages } = readSeeds().find(({ name }) => name === "texts")!;

/** Calls by their names: those of TinyClient, of FlightClient, and what goes with it. */
export const CLIENT_CALLS: readonly (readonly [string, ClientCall])[] = [
  ["getTable", async (client) => readValues(await client.getTable("x", options))],
  ["getTable", async (client) => readValues(await client.getTable("x", options))],
  [
    "getTable of one column",
    (client) => client.getTable("x", { ...options, columns: ["utf8"] }),
  ],
  ["readTable", (client) => collect(client.readTable("x", options))],
  ["listTables", (client) => client.listTables(options)],
  ["tableInfo", (client) => client.tableInfo("x", options)],
  ["dropTable", (client) => client.dropTable("x", options)],
  ["handshake", ({ flight }) => collect(flight.handshake(none(), options))],
  ["listFlights", ({ flight }) => collect(flight.listFlights({}, options))],
  ["getFlightInfo", ({ flight }) => flight.getFlightInfo({}, options)],
  ["pollFlightInfo", ({ flight }) => flight.pollFlightInfo({}, options)],
  ["getSchema", ({ flight }) => flight.getSchema({}, options)],
  ["doGet", ({ flight }) => decode(flight.doGet(ticketOf("x"), options)).table()],
  ["doPut", ({ flight }) => collect(flight.doPut(put(), options))],
  ["doExchange", ({ flight }) => decode(flight.doExchange(put(), options)).table()],
  ["doAction", ({ flight }) => collect(flight.doAction({}, options))],
  ["listActions", ({ flight }) => collect(flight.listActions(options))],
  ["cancelFlightInfo", ({ flight }) => flight.cancelFlightInfo({}, options)],
  ["renewFlightEndpoint", ({ flight }) => flight.renewFlightEndpoint({}, options)],
  ["setSessionOptions", ({ flight }) => flight.setSessionOptions({ a: "b" }, options)],
  ["getSessionOptions", ({ flight }) => flight.getSessionOptions(options)],
  ["closeSession", ({ flight }) => flight.closeSession(options)],
  ["readFlight", readWholeFlight],
  ["readFlight", readWholeFlight],
];

/** Reads all endpoints of a flight, wherever they say they are, from the one server. */
async function readWholeFlight({ flight }: TinyClient): Promise<void> {
  const info = await flight.getFlightInfo({}, options);
  const some = { ...info, endpoint: info.endpoint.slice(0, MAX_ENDPOINTS) };
  const clientFor = (location: string) => {
    // What the location does to a client is of interest, and who is there is not.
    new FlightClient(location).close();
    return flight;
  };
  await collect(readFlight(flight, some, { ...options, clientFor }));
}

async function* none(): AsyncGenerator<never> {}

async function* put() {
  yield* flightData(messages, "x");
}
