/** The S3 store over an object store that refuses what the server asks for. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { S3Credentials, S3Store, TableMessage } from "../../../stores/s3/mod.ts";
import {
  assertHas,
  listNames,
  putSample,
  sampleTable,
} from "../../../stores/testing/samples.ts";
import { assertFlightError } from "../../helpers/serving.ts";
import { Gateway } from "./s3_gateway.ts";

const GOOD: S3Credentials = { accessKeyId: "key", secretAccessKey: "secret" };
const REFUSED: Readonly<Record<string, S3Credentials>> = {
  "a wrong key": { ...GOOD, secretAccessKey: "wrong" },
  "an unknown name": { ...GOOD, accessKeyId: "nobody" },
};
const REFUSAL = "the object store refuses the server's credentials";

const SMALL = await sampleTable("t", 1);
/** Some 40 MB, which are several parts. */
const LARGE = await sampleTable("t", 2, { batches: 20, rows: 2 ** 18 });

/** Puts the large table, and does something in the middle. */
function putWith(store: S3Store, action: () => Promise<void> | void) {
  async function* incoming(): AsyncGenerator<TableMessage> {
    for (const [index, message] of LARGE.messages.entries()) {
      if (index === 12) await action();
      yield message;
    }
  }
  return store.put(LARGE.name, LARGE.descriptor, incoming());
}

/** Fails unless every call is UNAVAILABLE for this reason. */
async function assertUnavailable(store: S3Store, reason: string): Promise<void> {
  const calls: Readonly<Record<string, () => Promise<unknown>>> = {
    get: () => store.get("t"),
    list: () => listNames(store),
    put: () => putSample(store, SMALL),
    "put of parts": () => putWith(store, () => {}),
    sweep: () => store.sweep(),
  };
  for (const [call, run] of Object.entries(calls)) {
    const { message } = await assertFlightError(run, "UNAVAILABLE");
    assert(message.includes(reason), `${call}: ${message}`);
  }
}

/** What a client is told when the connection is closed before there is an answer. */
const NO_ANSWER = "the object store does not answer";

for (const [what, refused] of Object.entries(REFUSED)) {
  Deno.test(`S3Store is UNAVAILABLE with ${what}, and goes on with a right one`, async () => {
    await using gateway = await Gateway.start();
    let current = GOOD;
    // A key that has expired already is asked for before each request.
    const credentials = () =>
      Promise.resolve({ ...current, expiration: new Date(Date.now() + 1) });
    const store = await gateway.store("p", { credentials });
    await putSample(store, SMALL);
    const put = putWith(store, () => {
      current = refused;
    });
    const { message } = await assertFlightError(() => put, "UNAVAILABLE");
    // Who closes a connection on which bytes still come may take its answer away.
    assert(message.includes(REFUSAL) || message.includes(NO_ANSWER), message);
    await assertUnavailable(store, REFUSAL);
    current = GOOD;
    await assertHas(store, SMALL);
    await putWith(store, () => {});
    await assertHas(store, LARGE);
  });

  Deno.test(`S3Store.open() says what the object store says of ${what}`, async () => {
    await using gateway = await Gateway.start();
    const error = await assertRejects(
      () => gateway.store("p", { credentials: refused }),
      Error,
    );
    const start = `Cannot use s3://tables/p at ${gateway.endpoint}: `;
    assert(error.message.startsWith(start), error.message);
    assert(error.message.length > start.length + 10, error.message);
  });
}

Deno.test("S3Store asks for other credentials in the middle of a put, before they expire", async () => {
  await using gateway = await Gateway.start();
  let asked = 0;
  let expiration = new Date(Date.now() + 60 * 60 * 1000);
  const credentials = () => {
    asked++;
    return Promise.resolve({ ...GOOD, expiration });
  };
  const store = await gateway.store("p", { credentials });
  const before = asked;
  expiration = new Date(0);
  const renewed = await gateway.store("p", { credentials });
  await putWith(renewed, () => {
    expiration = new Date(Date.now() + 60 * 60 * 1000);
  });
  assert(asked > before + 5, `asked ${asked - before} times`);
  await assertHas(store, LARGE);
});

Deno.test("S3Store is UNAVAILABLE while its bucket is gone, and then has all tables", async () => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("p");
  await putSample(store, SMALL);
  await gateway.hideBucket(true);
  await assertUnavailable(store, "the bucket is gone");
  const error = await assertRejects(() => gateway.store("p"), Error);
  assertEquals(
    error.message,
    `Cannot use s3://tables/p at ${gateway.endpoint}: The specified bucket does not exist.`,
  );
  await gateway.hideBucket(false);
  await assertHas(store, SMALL);
});
