/**
 * A message of Arrow: what streams, files and FlightData carry.
 *
 * @module
 */
import type { FlightDataInit } from "../../../proto/flight_data.ts";

/** One Arrow IPC message. */
export interface ArrowMessage {
  /**
   * The flatbuffer Message, without continuation marker and length. Zero bytes may
   * follow after its end.
   */
  readonly header: Uint8Array;
  /** The message's body; empty when it has none. */
  readonly body: Uint8Array;
}

/** The messages as those of a flight. */
export async function* asFlightData(
  messages: Iterable<ArrowMessage> | AsyncIterable<ArrowMessage>,
): AsyncGenerator<FlightDataInit> {
  for await (const { header, body } of messages) {
    yield { dataHeader: header, dataBody: body };
  }
}
