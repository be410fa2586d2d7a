/**
 * The scenarios `expiration_time:...`: endpoints that are good for a while, of a flight
 * that can be cancelled, and its endpoints renewed.
 *
 * @module
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { Uint32 } from "apache-arrow";
import {
  type ActionType,
  cancelFlightInfo,
  type CancelStatus,
  commandDescriptor,
  decode,
  encode,
  encodeSchema,
  FlightClient,
  type FlightDataInit,
  type FlightDescriptor,
  type FlightEndpoint,
  FlightError,
  type FlightInfo,
  FlightServer,
  type FlightServerOptions,
  type Init,
  readFlight,
  renewFlightEndpoint,
  textOf,
  type Ticket,
  ticketOf,
  type Timestamp,
} from "../../../../flight/mod.ts";
import { assertSameSchema, assertSameValues } from "./compare_data.ts";
import { numberSchema, numberTable } from "./numbers.ts";
import type { Scenario } from "./scenario.ts";
import { nanoseconds, secondsFromNow } from "./times.ts";

/** What the server knows of an endpoint that it has given. */
interface Given {
  expirationTime?: Timestamp;
  isRead: boolean;
  isCancelled: boolean;
}

class Server extends FlightServer {
  /** The endpoints of the last flight. A ticket starts with an index of this list. */
  #given: Given[] = [];

  override getFlightInfo(
    flightDescriptor: FlightDescriptor,
  ): Promise<Init<FlightInfo>> {
    this.#given = [];
    return Promise.resolve({
      schema: encodeSchema(numberSchema(new Uint32())),
      flightDescriptor,
      endpoint: [
        this.#give("No expiration time"),
        this.#give("5 seconds", secondsFromNow(5)),
        this.#give("6 seconds", secondsFromNow(6)),
      ],
      totalRecords: -1n,
      totalBytes: -1n,
    });
  }

  override doGet({ ticket }: Ticket): AsyncIterable<FlightDataInit> {
    const index = indexOf(ticket);
    const given = this.#find(ticket);
    if (given.isCancelled) throw invalid(ticket, "it was cancelled");
    const { expirationTime } = given;
    if (expirationTime === undefined) {
      if (given.isRead) throw invalid(ticket, "it can be read once only");
    } else if (nanoseconds(expirationTime) < nanoseconds(secondsFromNow(0))) {
      throw invalid(ticket, "it has expired");
    }
    given.isRead = true;
    return encode(numberTable(new Uint32(), [index]));
  }

  override async *listActions(): AsyncGenerator<Init<ActionType>> {
    yield cancelFlightInfo;
    yield renewFlightEndpoint;
  }

  override cancelFlightInfo({ endpoint }: FlightInfo): Promise<CancelStatus> {
    let status: CancelStatus = "CANCEL_STATUS_CANCELLED";
    for (const { ticket } of endpoint) {
      const given = this.#given[indexOf(ticket?.ticket)];
      if (given === undefined || given.isCancelled) {
        status = "CANCEL_STATUS_NOT_CANCELLABLE";
      } else given.isCancelled = true;
    }
    return Promise.resolve(status);
  }

  override renewFlightEndpoint(
    endpoint: FlightEndpoint,
  ): Promise<Init<FlightEndpoint>> {
    const before = endpoint.ticket?.ticket;
    const given = this.#find(before);
    given.expirationTime = secondsFromNow(10);
    return Promise.resolve({
      ...endpoint,
      ticket: ticketOf(`${textOf(before!)}: renewed (+ 10 seconds)`),
      expirationTime: given.expirationTime,
    });
  }

  #give(name: string, expirationTime?: Timestamp): Init<FlightEndpoint> {
    const index = this.#given.length;
    this.#given.push({ expirationTime, isRead: false, isCancelled: false });
    return { ticket: ticketOf(`${index}: ${name}`), expirationTime };
  }

  #find(ticket: Uint8Array | undefined): Given {
    const given = this.#given[indexOf(ticket)];
    if (given === undefined) throw invalid(ticket, "it is unknown");
    return given;
  }
}

function indexOf(ticket: Uint8Array = new Uint8Array(0)): number {
  return Number(textOf(ticket).split(":")[0]);
}

function invalid(ticket: Uint8Array = new Uint8Array(0), reason: string): FlightError {
  return new FlightError(
    "INVALID_ARGUMENT",
    `Cannot use the ticket "${textOf(ticket)}": ${reason}`,
  );
}

async function get(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const info = await getInfo(client);
  const [first, ...others] = info.endpoint;
  assertEquals(first.expirationTime, undefined);
  for (const { expirationTime } of others) {
    assert(expirationTime, "An expiry is missing");
  }
  for (const { location } of info.endpoint) assertEquals(location, []);

  const options = { maxParallel: 1, renewWithin: 0 };
  const items = await Array.fromAsync(readFlight(client, info, options));
  assertEquals(items.length, 3);
  for (const [index, { batch }] of items.entries()) {
    const expected = numberTable(new Uint32(), [index]).batches[0];
    assertSameSchema(batch!.schema, expected.schema);
    assertSameValues(batch!.data, expected.data);
  }
}

async function listActions(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const actions = await Array.fromAsync(client.listActions());
  assertEquals(
    actions.map(({ type }) => type).sort(),
    ["CancelFlightInfo", "RenewFlightEndpoint"],
  );
}

async function cancel(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const info = await getInfo(client);
  assertEquals(await client.cancelFlightInfo(info), "CANCEL_STATUS_CANCELLED");
  for (const { ticket } of info.endpoint) {
    await assertRejects(() => decode(client.doGet(ticket!)).table(), FlightError);
  }
}

async function renew(location: string): Promise<void> {
  await using client = new FlightClient(location);
  const info = await getInfo(client);
  for (const endpoint of info.endpoint) {
    const { expirationTime: before } = endpoint;
    if (before === undefined) continue;
    const { expirationTime: after } = await client.renewFlightEndpoint(endpoint);
    assert(after !== undefined, "The renewed endpoint has no expiry");
    assert(nanoseconds(after) > nanoseconds(before), "The new expiry is not later");
  }
}

function getInfo(client: FlightClient): Promise<FlightInfo> {
  return client.getFlightInfo(commandDescriptor("expiration_time"));
}

function server(options: FlightServerOptions): FlightServer {
  return new Server(options);
}

/** The scenario `expiration_time:do_get`: reads the endpoints in time. */
export const expirationTimeDoGet: Scenario = { server, client: get };

/** The scenario `expiration_time:list_actions`: what can be done about the expiry. */
export const expirationTimeListActions: Scenario = { server, client: listActions };

/** The scenario `expiration_time:cancel_flight_info`: nothing can be read afterwards. */
export const expirationTimeCancel: Scenario = { server, client: cancel };

/** The scenario `expiration_time:renew_flight_endpoint`: a later expiry. */
export const expirationTimeRenew: Scenario = { server, client: renew };
