/**
 * Wrong streams, put and got over the network.
 *
 * @module
 */
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import { FlightError, type FlightErrorCode } from "../../../flight/errors.ts";
import { ticketOf } from "../../../flight/protocol/from_text.ts";
import type { FlightDataInit } from "../../../proto/flight_data.ts";
import { collect } from "../../helpers/serving.ts";
import { AttackedServer } from "../calls/attacked_server.ts";
import { asFlightData } from "../streams/flight_messages.ts";
import { Random } from "../../helpers/random.ts";
import { readValues } from "../streams/read_values.ts";
import { readSeeds, wrongStream } from "../streams/seeds.ts";
import { checkDuration, Fault, type Outcome, type Target } from "../target.ts";

const TABLE = "attack";
/** How long a case may take, in milliseconds, and each of its calls. */
const MAX_TIME = 5000;
const REFUSALS: readonly FlightErrorCode[] = ["INVALID_ARGUMENT"];
const CLIENT_REFUSALS: readonly FlightErrorCode[] = [
  "INTERNAL",
  "UNIMPLEMENTED",
  "DATA_LOSS",
];
/** FlightData's header may end in so many zeros more than it was put with. */
const MAX_PADDING = 15;

/** Puts of wrong streams, and gets of those that the server took. */
export async function putTarget(seed: number): Promise<Target> {
  const seeds = readSeeds();
  const attacked = await AttackedServer.start();
  return {
    count: Infinity,
    prepare(index) {
      const random = new Random(seed, "put", index);
      const { result, what } = wrongStream(seeds, random);
      const name = random.oneIn(40) ? undefined : TABLE;
      return {
        describe: () => name === undefined ? `${what}, put without a name` : what,
        run: async () => {
          const started = performance.now();
          const outcome = await putAndGet(attacked, result, name);
          attacked.checkRecords();
          checkDuration(started, MAX_TIME, "the case");
          return outcome;
        },
      };
    },
    check: () => attacked.check(),
    [Symbol.asyncDispose]: () => attacked[Symbol.asyncDispose](),
  };
}

async function putAndGet(
  { client, fast, whole }: AttackedServer,
  messages: readonly ArrowMessage[],
  name: string | undefined,
): Promise<Outcome> {
  const timeout = { timeout: MAX_TIME };
  const put = client.flight.doPut(asFlightData(messages, name), timeout);
  if (!await succeeds(() => collect(put), REFUSALS)) return "refused";
  if (name === undefined) throw new Fault("a table without a name was taken");
  const kept = await collect(whole.flight.doGet(ticketOf(name), timeout));
  // What has no header counts as application metadata alone.
  checkKept(messages.filter(({ header }) => header.length > 0), kept);
  const readings = [
    async () => readValues(await whole.getTable(name, timeout)),
    async () => readValues(await client.getTable(name, timeout)),
    async () => readValues(await fast.getTable(name, timeout)),
    () => client.tableInfo(name, timeout),
  ];
  const results: boolean[] = [];
  for (const reading of readings) {
    results.push(await succeeds(reading, [...CLIENT_REFUSALS, ...REFUSALS]));
  }
  const [isRead, inPieces, overHttp] = results;
  if (isRead && !inPieces) throw new Fault("only the pieces cannot be read");
  if (isRead !== overHttp) throw new Fault("over HTTP it is otherwise");
  return isRead ? "accepted" : "refused";
}

/** Whether something succeeds; it may fail only with a FlightError of these codes. */
async function succeeds(
  run: () => Promise<unknown>,
  codes: readonly FlightErrorCode[],
): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if (error instanceof FlightError && codes.includes(error.code)) return false;
    throw error;
  }
}

/** Fails unless the table is what was put, byte for byte. */
function checkKept(
  put: readonly ArrowMessage[],
  kept: readonly FlightDataInit[],
): void {
  if (put.length !== kept.length) {
    throw new Fault(`${kept.length} messages were kept of ${put.length}`);
  }
  put.forEach(({ header, body }, index) => {
    const { dataHeader = new Uint8Array(0), dataBody } = kept[index];
    const padding = dataHeader.subarray(header.length);
    const isSame = same(dataHeader.subarray(0, header.length), header) &&
      padding.length <= 2 * MAX_PADDING && padding.every((byte) => byte === 0) &&
      same(dataBody as Uint8Array, body);
    if (!isSame) throw new Fault(`message ${index} is not kept as it was put`);
  });
}

function same(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, index) => byte === other[index]);
}
