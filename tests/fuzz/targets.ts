/**
 * All that the fuzzer tries cases on, by name.
 *
 * @module
 */
import { streamNames } from "../helpers/tables/arrow_stream.ts";
import { answerTarget } from "./targets/answer_target.ts";
import { byteTarget } from "./targets/byte_target.ts";
import { corpusTarget } from "./targets/corpus_target.ts";
import { hpackTarget } from "./targets/hpack_target.ts";
import { httpAnswerTarget } from "./targets/http_answer_target.ts";
import { clientHttp2Target, serverHttp2Target } from "./targets/http2_target.ts";
import { httpTarget } from "./targets/http_target.ts";
import { clientMemoryTarget, serverMemoryTarget } from "./targets/memory_target.ts";
import { pageTarget } from "./targets/page_target.ts";
import { putTarget } from "./targets/put_target.ts";
import { rpcTarget } from "./targets/rpc_target.ts";
import { streamTarget } from "./targets/stream_target.ts";
import type { Target } from "./target.ts";
import { clientWireTarget, serverWireTarget } from "./targets/wire_target.ts";

type Opener = (seed: number) => Target | Promise<Target>;

const OPENERS: Readonly<Record<string, Opener>> = {
  "stream": streamTarget,
  "page": pageTarget,
  "put": putTarget,
  "rpc": rpcTarget,
  "http": httpTarget,
  "answer": answerTarget,
  "http-answer": httpAnswerTarget,
  "server-wire": serverWireTarget,
  "client-wire": clientWireTarget,
  "server-http2": serverHttp2Target,
  "client-http2": clientHttp2Target,
  "server-memory": serverMemoryTarget,
  "client-memory": clientMemoryTarget,
  "hpack": hpackTarget,
};
const BYTE = "byte:";
const CORPUS = "corpus:";

/** The targets whose cases are made up. */
export const TARGETS: readonly string[] = Object.keys(OPENERS);

/**
 * The targets with every one-byte change of a stream, for streams of so many bytes at
 * most. Those with sliced batches have the types of others, several times.
 */
export function byteTargets(mostBytes: number): string[] {
  return streamNames().filter((name) => !name.endsWith("_sliced"))
    .map((name) => BYTE + name)
    .filter((name) => openBytes(name).count <= 255 * mostBytes);
}

/** The target with the files of a folder. */
export function corpusOf(folder: string): string {
  return CORPUS + folder;
}

/**
 * The target of this name, ready for its cases.
 *
 * @throws {TypeError} when there is none.
 */
export async function openTarget(name: string, seed: number): Promise<Target> {
  if (name.startsWith(BYTE)) return openBytes(name);
  if (name.startsWith(CORPUS)) return await corpusTarget(name.slice(CORPUS.length));
  const open = OPENERS[name];
  if (open === undefined) {
    throw new TypeError(
      `Cannot open the target "${name}": there are ${
        TARGETS.join(", ")
      }, and byte:NAME`,
    );
  }
  return await open(seed);
}

function openBytes(name: string): Target {
  return byteTarget(name.slice(BYTE.length));
}
