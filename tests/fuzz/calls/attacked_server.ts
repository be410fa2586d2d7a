/**
 * The server that is attacked, and what has to hold of it afterwards.
 *
 * @module
 */
import {
  bearerAuth,
  type CallRecord,
  FlightClient,
  Sessions,
  TinyClient,
  TinyServer,
} from "../../../mod.ts";
import { HttpDoor } from "../../../http/mod.ts";
import { MemoryStore, type TinyServerOptions } from "../../../server.ts";
import { UnexpectedError } from "../../../flight/errors.ts";
import { FlightData } from "../../../flight/mod.ts";
import { actionOf, ticketOf } from "../../../flight/protocol/from_text.ts";
import { collect } from "../../helpers/serving.ts";
import { asFlightData } from "../streams/flight_messages.ts";
import { readSeeds } from "../streams/seeds.ts";
import { Fault } from "../target.ts";

/** The token that the server takes. */
export const TOKEN = "let-me-in";
/** No attack names it. */
const OLD_TABLE = "the table that was there before";
const CALL_TIMEOUT = 5000;
const HOST = "127.0.0.1";
/** So little that most of the tables are cut to pieces. */
const MAX_SENT_BYTES = 1024;

/** A server with all that can be attacked, and clients of it that mean well. */
export class AttackedServer implements AsyncDisposable {
  /** The server that is attacked. */
  readonly server: TinyServer;
  /** Its tables over HTTP. */
  readonly http: HttpDoor;
  /** A client that may call it. */
  client!: TinyClient;
  /** The same, reading over HTTP. */
  fast!: TinyClient;
  /** A client of another server, which gives the same tables as they were put. */
  whole!: TinyClient;
  readonly #wholeServer: TinyServer;
  readonly #records: CallRecord[] = [];
  #old: string[] = [];

  private constructor(limits: Partial<TinyServerOptions>) {
    const store = new MemoryStore();
    this.http = new HttpDoor({ port: 0 });
    this.server = new TinyServer({
      port: 0,
      hostname: HOST,
      store,
      http: this.http,
      maxSentBytes: MAX_SENT_BYTES,
      maxMessageBytes: 2 ** 20,
      allowShutdown: false,
      sessions: new Sessions({ maxSessions: 50, maxOptions: 20 }),
      auth: {
        login: (name, password) => name === password ? TOKEN : undefined,
        verify: (token) => token === TOKEN ? "somebody" : undefined,
      },
      onCall: (record) => this.#records.push(record),
      ...limits,
    });
    this.#wholeServer = new TinyServer({
      port: 0,
      hostname: HOST,
      store,
      maxSentBytes: Infinity,
    });
  }

  /** Starts it, with one table in it, and with these limits. */
  static async start(
    limits: Partial<TinyServerOptions> = {},
  ): Promise<AttackedServer> {
    const attacked = new AttackedServer(limits);
    await attacked.#listen();
    return attacked;
  }

  /**
   * Throws unless the server answers, still has its first table byte for byte, and has
   * ended no call with an error that nobody meant.
   */
  async check(): Promise<void> {
    this.checkRecords();
    const options = { timeout: CALL_TIMEOUT };
    const { flight } = this.client;
    const [health] = await collect(flight.doAction(actionOf("healthcheck"), options));
    if (new TextDecoder().decode(health.body) !== "ok") {
      throw new Fault("the server's health is not ok");
    }
    const found = await this.#readOld();
    if (found.join() !== this.#old.join()) throw new Fault("the old table has changed");
  }

  /**
   * Throws when a call has ended with an error that nobody meant; gives how many have
   * ended well since the last time.
   */
  checkRecords(): number {
    const records = this.#records.splice(0);
    for (const { method, error } of records) {
      // INTERNAL, too, is what a client gets that sends two messages for one.
      if (error instanceof UnexpectedError || error?.code === "UNKNOWN") {
        throw new Fault(`the server's ${method} has failed`, error.cause ?? error);
      }
    }
    return records.filter(({ error }) => error === undefined).length;
  }

  /** Stops it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.fast.close();
    this.whole.close();
    const timeout = 1000;
    await Promise.all([
      this.server.shutdown({ timeout }),
      this.#wholeServer.shutdown({ timeout }),
    ]);
  }

  async #listen(): Promise<void> {
    await Promise.all([this.server.listen(), this.#wholeServer.listen()]);
    const flight = new FlightClient(this.server.location, {
      middleware: [bearerAuth(TOKEN)],
    });
    this.client = new TinyClient(flight, { http: false });
    this.fast = new TinyClient(flight);
    this.whole = await TinyClient.connect(this.#wholeServer.location);
    await this.#putOld();
  }

  async #putOld(): Promise<void> {
    const { messages } = readSeeds().find(({ name }) =>
      name === "dictionaries_sliced"
    )!;
    const put = asFlightData(messages, OLD_TABLE);
    await collect(this.client.flight.doPut(put, { timeout: CALL_TIMEOUT }));
    this.#old = await this.#readOld();
  }

  async #readOld(): Promise<string[]> {
    const { flight } = this.client;
    const messages = flight.doGet(ticketOf(OLD_TABLE), { timeout: CALL_TIMEOUT });
    const bytes = (await collect(messages)).map((data) => FlightData.serialize(data));
    return bytes.map((message) => message.toBase64());
  }
}
