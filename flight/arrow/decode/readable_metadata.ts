/**
 * Custom metadata that apache-arrow can hold: it knows texts only, and would put
 * replacement characters in the place of other bytes.
 *
 * @module
 */
import type { Field as FlatField } from "apache-arrow/fb/field";
import type { KeyValue } from "apache-arrow/fb/key-value";
import { Encoding } from "flatbuffers";
import { FlightError } from "../../errors.ts";
import { quote } from "../format/finding.ts";

/** What has custom metadata in a flatbuffer: a schema, a field or a message. */
interface Annotated {
  customMetadataLength(): number;
  customMetadata(index: number): KeyValue | null;
}

const decoder = new TextDecoder("utf-8", { fatal: true });

/**
 * Checks that the metadata is UTF-8.
 *
 * @throws {FlightError} UNIMPLEMENTED when it is not.
 */
export function checkMetadata(annotated: Annotated, owner: string): void {
  for (let index = 0; index < annotated.customMetadataLength(); index++) {
    const entry = annotated.customMetadata(index);
    for (
      const text of [entry?.key(Encoding.UTF8_BYTES), entry?.value(Encoding.UTF8_BYTES)]
    ) {
      if (text instanceof Uint8Array && !isText(text)) {
        throw new FlightError(
          "UNIMPLEMENTED",
          `Cannot read the ${owner}: its metadata ${
            quote(entry?.key() ?? "")
          } is not UTF-8, and apache-arrow for JavaScript holds only texts. ` +
            "Have the sender leave it out, or write it as base64",
        );
      }
    }
  }
}

/** Checks the metadata of a field and of those under it. */
export function checkFieldMetadata(field: FlatField): void {
  checkMetadata(field, `column ${quote(field.name() ?? "")}`);
  for (let index = 0; index < field.childrenLength(); index++) {
    const child = field.children(index);
    if (child !== null) checkFieldMetadata(child);
  }
}

function isText(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
