/**
 * The scenarios by the names that the integration suite has for them.
 *
 * @module
 */
import { appMetadata } from "./app_metadata.ts";
import { authBasic } from "./auth_basic.ts";
import { defaultScenario } from "./default.ts";
import { exchangeEcho } from "./exchange_echo.ts";
import {
  expirationTimeCancel,
  expirationTimeDoGet,
  expirationTimeListActions,
  expirationTimeRenew,
} from "./expiration_time.ts";
import { middleware } from "./middleware.ts";
import { ordered } from "./ordered.ts";
import { pollFlightInfo } from "./poll_flight_info.ts";
import { reuseConnection } from "./reuse_connection.ts";
import type { Scenario } from "./scenario.ts";
import { sessionOptions } from "./session_options.ts";

/** Every scenario of the suite but those of Flight SQL; the default's name is empty. */
export const SCENARIOS: ReadonlyMap<string, Scenario> = new Map(Object.entries({
  "": defaultScenario,
  "auth:basic_proto": authBasic,
  "middleware": middleware,
  "ordered": ordered,
  "expiration_time:do_get": expirationTimeDoGet,
  "expiration_time:list_actions": expirationTimeListActions,
  "expiration_time:cancel_flight_info": expirationTimeCancel,
  "expiration_time:renew_flight_endpoint": expirationTimeRenew,
  "do_exchange:echo": exchangeEcho,
  "location:reuse_connection": reuseConnection,
  "session_options": sessionOptions,
  "poll_flight_info": pollFlightInfo,
  "app_metadata_flight_info_endpoint": appMetadata,
}));

/**
 * The scenario of this name.
 *
 * @throws {Error} when there is none, and says which there are.
 */
export function findScenario(name: string): Scenario {
  const scenario = SCENARIOS.get(name);
  if (scenario === undefined) {
    const names = [...SCENARIOS.keys()].filter((other) => other !== "").join(", ");
    throw new Error(`Cannot find the scenario "${name}": there are ${names}`);
  }
  return scenario;
}
