/**
 * The table in a put over gRPC.
 *
 * @module
 */
import type { FlightData } from "../proto/flight_data.ts";
import { FlightError } from "../flight/errors.ts";
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";

/**
 * The Arrow messages of a put, whose first FlightData was read already. Application
 * metadata is left out.
 */
export async function* arrowMessages(
  first: IteratorResult<FlightData>,
  iterator: AsyncIterator<FlightData>,
): AsyncGenerator<ArrowMessage> {
  for (let next = first; !next.done; next = await iterator.next()) {
    const { dataHeader, dataBody } = next.value;
    if (dataHeader.length === 0 && dataBody.length > 0) {
      throw new FlightError(
        "INVALID_ARGUMENT",
        "Cannot keep the table: a message has a body, but no header",
      );
    }
    // A message without a header has application metadata only.
    if (dataHeader.length > 0) yield { header: dataHeader, body: dataBody };
  }
}
