/**
 * A server that uses the whole protocol, for pyarrow's client: calls_*.py say
 * what it is asked, and what it has to answer.
 *
 * @module
 */
import { Int8, type RecordBatch, type Table, tableFromArrays } from "apache-arrow";
import {
  type Action,
  type CallContext,
  type CancelStatus,
  decode,
  type DecodedBatch,
  encode,
  type EncodeItem,
  type EncodeOptions,
  encodeSchema,
  type FlightData,
  type FlightDataInit,
  type FlightDescriptor,
  type FlightEndpoint,
  FlightError,
  type FlightErrorCode,
  type FlightInfo,
  FlightServer,
  type Init,
  type PutResult,
  type Result,
  type ServerMiddleware,
  Sessions,
  type Ticket,
} from "../../../flight/mod.ts";
import { dictionary, tableOf } from "../../helpers/tables/arrow_tables.ts";
import { reasonOf } from "../../helpers/waiting.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const utf8 = (text: string) => new TextEncoder().encode(text);

/** What a dictionary has in one batch after the other, by the name of the ticket. */
const DICTIONARIES: { readonly [ticket: string]: readonly string[][] } = {
  growing: [["a", "b"], ["a", "b", "c"], ["a", "b", "c", "d", "e"]],
  replaced: [["a", "b"], ["c"], ["a", "b"]],
};
/** How a stream is encoded, by the name of the ticket. */
const OPTIONS: { readonly [ticket: string]: EncodeOptions } = {
  lz4: { compression: "lz4" },
  zstd: { compression: "zstd" },
  aligned: { alignment: 64 },
  pieces: { maxMessageBytes: 16 },
};
/** The expiry of an endpoint, and the one that it has after it was renewed. */
const [EXPIRES, RENEWED] = [{ seconds: 1n << 32n, nanos: 5_000 }, {
  seconds: 1n << 33n,
  nanos: 0,
}];

/** Answers the headers `x-say` and `x-say-bin` with what they say. */
const answerHeaders: ServerMiddleware = async (call, next) => {
  for (const said of call.headers.getAll("x-say")) {
    call.responseHeaders.append("x-answer", said);
    call.trailers.append("x-farewell", said);
  }
  for (const said of call.headers.getAllBytes("x-say-bin")) {
    call.responseHeaders.append("x-answer-bin", said);
  }
  await next();
};

/** Five batches: 0 to 9, 10 to 19 and so on. */
function numbers(): RecordBatch[] {
  return [0, 10, 20, 30, 40].map((first) =>
    tableFromArrays({ n: Int32Array.from({ length: 10 }, (_, row) => first + row) })
      .batches[0]
  );
}

function wordBatches(lists: readonly string[][]): RecordBatch[] {
  return lists.flatMap((words) =>
    tableOf(new Map([["x", dictionary(new Int8(), words)]])).batches
  );
}

/** The server. */
export class ProtocolServer extends FlightServer {
  /** The calls that were cancelled: their methods, with what they were about. */
  readonly cancelled: string[] = [];
  /** How many actions of the type `count` were run. */
  #count = 0;

  /** A server on a free port. */
  constructor() {
    super({
      port: 0,
      // Commands and actions of 80 MB go round.
      maxRequestBytes: 100_000_000,
      middleware: [answerHeaders],
      sessions: new Sessions({
        check: (name) => name === "wrong" ? "INVALID_NAME" : undefined,
      }),
      onCall: ({ method, subject, error }) => {
        if (error?.code === "CANCELLED") this.cancelled.push(`${method} ${subject}`);
      },
    });
  }

  override async *listFlights(): AsyncGenerator<Init<FlightInfo>> {
    yield { flightDescriptor: { type: "CMD", cmd: utf8("x") } };
  }

  override getFlightInfo(descriptor: FlightDescriptor): Promise<Init<FlightInfo>> {
    const { cmd, path } = descriptor;
    if (text(cmd) === "fail") throw new FlightError("NOT_FOUND", "there is no flight");
    return Promise.resolve({
      schema: encodeSchema(numbers()[0].schema),
      flightDescriptor: descriptor,
      endpoint: [
        {
          ticket: { ticket: utf8("numbers") },
          location: [
            { uri: this.location },
            { uri: "https://example.com/a?b=%20c" },
            { uri: "arrow-flight-reuse-connection://?" },
          ],
          expirationTime: EXPIRES,
          appMetadata: utf8("of the endpoint"),
        },
        {},
      ],
      totalRecords: BigInt(cmd.length + path.length),
      totalBytes: -1n,
      ordered: true,
      appMetadata: utf8("of the flight"),
    });
  }

  override getSchema() {
    return Promise.resolve({ schema: encodeSchema(numbers()[0].schema) });
  }

