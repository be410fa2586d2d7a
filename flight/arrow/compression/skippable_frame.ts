/**
 * Skippable frames, which LZ4 and Zstandard have in common: bytes for applications,
 * which a decompressor passes over.
 *
 * @module
 */

/** The least of the sixteen magic numbers. */
const FIRST_MAGIC = 0x184d2a50;
const HEADER_BYTES = 8;

/**
 * Where the skippable frame ends that starts at this byte; undefined when none starts
 * there. It may end after the bytes.
 */
export function endOfSkippableFrame(bytes: DataView, at: number): number | undefined {
  if (at + HEADER_BYTES > bytes.byteLength) return undefined;
  const magic = bytes.getUint32(at, true);
  if (magic < FIRST_MAGIC || magic > FIRST_MAGIC + 15) return undefined;
  return at + HEADER_BYTES + bytes.getUint32(at + 4, true);
}
