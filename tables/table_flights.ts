/**
 * How a server's tables are read: their flights and endpoints.
 *
 * @module
 */
import type { Init } from "../proto/message_type.ts";
import type { FlightEndpoint, FlightInfo } from "../proto/messages.ts";
import type { CallContext } from "../flight/server/call_context.ts";
import type { StoredTable, TableEntry, TableLocation } from "../stores/store.ts";
import { endpointOf, flightInfoOf, locationFor, ticketsOf } from "./flight_info.ts";
import type { OpenDoor } from "./table_door.ts";
import type { Tables } from "./tables.ts";
import { readTicket, type TableTicket } from "./ticket.ts";

/** What {@linkcode TableFlights} knows of the server. */
export interface TableFlightsOptions {
  /** The tables. */
  readonly tables: Tables;
  /** The location of the server. */
  location(): string;
  /** The location to name instead; undefined for the server's own. */
  readonly advertise: string | undefined;
  /** Where the tables are had over HTTP; undefined for nowhere. */
  door(): OpenDoor | undefined;
  /** Whether URIs are signed, and expire, as clients have to say who they are. */
  readonly hasAuth: boolean;
}

/** The flights of a server's tables, each with its endpoints. */
export class TableFlights {
  readonly #options: TableFlightsOptions;

  /** The flights of the tables of a server. */
  constructor(options: TableFlightsOptions) {
    this.#options = options;
  }

  /** Whether there are URIs of tables that expire. */
  get areRenewed(): boolean {
    const { tables, door, hasAuth } = this.#options;
    return door() !== undefined && hasAuth || tables.hasLocations;
  }

  /** A flight as a list has it, without locations that take a request each. */
  listed(table: TableEntry, call: CallContext): Init<FlightInfo> {
    const endpoints = ticketsOf(table).map((ticket) => this.#endpoint(ticket, call));
    return flightInfoOf(table, endpoints);
  }

  /** A flight with all locations of its endpoints. */
  async info(table: StoredTable, call: CallContext): Promise<Init<FlightInfo>> {
    const endpoints = ticketsOf(table).map((ticket) => this.#locate(ticket, call));
    return flightInfoOf(table, await Promise.all(endpoints));
  }

  /**
   * An endpoint anew, with URIs that expire later.
   *
   * @throws {FlightError} NOT_FOUND, when its table or piece is gone.
   */
  async renew(
    { ticket }: FlightEndpoint,
    call: CallContext,
  ): Promise<Init<FlightEndpoint>> {
    const wanted = readTicket(ticket?.ticket ?? new Uint8Array(0));
    const { name, piece } = wanted;
    call.subject = name;
    const { tables } = this.#options;
    const { pieces } = piece === undefined
      ? await tables.as(call).find(name)
      : await tables.as(call).findPiece(name, piece);
    // A table in pieces is nowhere as a whole but on the server.
    return pieces === undefined
      ? await this.#locate(wanted, call)
      : this.#endpoint(wanted, call);
  }

  /** An endpoint with all its locations, those in the store, too. */
  async #locate(
    ticket: TableTicket,
    call: CallContext,
  ): Promise<Init<FlightEndpoint>> {
    const { tables } = this.#options;
    return this.#endpoint(ticket, call, await tables.as(call).locate(ticket));
  }

  #endpoint(
    ticket: TableTicket,
    call: CallContext,
    stored?: TableLocation,
  ): Init<FlightEndpoint> {
    const { location, door } = this.#options;
    const { advertise = locationFor(location(), call) } = this.#options;
    const { name, piece } = ticket;
    const http = piece === undefined ? door()?.locate(name, call) : undefined;
    return endpointOf(
      ticket,
      advertise,
      [stored, http].filter((at) => at !== undefined),
    );
  }
}
