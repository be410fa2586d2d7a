/**
 * What reads a file of one format.
 *
 * @module
 */
import type { RecordBatch } from "apache-arrow";
import type { ArrowMessage } from "../flight/arrow/format/arrow_message.ts";
import type { ArrowSchema } from "../flight/arrow/format/arrow_schema.ts";

/** A file whose schema is known. */
export interface TableReader {
  /** The schema, of the columns that are read. It may throw a FileError. */
  readonly schema: ArrowSchema;
  /** The rows. */
  batches(): AsyncGenerator<RecordBatch>;
  /** The messages as they are in the file; in formats of Arrow only, with all columns. */
  messages?(): AsyncGenerator<ArrowMessage> | undefined;
  /** Ends the reading. */
  close?(): Promise<void>;
}
