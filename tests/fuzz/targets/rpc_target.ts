/**
 * Garbage for each of the ten methods: in protobuf, in gRPC's frames, in headers.
 *
 * @module
 */
import { AttackedServer, TOKEN } from "../calls/attacked_server.ts";
import { frameAnyhow } from "../calls/frames.ts";
import { mutateBytes } from "../mutate_bytes.ts";
import { Random } from "../../helpers/random.ts";
import {
  type RawAnswer,
  RawConnection,
  type RawRequest,
} from "../../helpers/wire/raw_call.ts";
import { rightRequest } from "../calls/requests.ts";
import { readSeeds, type Seed } from "../streams/seeds.ts";
import { checkDuration, Fault, type Outcome, type Target } from "../target.ts";

const SERVICE = "/arrow.flight.protocol.FlightService";
/** How long a case may take, in milliseconds. */
const MAX_TIME = 5000;
const MAX_WORD_LENGTH = 60;
/** How long an answer is waited for that need not come. */
const SOON = 20;

/** Headers that no gRPC library sends; undefined takes one away. */
const WRONG_HEADERS: readonly { readonly [name: string]: string | undefined }[] = [
  { "content-type": "text/plain" },
  { "content-type": undefined },
  { "content-type": "application/grpc+json" },
  { "te": undefined },
  { "grpc-timeout": "" },
  { "grpc-timeout": "1n" },
  { "grpc-timeout": "-5S" },
  { "grpc-timeout": "99999999999H" },
  { "grpc-timeout": "soon" },
  { "grpc-encoding": "gzip" },
  { "grpc-encoding": "gzip" },
  { "grpc-encoding": "deflate" },
  { "grpc-encoding": "snappy" },
  { "grpc-accept-encoding": ",," },
  { "authorization": undefined },
  { "authorization": "Bearer" },
  { "authorization": "Basic ====" },
  { "authorization": "Basic YWRhOmFkYQ==" },
  { "authorization": undefined, "auth-token-bin": "not base64!" },
  { "cookie": "arrow_flight_session_id=x; =; ;;a" },
  { "x-key-bin": "%%%" },
  { "grpc-previous-rpc-attempts": "-1" },
  { "grpc-message": "%" },
  { ":path": "/" },
  { ":path": SERVICE },
  { ":path": `${SERVICE}/Nothing` },
  { ":path": `${SERVICE}/constructor` },
  { ":path": `/${"x".repeat(9000)}` },
  { ":method": "GET" },
  { ":method": "OPTIONS" },
  { "x-long": "y".repeat(20_000) },
];

/** Calls by hand, with something wrong in most of them. */
export async function rpcTarget(seed: number): Promise<Target> {
  const seeds = readSeeds();
  const attacked = await AttackedServer.start();
  const connection = new RawConnection(attacked.server.location);
  return {
    count: Infinity,
    prepare(index) {
      const { request, what } = wrongRequest(seeds, new Random(seed, "rpc", index));
      return {
        describe: () => what,
        async run() {
          const started = performance.now();
          const outcome = outcomeOf(await connection.call(request), request);
          attacked.checkRecords();
          checkDuration(started, MAX_TIME, "the case");
          return outcome;
        },
      };
    },
    check: () => attacked.check(),
    async [Symbol.asyncDispose]() {
      await connection.close();
      await attacked[Symbol.asyncDispose]();
    },
  };
}

function wrongRequest(
  seeds: readonly Seed[],
  random: Random,
): { request: RawRequest; what: string } {
  const { method, messages } = rightRequest(seeds, random);
  const words = [method];
  const wrong = messages.map((message, index) => {
    if (index > 0 && !random.oneIn(4)) return message;
    if (random.oneIn(8)) return message;
    if (random.oneIn(8)) {
      words.push(`message ${index} is garbage`);
      return random.bytes(random.below(60));
    }
    const { result, what } = mutateBytes(message, random);
    words.push(`message ${index}: ${what}`);
    return result;
  });
  const { result: pieces, what } = frameAnyhow(wrong, random);
  words.push(what);
  const change = random.oneIn(4) ? random.pick(WRONG_HEADERS) : {};
  for (const [name, value = "missing"] of Object.entries(change)) {
    words.push(`${name} is ${value.slice(0, MAX_WORD_LENGTH)}`);
  }
  const end = random.oneIn(12)
    ? random.pick(["reset", "leave"] as const)
    : "close" as const;
  if (end !== "close") words.push(end);
  const headers = {
    ":method": "POST",
    ":path": `${SERVICE}/${method}`,
    "content-type": "application/grpc",
    "te": "trailers",
    "authorization": `Bearer ${TOKEN}`,
    ...change,
  };
  const given = Object.entries(headers).filter(([, value]) => value !== undefined);
  // Nobody waits for longer than the deadline that he has named.
  const isPatient = end === "close" && !("grpc-timeout" in change);
  const patience = isPatient ? 2 * MAX_TIME : SOON;
  const request = { headers: Object.fromEntries(given), pieces, end, patience };
  return { request, what: words.join("; ") };
}

/** What the server has said; it has to say something to a call that is one. */
function outcomeOf(
  { headers, trailers }: RawAnswer,
  { headers: sent, patience }: RawRequest,
): Outcome {
  const status = trailers["grpc-status"] ?? headers["grpc-status"];
  if (status === "0") return "accepted";
  if (status !== undefined || patience === SOON) return "refused";
  const isCall = `${sent["content-type"]}`.startsWith("application/grpc");
  const http = Number(headers[":status"] ?? 0);
  if (isCall && http < 400) throw new Fault(`no status came, but HTTP's ${http}`);
  return "refused";
}
