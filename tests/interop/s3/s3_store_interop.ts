/** The S3 store over a real object store. */
import { testStore } from "../../../stores/testing/mod.ts";
import { Gateway } from "./s3_gateway.ts";

let shared: Gateway | undefined;

Deno.test.beforeAll(async () => {
  shared = await Gateway.start();
});

Deno.test.afterAll(async () => {
  await shared?.[Symbol.asyncDispose]();
});

for (
  const [kind, options] of Object.entries({
    "S3Store": {},
    "S3Store with pieces": { pieceBytes: 6 * 1024 ** 2 },
  })
) {
  testStore(
    async () => {
      const prefix = shared!.newPrefix();
      const store = () => shared!.store(prefix, options);
      return { store: await store(), other: await store() };
    },
    (name, run) => Deno.test(`${kind} over versitygw: ${name}`, run),
  );
}