  override async *doGet(
    { ticket }: Ticket,
    call: CallContext,
  ): AsyncGenerator<FlightDataInit> {
    const name = text(ticket);
    call.subject = name;
    yield* encode(this.#items(name, call), OPTIONS[name]);
  }

  async *#items(name: string, call: CallContext): AsyncGenerator<EncodeItem> {
    if (name === "missing") throw new FlightError("NOT_FOUND", "there is no ticket");
    if (name === "large") {
      yield* tableFromArrays({ n: new Float64Array(10_000_000).fill(7) }).batches;
      return;
    }
    if (name in DICTIONARIES) return yield* wordBatches(DICTIONARIES[name]);
    for (const [index, batch] of numbers().entries()) {
      if (index === 2 && name === "breaks") {
        throw new FlightError("DATA_LOSS", "the rest is lost", {
          extraInfo: utf8("extra"),
        });
      }
      if (index === 2 && name === "bug") throw new RangeError("a secret");
      yield name === "metadata" ? { batch, appMetadata: utf8(String(index)) } : batch;
      while (name === "endless") yield batch;
      if (index === 2 && name === "hangs") await aborted(call.signal);
    }
  }

  /** Answers each batch at once with its metadata and its number of rows. */
  override async *doPut(
    messages: AsyncIterable<FlightData>,
  ): AsyncGenerator<Init<PutResult>> {
    const reader = decode(messages);
    const cmd = text((await reader.descriptor())?.cmd ?? utf8(""));
    if (cmd.startsWith("first")) yield { appMetadata: utf8("before all") };
    let rows = 0;
    for await (const { batch, appMetadata } of reader) {
      rows += batch?.numRows ?? 0;
      if (cmd === "first and last") continue;
      yield { appMetadata: appMetadata ?? utf8("none") };
    }
    if (cmd === "length") yield { appMetadata: utf8(String(rows)) };
    if (cmd === "first and last") yield { appMetadata: utf8(`after ${rows} rows`) };
  }

  override async *doExchange(
    messages: AsyncIterable<FlightData>,
    call: CallContext,
  ): AsyncGenerator<FlightDataInit> {
    const iterator = messages[Symbol.asyncIterator]();
    const first = await iterator.next();
    const command = text(first.value?.flightDescriptor?.cmd ?? utf8(""));
    call.subject = command;
    const rest = { [Symbol.asyncIterator]: () => iterator };
    if (command === "get") yield* encode(numbers());
    else if (command === "put") yield* countRows(rest);
    else if (command === "transform") yield* encode(doubled(decode(rest)));
    else if (command === "echo") {
      for await (const { flightDescriptor: _, ...message } of rest) yield message;
    } else throw new FlightError("UNIMPLEMENTED", `Cannot exchange: "${command}"?`);
  }

  override async *doAction(
    action: Action,
    call: CallContext,
  ): AsyncGenerator<Init<Result>> {
    const { type, body } = action;
    call.subject = type;
    const [word, ...rest] = type.split(" ");
    if (word === "echo") yield { body };
    else if (word === "twice") { for (let i = 0; i < 2; i++) yield { body }; }
    else if (word === "nothing") return;
    else if (word === "count") this.#count++;
    else if (word === "counted") yield { body: utf8(String(this.#count)) };
    else if (word === "cancelled") yield { body: utf8(this.cancelled.join("\n")) };
    else if (word === "hang") await aborted(call.signal);
    else if (word === "bug") throw new RangeError("a secret");
    else if (word === "deadline") {
      const left = (call.deadline?.getTime() ?? Infinity) - Date.now();
      yield { body: utf8(left < 60_000 ? "soon" : "later") };
    } else if (word === "fail") {
      const [code, extra] = rest;
      throw new FlightError(code as FlightErrorCode, text(body), {
        extraInfo: extra === undefined ? undefined : utf8(extra),
      });
    } else yield* super.doAction(action, call);
  }

  override async *listActions() {
    yield { type: "echo", description: "Gives its body." };
    yield { type: "nothing", description: "" };
  }

  override cancelFlightInfo({ appMetadata }: FlightInfo): Promise<CancelStatus> {
    return Promise.resolve(
      text(appMetadata) === "of the flight"
        ? "CANCEL_STATUS_CANCELLED"
        : "CANCEL_STATUS_NOT_CANCELLABLE",
    );
  }

  override renewFlightEndpoint(endpoint: FlightEndpoint): Promise<FlightEndpoint> {
    return Promise.resolve({ ...endpoint, expirationTime: RENEWED });
  }
}

/** One message of metadata: how many batches and rows came. */
async function* countRows(
  messages: AsyncIterable<FlightData>,
): AsyncGenerator<FlightDataInit> {
  const table: Table = await decode(messages).table();
  yield { appMetadata: utf8(`${table.batches.length} batches, ${table.numRows} rows`) };
}

/** The batches with each number doubled, and with their metadata in upper case. */
async function* doubled(
  items: AsyncIterable<DecodedBatch>,
): AsyncGenerator<EncodeItem> {
  for await (const { batch, appMetadata } of items) {
    const said = appMetadata && utf8(text(appMetadata).toUpperCase());
    if (batch === undefined) {
      yield { appMetadata: said };
      continue;
    }
    const n = Int32Array.from(batch.getChild("n")!, (value: number) => value * 2);
    yield { batch: tableFromArrays({ n }).batches[0], appMetadata: said };
  }
}

/** Rejects when the signal is aborted. */
async function aborted(signal: AbortSignal): Promise<never> {
  throw await reasonOf(signal);
}
