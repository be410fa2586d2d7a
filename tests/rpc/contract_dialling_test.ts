/**
 * The cases of the contract of rpc/transport.ts in which grpc-js's client leaves timers,
 * as it is closed while it dials.
 */
import { testContract } from "./contract_pairs.ts";

testContract({ timers: true });
