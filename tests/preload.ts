/**
 * What `deno test` loads before each file of tests: no test may hang, not even on a
 * machine that has much else to do.
 *
 * @module
 */
import { limitTests } from "./helpers/limit_tests.ts";

/** Some four times what the slowest test takes on a very busy machine, in milliseconds. */
const MAX_TEST_TIME = 600_000;

limitTests(MAX_TEST_TIME);
