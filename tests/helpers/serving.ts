/** Helpers for the tests of TinyServer and TinyClient. */
import { assertEquals, assertRejects } from "@std/assert";
import {
  FlightError,
  type FlightErrorCode,
  TinyClient,
  TinyServer,
  type TinyServerOptions,
} from "../../mod.ts";
import type { CallRecord } from "../../flight/server/call_record.ts";

/** A server, a client of it, and the calls that have ended. */
export interface Serving extends AsyncDisposable {
  readonly server: TinyServer;
  readonly client: TinyClient;
  readonly records: CallRecord[];
}

/** Starts a server on a free port, with a client of it. */
export async function serving(options: TinyServerOptions = {}): Promise<Serving> {
  const records: CallRecord[] = [];
  const onCall = (record: CallRecord) => records.push(record);
  const server = await new TinyServer({ port: 0, onCall, ...options }).listen();
  const client = await TinyClient.connect(server.location);
  records.length = 0;
  return {
    server,
    client,
    records,
    async [Symbol.asyncDispose]() {
      client.close();
      await server.shutdown();
    },
  };
}

/** Fails unless the promise is rejected with a FlightError of this code; gives it. */
export async function assertFlightError(
  run: () => PromiseLike<unknown>,
  code: FlightErrorCode,
): Promise<FlightError> {
  const error = await assertRejects(run, FlightError);
  assertEquals(error.code, code, error.message);
  return error;
}

/** All items of a stream. */
export async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

/** The UTF-8 bytes of a text. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
