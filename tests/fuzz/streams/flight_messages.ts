/**
 * Arrow messages as Flight carries them.
 *
 * @module
 */
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import { commandDescriptor } from "../../../flight/protocol/from_text.ts";
import type { FlightDataInit } from "../../../proto/flight_data.ts";

/** FlightData whose body is in one piece. */
interface StoredBody {
  readonly dataBody: Uint8Array;
}

/** The messages as FlightData, the first of them with the name of the table, if there is one. */
export async function* asFlightData(
  messages: Iterable<ArrowMessage>,
  name?: string,
): AsyncGenerator<FlightDataInit> {
  yield* flightData(messages, name);
}

/** The same, all at once. */
export function flightData(
  messages: Iterable<ArrowMessage>,
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
