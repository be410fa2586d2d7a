/**
 * Endpoints that expire.
 *
 * @module
 */
import type { FlightEndpoint } from "../../proto/messages.ts";
import { FlightError } from "../errors.ts";
import { dateOf } from "../protocol/timestamps.ts";
import type { CallOptions } from "./call_options.ts";
import type { FlightClient } from "./flight_client.ts";

/** When and how an endpoint is renewed. */
export interface RenewOptions extends CallOptions {
  /**
   * An endpoint that expires within so many milliseconds is renewed; 0 never renews.
   * @default 5000
   */
  readonly renewWithin?: number;
}

/**
 * The endpoint, with a later expiry when its own is near. When it cannot be renewed
 * it stays as it is: whoever has the data says whether its ticket is still good.
 */
export async function renewedEndpoint(
  client: FlightClient,
  endpoint: FlightEndpoint,
  { headers, signal, timeout, renewWithin = 5000 }: RenewOptions,
): Promise<FlightEndpoint> {
  const { expirationTime } = endpoint;
  const left = expirationTime === undefined
    ? Infinity
    : dateOf(expirationTime).getTime() - Date.now();
  if (left >= renewWithin || renewWithin === 0) return endpoint;
  try {
    return await client.renewFlightEndpoint(endpoint, { headers, signal, timeout });
  } catch (error) {
    if (error instanceof FlightError && !signal?.aborted) return endpoint;
    throw error;
  }
}
