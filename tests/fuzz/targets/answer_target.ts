/**
 * Wrong answers for the clients, from a hostile server.
 *
 * @module
 */
import { cookieJar, FlightClient, FlightError, TinyClient } from "../../../mod.ts";
import { collect } from "../../helpers/serving.ts";
import { wrongAnswer } from "../calls/answers.ts";
import { CLIENT_CALLS } from "../calls/client_calls.ts";
import {
  type Answer,
  HostileServer,
  RIGHT_HEADERS,
  RIGHT_TRAILERS,
} from "../../helpers/wire/hostile_server.ts";
import { Random } from "../../helpers/random.ts";
import { readSeeds } from "../streams/seeds.ts";
import { checkDuration, Fault, type Target } from "../target.ts";

/** How long a case may take, in milliseconds. */
const MAX_TIME = 6000;
const RIGHT_ANSWER: Answer = {
  headers: RIGHT_HEADERS,
  pieces: [],
  trailers: RIGHT_TRAILERS,
  end: "trailers",
};

/** Calls of every kind, each answered wrongly in another way. */
export async function answerTarget(seed: number): Promise<Target> {
  const seeds = readSeeds();
  const hostile = await HostileServer.start();
  const flight = new FlightClient(hostile.location, { middleware: [cookieJar()] });
  const client = new TinyClient(flight, { http: false });
  return {
    count: Infinity,
    prepare(index) {
      const random = new Random(seed, "answer", index);
      const [name, call] = random.pick(CLIENT_CALLS);
      const words: string[] = [];
      return {
        describe: () => `${name}${words.map((word) => `; ${word}`).join("")}`,
        async run() {
          const started = performance.now();
          hostile.answer = (method) => {
            const { result, what } = wrongAnswer(method, seeds, random);
            words.push(`${method} answers ${what}`);
            return result;
          };
          try {
            await call(client);
            return "accepted";
          } catch (error) {
            if (!(error instanceof FlightError)) throw error;
            // Each answer comes to an end, so that nobody has to wait for one.
            if (error.code !== "DEADLINE_EXCEEDED") return "refused";
            throw new Fault("the call does not end with its answer", error);
          } finally {
            checkDuration(started, MAX_TIME, "the case");
          }
        },
      };
    },
    async check() {
      hostile.answer = () => RIGHT_ANSWER;
      const actions = await collect(flight.listActions({ timeout: MAX_TIME }));
      if (actions.length > 0) {
        throw new Fault("the client has an answer that is not its own");
      }
    },
    async [Symbol.asyncDispose]() {
      client.close();
      await hostile[Symbol.asyncDispose]();
    },
  };
}
