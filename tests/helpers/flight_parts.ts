/** A server of parts of flights, for the tests of readFlight(). */
import { type RecordBatch, tableFromArrays } from "apache-arrow";
import {
  type CallRecord,
  type DecodedBatch,
  encode,
  type FlightDataInit,
  type FlightEndpoint,
  FlightError,
  FlightInfo,
  FlightServer,
  type Init,
  type Ticket,
} from "../../flight/mod.ts";
import { collect, utf8 } from "./serving.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
/** A batch of one row that says this number. */
export function batch(n: number): RecordBatch {
  return tableFromArrays({ n: Float64Array.of(n) }).batches[0];
}

/**
 * Serves tickets such as `3 7`: three batches that say 7. After the number of a
 * ticket that begins with `broken` the stream fails, after `endless` it goes on.
 */
export class Parts extends FlightServer {
  readonly reads: string[] = [];
  readonly renewals: string[] = [];
  readonly records: CallRecord[] = [];
  open = 0;
  mostOpen = 0;
  /** Streams wait for it before their first batch. */
  gate: Promise<void> = Promise.resolve();
  onOpen: () => void = () => {};
  /** Streams that fail wait for it first: an error may overtake the batches before it. */
  breaks: Promise<void> = Promise.resolve();

  constructor() {
    super({ port: 0, onCall: (record) => this.records.push(record) });
  }

  override async *doGet({ ticket }: Ticket): AsyncGenerator<FlightDataInit> {
    const name = text(ticket);
    this.reads.push(name);
    this.open++;
    this.mostOpen = Math.max(this.open, this.mostOpen);
    try {
      if (name === "missing") throw new FlightError("NOT_FOUND", "no such ticket");
      this.onOpen();
      await this.gate;
      const [words, count, value] = /^(\D*)(\d+) (\d+)/.exec(name)!.slice(1);
      const batches = Array(Number(count)).fill(batch(Number(value)));
      yield* encode(batches, { schema: batch(0).schema });
      if (words === "broken ") await this.breaks;
      if (words === "broken ") throw new FlightError("DATA_LOSS", "the rest is lost");
      while (words === "endless ") yield* [...await collect(encode(batch(1)))].slice(1);
    } finally {
      this.open--;
    }
  }

  override renewFlightEndpoint(
    endpoint: FlightEndpoint,
  ): Promise<Init<FlightEndpoint>> {
    const name = text(endpoint.ticket!.ticket);
    this.renewals.push(name);
    if (name === "3 0") throw new FlightError("ABORTED", "it cannot be renewed");
    if (name === "4 0") return Promise.resolve({ location: [{ uri: "x:y" }] });
    return Promise.resolve({ ticket: { ticket: utf8("1 99") }, location: [] });
  }
}

/** An endpoint with this ticket at these locations, that expires in so many seconds. */
export function endpoint(ticket: string, uris: string[] = [], seconds?: number) {
  const now = BigInt(Math.floor(Date.now() / 1000));
  return {
    ticket: { ticket: utf8(ticket) },
    location: uris.map((uri) => ({ uri })),
    expirationTime: seconds === undefined
      ? undefined
      : { seconds: now + BigInt(seconds), nanos: 5 },
  };
}

/** A flight of these endpoints, as it comes off the wire. */
export function flight(endpoints: Init<FlightEndpoint>[], ordered = false): FlightInfo {
  const bytes = FlightInfo.serialize({ endpoint: endpoints, ordered });
  return FlightInfo.deserialize(bytes);
}

/** The numbers in the batches. */
export async function numbers(items: AsyncIterable<DecodedBatch>): Promise<number[]> {
  return (await collect(items)).map((item) => item.batch!.getChild("n")!.get(0));
}

/** The codes of the reads that have ended, once the server is done with all. */
export async function readCodes(server: Parts): Promise<(string | undefined)[]> {
  await server.shutdown();
  return server.records.filter(({ method }) => method === "DoGet")
    .map(({ error }) => error?.code);
}
