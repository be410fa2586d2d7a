/**
 * Arrow messages as Flight carries them.
 *
 * @module
 */
import { commandDescriptor } from "../../flight/protocol/from_text.ts";
import type { FlightDataInit } from "../../proto/flight_data.ts";
import type { StreamMessage } from "../helpers/arrow_stream.ts";

/** FlightData whose body is in one piece. */
interface StoredBody {
  readonly dataBody: Uint8Array;
}

/** The messages as FlightData, the first of them with the name of the table, if there is one. */
export async function* asFlightData(
  messages: Iterable<StreamMessage>,
  name?: string,
): AsyncGenerator<FlightDataInit> {
  yield* flightData(messages, name);
}

/** The same, all at once. */
export function flightData(
  messages: Iterable<StreamMessage>,
  name?: string,
): (FlightDataInit & StoredBody)[] {
  return [...messages].map(({ header, body }, index) => ({
    ...(index === 0 && name !== undefined
      ? { flightDescriptor: commandDescriptor(name) }
      : {}),
    dataHeader: header,
    dataBody: body,
  }));
}
