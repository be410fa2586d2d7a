/**
 * A stand-in for `@std/assert` over `node:assert`, so that the tests run on a
 * machine that reaches npm but not JSR. It has only the names the tests use.
 *
 * @module
 */
import assertModule from "node:assert";

/** The error of an assertion that does not hold. */
export const AssertionError: typeof assertModule.AssertionError =
  assertModule.AssertionError;

/** Fails unless `value` is truthy. */
export function assert(value: unknown, message?: string): asserts value {
  assertModule.ok(value, message);
}

/** Fails unless both values are equal in depth, and of the same classes. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assertModule.deepStrictEqual(actual, expected, message);
}

/** Fails when both values are equal in depth. */
export function assertNotEquals<T>(actual: T, expected: T, message?: string): void {
  assertModule.notDeepStrictEqual(actual, expected, message);
}

/** Fails unless both are the same value. */
export function assertStrictEquals<T>(actual: T, expected: T, message?: string): void {
  assertModule.strictEqual(actual, expected, message);
}

/** Fails unless `actual` is neither null nor undefined. */
export function assertExists<T>(
  actual: T,
  message?: string,
): asserts actual is NonNullable<T> {
  assertModule.ok(actual !== null && actual !== undefined, message);
}

/** Fails unless `actual` contains `expected`. */
export function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void {
  assertModule.ok(
    actual.includes(expected),
    message ??
      `Expected ${JSON.stringify(actual)} to include ${JSON.stringify(expected)}`,
  );
}

/** Fails unless `actual` matches `expected`. */
export function assertMatch(actual: string, expected: RegExp, message?: string): void {
  assertModule.match(actual, expected, message);
}

// deno-lint-ignore no-explicit-any -- any constructor of errors fits
type ErrorClass<E extends Error> = new (...args: any[]) => E;

function checkError<E extends Error>(
  error: unknown,
  errorClass: ErrorClass<E> | undefined,
  includes: string | undefined,
): E {
  assertModule.ok(error instanceof Error, `Expected an Error, got ${String(error)}`);
  if (errorClass !== undefined) {
    assertModule.ok(
      error instanceof errorClass,
      `Expected ${errorClass.name}, got ${error.name}: ${error.message}`,
    );
  }
  if (includes !== undefined) assertStringIncludes(error.message, includes);
  return error as E;
}

/** Fails unless `fn` throws; gives the error. */
export function assertThrows<E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  includes?: string,
): E {
  try {
    fn();
  } catch (error) {
    return checkError(error, errorClass, includes);
  }
  throw new AssertionError({ message: "Expected the function to throw" });
}

/** Fails unless the promise of `fn` is rejected; gives the error. */
export async function assertRejects<E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  includes?: string,
): Promise<E> {
  try {
    await fn();
  } catch (error) {
    return checkError(error, errorClass, includes);
  }
  throw new AssertionError({ message: "Expected the promise to be rejected" });
}
