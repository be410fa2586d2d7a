/**
 * Hostile requests to an HttpDoor: streams, lengths, paths and headers.
 *
 * @module
 */
import { joinStream } from "../../helpers/tables/arrow_stream.ts";
import { utf8 } from "../../helpers/serving.ts";
import { attackTarget } from "./attack_target.ts";
import { AttackedServer, TOKEN } from "../calls/attacked_server.ts";
import { joinBytes } from "../../../base/join_bytes.ts";
import { mutateBytes, type Mutated } from "../mutate_bytes.ts";
import { Random } from "../../helpers/random.ts";
import { type Heard, sayTo } from "../../helpers/wire/raw_tcp.ts";
import { readSeeds, type Seed, wrongStream } from "../streams/seeds.ts";
import { Fault, type Outcome, type Target } from "../target.ts";

const METHODS = [
  "GET",
  "HEAD",
  "PUT",
  "PUT",
  "PUT",
  "PUT",
  "DELETE",
  "OPTIONS",
  "PATCH",
];
const PATHS = [
  "/tables/attack",
  "/tables/attack",
  "/tables/attack",
  "/tables",
  "/tables/",
  "/tables/%",
  "/tables/%ff",
  "/tables/a%2Fb",
  "/tables/../../etc",
  "/tables/attack?signature=x&expires=1&identity=ada",
  "/tables/attack?as=arrow",
  "/tables/attack?as=csv",
  "/tables/attack?as=parquet",
  "/tables/attack?as=xml",
  "/page/tables",
  "/page/tables/attack?columns=100",
  "/page/tables/attack?find=%ff&from=1&rows=1e9",
  "/page/main.js",
  "/page/../tables",
  "/",
  "*",
];

/** Requests by hand, with something wrong in most of them. */
export async function httpTarget(seed: number): Promise<Target> {
  const seeds = readSeeds();
  const attacked = await AttackedServer.start();
  const port = Number(attacked.http.location.split(":").at(-1));
  return attackTarget((index) => wrongHttp(seeds, new Random(seed, "http", index)), {
    attacked,
    async run(bytes) {
      const outcome = outcomeOf(await sayTo(port, bytes));
      attacked.checkRecords();
      return outcome;
    },
  });
}

function wrongHttp(seeds: readonly Seed[], random: Random): Mutated<Uint8Array> {
  const method = random.pick(METHODS);
  const path = random.pick(PATHS);
  const { result: messages, what } = wrongStream(seeds, random);
  const stream = joinStream(messages);
  const words = [method, path, what];
  let body = stream;
  if (random.oneIn(3)) {
    const change = mutateBytes(stream, random);
    body = change.result;
    words.push(change.what);
  }
  const token = random.oneIn(20) ? "wrong" : TOKEN;
  const head = [
    `${method} ${path} HTTP/1.1`,
    "host: 127.0.0.1",
    `authorization: Bearer ${token}`,
    "connection: close",
  ];
  const length = random.oneIn(10) ? random.below(2 * body.length + 1) : body.length;
  const isChunked = random.oneIn(4);
  if (isChunked) head.push("transfer-encoding: chunked");
  else if (!random.oneIn(40)) head.push(`content-length: ${length}`);
  const sent = isChunked
    ? joinBytes([utf8(`${body.length.toString(16)}\r\n`), body, utf8("\r\n0\r\n\r\n")])
    : body;
  const right = joinBytes([utf8(`${head.join("\r\n")}\r\n\r\n`), sent]);
  if (!random.oneIn(4)) return { result: right, what: words.join("; ") };
  const change = mutateBytes(right, random);
  words.push(`in all, ${change.what}`);
  return { result: change.result, what: words.join("; ") };
}

/** The response; there may be none to a request that is not whole. */
function outcomeOf({ bytes }: Heard): Outcome {
  if (bytes.length === 0) return "refused";
  const status = /^HTTP\/1\.[01] (\d{3}) /.exec(new TextDecoder().decode(bytes))?.[1];
  if (status === undefined) throw new Fault("the answer is not HTTP");
  if (status === "500") throw new Fault("the server has failed");
  return status.startsWith("2") ? "accepted" : "refused";
}
