/**
 * Opens Arrow's two formats.
 *
 * @module
 */
import type { OpenSource } from "../source/file_source.ts";
import { MAGIC, startsLikeFile } from "./file_layout.ts";
import { MessageTable } from "./message_table.ts";
import { readFileMessages, readStreamMessages } from "./read_arrow.ts";

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
  const isFile = mayBeFile && startsLikeFile(await source.peek(MAGIC.length));
  // Only a file needs its end first: a stream by a pipe is read as it comes.
  const messages = isFile
    ? readFileMessages(await source.bytes(), file)
    : readStreamMessages(source.chunks(), file);
  return await MessageTable.open(messages, { columns, file });
}
