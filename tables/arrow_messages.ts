/**
 * The table in a put over gRPC.
 *
 * @module
 */
import type { FlightData } from "../proto/flight_data.ts";
import type { FlightDescriptor } from "../proto/messages.ts";
import { FlightError } from "../flight/errors.ts";
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";

/** A put whose first message was read. */
export interface IncomingPut extends AsyncDisposable {
  /** What names the table. */
  readonly descriptor: FlightDescriptor;
  /** The table's messages. */
  readonly messages: AsyncIterable<ArrowMessage>;
}

/**
 * Reads a put up to its descriptor, in the first message.
 *
 * @throws {FlightError} INVALID_ARGUMENT, when there is none.
 */
export async function readPut(
  messages: AsyncIterable<FlightData>,
): Promise<IncomingPut> {
  const iterator = messages[Symbol.asyncIterator]();
  const first = await iterator.next();
  const descriptor: FlightDescriptor | undefined = first.value?.flightDescriptor;
  if (descriptor === undefined) {
    await iterator.return?.();
    throw new FlightError(
      "INVALID_ARGUMENT",
      "Cannot keep the table: the first message has to have a descriptor, which names it",
    );
  }
  return {
    descriptor,
    messages: arrowMessages(first, iterator),
    async [Symbol.asyncDispose]() {
      await iterator.return?.();
    },
  };
}

/**
 * The Arrow messages of a put, whose first FlightData was read already. Application
 * metadata is left out.
 */
async function* arrowMessages(
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
