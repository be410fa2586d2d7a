/**
 * Opens Arrow's two formats.
 *
 * @module
 */
import type { OpenSource } from "../source/file_source.ts";
import { MessageTable } from "./message_table.ts";
import { isArrowFile, readFileMessages, readStreamMessages } from "./read_arrow.ts";

/** How {@linkcode openArrow} reads. */
export interface ArrowOptions {
  /** Whether the source may be a file as well as a stream. */
  readonly mayBeFile: boolean;
  /** The columns to read. @default all */
  readonly columns?: readonly string[];
}

/** Opens a file or a stream of Arrow, and reads up to the schema. */
export async function openArrow(
  source: OpenSource,
  { mayBeFile, columns }: ArrowOptions,
): Promise<MessageTable> {
  const { name: file } = source;
  const bytes = mayBeFile ? await source.bytes() : undefined;
  const messages = bytes !== undefined && await isArrowFile(bytes)
    ? readFileMessages(bytes, file)
    : readStreamMessages(source.chunks(), file);
  return await MessageTable.open(messages, { columns, file });
}
