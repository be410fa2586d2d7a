/** What the stores are told that they cannot use. */
import { assertEquals, assertRejects } from "@std/assert";
import { DirectoryStore } from "../../stores/directory/mod.ts";
import { S3Store } from "../../stores/s3/mod.ts";

const credentials = { accessKeyId: "k", secretAccessKey: "s3cr3t" };

/** Fails unless it rejects with an error of this class and message, and no secret. */
async function assertMisuse(
  run: () => Promise<unknown>,
  errorClass: typeof TypeError | typeof RangeError,
  message: string,
) {
  const error = await assertRejects(run, errorClass);
  assertEquals(error.message, message);
}

Deno.test("DirectoryStore.open() refuses what is no path, and options that are none", async () => {
  await assertMisuse(
    () => DirectoryStore.open(undefined as never),
    TypeError,
    'Cannot use the path undefined: it has to be a text, such as "data/tables"',
  );
  await assertMisuse(
    () => DirectoryStore.open("x", { onproblem: () => {} } as never),
    TypeError,
    'Cannot use the option "onproblem": DirectoryStore does not have it; perhaps you mean onProblem',
  );
});

Deno.test("S3Store.open() refuses locations and options that are none, before any request", async () => {
  for (const location of ["bucket", "s3://", "s3://Bucket", "https://bucket/prefix"]) {
    await assertMisuse(
      () => S3Store.open(location, { credentials }),
      RangeError,
      `Cannot use the location "${location}": it has to be a bucket and a prefix, such as s3://bucket/prefix`,
    );
  }
  const open = (options: unknown) => () =>
    S3Store.open("s3://bucket/prefix", options as never);
  const wanted = "{ accessKeyId, secretAccessKey }, or a function that gives this";
  await assertMisuse(
    open({}),
    TypeError,
    `Cannot use the credentials undefined: it has to be ${wanted}`,
  );
  await assertMisuse(
    open({ credentials: { accessKeyId: "k", secret: "s3cr3t" } }),
    TypeError,
    `Cannot use the credentials an object: it has to be ${wanted}`,
  );
  await assertMisuse(
    open({ credentials, partBytes: 1000 }),
    RangeError,
    "Cannot use the partBytes 1000: it has to be a whole number from 5242880 to 5368709120",
  );
});
