/**
 * Every benchmark, one after the other: `deno task bench`.
 *
 * @module
 */
import "./codec.ts";
import "./crowd.ts";
import "./scale.ts";
import "./stores.ts";
import "./transfer.ts";
