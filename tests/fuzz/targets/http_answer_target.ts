/**
 * Wrong answers to a client that reads a table over HTTP.
 *
 * @module
 */
import { FlightError } from "../../../flight/errors.ts";
import { decode } from "../../../flight/arrow/decode/decode.ts";
import { readHttp } from "../../../flight/client/read_http.ts";
import { joinStream } from "../../helpers/tables/arrow_stream.ts";
import { utf8 } from "../../helpers/serving.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { mutateBytes, type Mutated } from "../mutate_bytes.ts";
import { Random } from "../../helpers/random.ts";
import { TcpAnswerer } from "../../helpers/wire/raw_tcp.ts";
import { readValues } from "../streams/read_values.ts";
import { readSeeds, type Seed, wrongStream } from "../streams/seeds.ts";
import { checkDuration, type Target } from "../target.ts";

/** How long a read may take, in milliseconds, and a case. */
const TIMEOUT = 300;
const MAX_TIME = 5000;
const STATUSES = [
  "200 OK",
  "200 OK",
  "200 OK",
  "200 OK",
  "204 No Content",
  "404 Not Found",
  "500 Oh",
];

/** Streams at an HTTP location, with something wrong in most of them. */
export function httpAnswerTarget(seed: number): Target {
  const seeds = readSeeds();
  return {
    count: Infinity,
    prepare(index) {
      const random = new Random(seed, "http-answer", index);
      const { result, what } = wrongResponse(seeds, random);
      return {
        describe: () => what,
        async run() {
          const started = performance.now();
          await using answerer = new TcpAnswerer([result]);
          const uri = `http://127.0.0.1:${answerer.port}/tables/attack?secret=1`;
          try {
            const messages = readHttp(uri, { timeout: TIMEOUT });
            readValues(await decode(messages, { code: "INTERNAL" }).table());
            return "accepted";
          } catch (error) {
            if (error instanceof FlightError) return "refused";
            throw error;
          } finally {
            checkDuration(started, MAX_TIME, "the case");
          }
        },
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function wrongResponse(seeds: readonly Seed[], random: Random): Mutated<Uint8Array> {
  const { result: messages, what } = wrongStream(seeds, random);
  const words = [what];
  let body = joinStream(messages);
  if (random.oneIn(3)) {
    const change = mutateBytes(body, random);
    body = change.result;
    words.push(change.what);
  }
  const status = random.pick(STATUSES);
  const length = random.oneIn(6) ? random.below(2 * body.length + 1) : body.length;
  const head = [`HTTP/1.1 ${status}`, `content-length: ${length}`, "connection: close"];
  if (random.oneIn(10)) head.push("content-encoding: gzip");
  const right = joinBytes([utf8(`${head.join("\r\n")}\r\n\r\n`), body]);
  words.push(status, `${length} of ${body.length} bytes`);
  if (!random.oneIn(4)) return { result: right, what: words.join("; ") };
  const change = mutateBytes(right, random);
  words.push(`in all, ${change.what}`);
  return { result: change.result, what: words.join("; ") };
}
