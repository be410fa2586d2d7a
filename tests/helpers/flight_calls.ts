/** Helpers for the tests of FlightServer and FlightClient. */
import {
  type Action,
  type CallContext,
  type CallRecord,
  FlightClient,
  type FlightClientOptions,
  type FlightData,
  type FlightDataInit,
  FlightError,
  type FlightInfo,
  FlightServer,
  type Init,
  type Result,
  type ServerMiddleware,
} from "../../flight/mod.ts";
import { collect, utf8 } from "./serving.ts";

/** A server, and a client of it. */
export interface FlightPair<S extends FlightServer> extends AsyncDisposable {
  readonly server: S;
  readonly client: FlightClient;
}

/** Starts the server, and gives it with a client of it. */
export async function startFlight<S extends FlightServer>(
  server: S,
  options: FlightClientOptions = {},
): Promise<FlightPair<S>> {
  await server.listen();
  const client = new FlightClient(server.location, options);
  return {
    server,
    client,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown({ timeout: 1000 });
    },
  };
}

/** Runs an action, and gives its results as texts. */
export async function act(
  client: FlightClient,
  type: string,
  options: Parameters<FlightClient["doAction"]>[1] = {},
): Promise<string[]> {
  const results = await collect(client.doAction({ type }, options));
  return results.map(({ body }) => new TextDecoder().decode(body));
}

/** A call of each of the ten methods. */
export function tenCalls(
  client: FlightClient,
): { readonly [method: string]: () => Promise<unknown> } {
  async function* none(): AsyncGenerator<never> {}
  return {
    Handshake: () => collect(client.handshake(none())),
    ListFlights: () => collect(client.listFlights()),
    GetFlightInfo: () => client.getFlightInfo({}),
    PollFlightInfo: () => client.pollFlightInfo({}),
    GetSchema: () => client.getSchema({}),
    DoGet: () => collect(client.doGet({})),
    DoPut: () => collect(client.doPut(none())),
    DoExchange: () => collect(client.doExchange(none())),
    DoAction: () => collect(client.doAction({})),
    ListActions: () => collect(client.listActions()),
  };
}

/** Answers a few methods, and remembers which. */
export class Service extends FlightServer {
  readonly records: CallRecord[] = [];
  readonly answered: string[] = [];
  /** Resolved when an action has ended. */
  readonly ended: PromiseWithResolvers<void> = Promise.withResolvers();
  onAnswer: (call: CallContext) => void = () => {};

  constructor(...middleware: ServerMiddleware[]) {
    super({ port: 0, middleware, onCall: (record) => this.records.push(record) });
  }

  override getFlightInfo(_: unknown, call: CallContext): Promise<Init<FlightInfo>> {
    this.answered.push(call.method);
    this.onAnswer(call);
    return Promise.resolve({ totalRecords: 7n });
  }

  override async *doAction(
    { type }: Action,
    call: CallContext,
  ): AsyncGenerator<Init<Result>> {
    this.answered.push(call.method);
    try {
      this.onAnswer(call);
      yield { body: utf8(type) };
      if (type === "fail") throw new FlightError("ABORTED", "it fails");
      if (type === "bug") throw new RangeError("the password is 1234");
      while (type === "endless") yield { body: utf8(type) };
    } finally {
      this.ended.resolve();
    }
  }

  override async *doExchange(
    messages: AsyncIterable<FlightData>,
    call: CallContext,
  ): AsyncGenerator<FlightDataInit> {
    this.answered.push(call.method);
    for await (const { appMetadata } of messages) yield { appMetadata };
  }
}
