/**
 * The contract of rpc/transport.ts, over every pair of transports, with and without TLS:
 * each sentence of that file is a case, and what a transport cannot keep is in a table
 * that is tested as well. The cases that leave timers are in contract_dialling_test.ts.
 */
import { assertEquals } from "@std/assert";
import { COMMON_CASES, GAPS, testContract } from "./contract_pairs.ts";
import { TLS_CASES } from "./contract_tls.ts";

testContract({ timers: false });

Deno.test("what a transport cannot keep is named as the cases are", () => {
  const names = new Set([...COMMON_CASES, ...TLS_CASES].map(({ name }) => name));
  assertEquals(GAPS.filter(({ name }) => !names.has(name)), []);
});
