/**
 * Finds commands of Flight SQL where a table's name is expected.
 *
 * @module
 */
import { FieldReader } from "../proto/field_reader.ts";

const PACKAGE = "arrow.flight.protocol.sql.";
/** The tag of `type_url`, the first field of a google.protobuf.Any, a text. */
const TYPE_URL = (1 << 3) + 2;

/** The type of every command is shorter. */
const MAX_URL_BYTES = 256;

/**
 * The Flight SQL command in a descriptor's `cmd` or in a ticket, such as
 * `CommandStatementIngest`; undefined when the bytes are something else. Such a command
 * is a google.protobuf.Any ("Flight SQL" in the Arrow specification), which begins with
 * its type.
 */
export function sqlCommandIn(bytes: Uint8Array): string | undefined {
  if (bytes[0] !== TYPE_URL) return undefined;
  const type = typeOf(bytes.subarray(1, MAX_URL_BYTES));
  return type.startsWith(PACKAGE) ? type.slice(PACKAGE.length) : undefined;
}

/** The type in a URL of any host: the text after the last slash. */
function typeOf(field: Uint8Array): string {
  try {
    const url = new FieldReader("google.protobuf.Any", field).text();
    return url.slice(url.lastIndexOf("/") + 1);
  } catch (error) {
    if (error instanceof SyntaxError) return "";
    throw error;
  }
}
