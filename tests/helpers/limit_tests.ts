/**
 * A limit on how long a test may take.
 *
 * @module
 */

/**
 * Ends each test that takes longer than so many milliseconds, and the tests of its file
 * with it. To be called before tests are registered, in a file that `deno test` loads
 * by --preload.
 */
export function limitTests(milliseconds: number): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  Deno.test.beforeEach(() => {
    timer = setTimeout(() => {
      throw new Error(`A test has taken longer than ${milliseconds} ms, the most`);
    }, milliseconds);
  });
  Deno.test.afterEach(() => clearTimeout(timer));
}
