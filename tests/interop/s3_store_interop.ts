/** The S3 store over a real object store. */
import { testStore } from "../../stores/testing/mod.ts";
import { Gateway } from "./s3_gateway.ts";

let shared: Gateway | undefined;

Deno.test.beforeAll(async () => {
  shared = await Gateway.start();
});

Deno.test.afterAll(async () => {
  await shared?.[Symbol.asyncDispose]();
});

testStore(
  async () => {
    const prefix = shared!.newPrefix();
    return { store: await shared!.store(prefix), other: await shared!.store(prefix) };
  },
  (name, run) => Deno.test(`S3Store over versitygw: ${name}`, run),
);
