/**
 * Custom metadata as texts, which is all that apache-arrow can hold.
 *
 * @module
 */
import { FlightError } from "../../errors.ts";
import { quote } from "../format/finding.ts";
import type { MetadataPair } from "../format/message_header.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
/** For names in errors. */
const lenient = new TextDecoder();

/**
 * The metadata of a schema, a column or a batch.
 *
 * @throws {FlightError} UNIMPLEMENTED when it is not UTF-8: apache-arrow would put
 * replacement characters in the place of other bytes.
 */
export function textMetadata(
  pairs: readonly MetadataPair[],
  owner: string,
): Map<string, string> {
  const metadata = new Map<string, string>();
  for (const [key, value] of pairs) {
    try {
      metadata.set(decoder.decode(key), decoder.decode(value));
    } catch (cause) {
      throw new FlightError(
        "UNIMPLEMENTED",
        `Cannot read the ${owner}: its metadata ${
          quote(lenient.decode(key))
        } is not UTF-8, and apache-arrow for JavaScript holds only texts. ` +
          "Have the sender leave it out, or write it as base64",
        { cause },
      );
    }
  }
  return metadata;
}
