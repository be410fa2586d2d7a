/** What a client is told of an object store's errors. */
import { assert, assertEquals } from "@std/assert";
import { FlightError } from "../../mod.ts";
import { asFlightError, firstReason, isMissing } from "../../stores/s3/s3_errors.ts";

/** An error of the SDK: its code, and the status of the answer if there was one. */
function answer(name: string, httpStatusCode?: number): Error {
  const error = new Error(`the store says ${name}`);
  return Object.assign(error, { name, $metadata: { httpStatusCode } });
}

const REFUSAL = "the object store refuses the server's credentials";
const GONE = "the object store does not answer, or fails";

const ANSWERS: readonly [name: string, status: number | undefined, told: string][] = [
  ["AccessDenied", 403, REFUSAL],
  ["Unknown", 403, REFUSAL],
  ["ExpiredToken", 400, REFUSAL],
  ["InvalidToken", 400, REFUSAL],
  ["InvalidAccessKeyId", 403, REFUSAL],
  ["SignatureDoesNotMatch", 403, REFUSAL],
  ["CredentialsProviderError", undefined, REFUSAL],
  ["NoSuchBucket", 404, "the bucket is gone"],
  ["RequestTimeTooSkewed", 403, "its clock differs too much from the object store's"],
  ["SlowDown", 503, GONE],
  ["InternalError", 500, GONE],
  ["TooManyRequests", 429, GONE],
  ["TimeoutError", undefined, GONE],
];

for (const [name, status, told] of ANSWERS) {
  Deno.test(`${name} (${status}) is UNAVAILABLE: ${told}`, () => {
    const cause = answer(name, status);
    const error = asFlightError("put the table", cause);
    assert(error instanceof FlightError);
    assertEquals([error.code, error.cause], ["UNAVAILABLE", cause]);
    assert(error.message.startsWith(`Cannot put the table: ${told}`), error.message);
    assert(!error.message.includes("the store says"), error.message);
  });
}

Deno.test("only the answers that an object is missing mean that there is none", () => {
  for (const name of ["NoSuchKey", "NotFound", "NoSuchUpload", "Unknown"]) {
    assert(isMissing(answer(name, 404)), name);
    assert(!isMissing(answer(name, 403)), name);
  }
  for (const name of ["NoSuchBucket", "XAdminUserNotFound"]) {
    assert(!isMissing(answer(name, 404)), name);
  }
});

Deno.test("firstReason() is the message of the first of an error's causes", () => {
  const cause = new Error("refused", { cause: new Error("no route") });
  assertEquals(firstReason(new Error("failed", { cause })), "no route");
  assertEquals(firstReason("a text"), "a text");
});
