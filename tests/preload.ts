/**
 * What `deno test` loads before each file of tests: no test may hang, not even on a
 * machine that has much else to do.
 *
 * @module
 */
import { limitTests } from "./helpers/limit_tests.ts";

/** Far more than any test takes, in milliseconds. */
const MAX_TEST_TIME = 300_000;

limitTests(MAX_TEST_TIME);
