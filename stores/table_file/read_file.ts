/**
 * What a table's file is, by its end.
 *
 * @module
 */
import { fileNameOf } from "./file_name.ts";
import { DamagedFile, readTrailer, type TableFile } from "./trailer.ts";

/** The bytes at a file's end that are read first: mostly they are enough. */
export const TAIL_BYTES: number = 8 * 1024;

/**
 * What the file of this name and size is, or what is wrong with it. `last` reads so
 * many bytes at its end, `tail` are those that were read already.
 */
export async function readFile(
  fileName: string,
  size: number,
  last: (length: number) => Promise<Uint8Array>,
  tail?: Uint8Array,
): Promise<TableFile | DamagedFile> {
  try {
    let content = readTrailer(tail ?? await last(Math.min(TAIL_BYTES, size)), size);
    if (typeof content === "number") content = readTrailer(await last(content), size);
    if (typeof content === "number") {
      throw new DamagedFile("was changed while it was read");
    }
    const rightName = fileNameOf(content.entry.name);
    if (rightName === fileName) return content;
    throw new DamagedFile(`has the table that belongs in "${rightName}"`);
  } catch (error) {
    if (error instanceof DamagedFile) return error;
    throw error;
  }
}
