/**
 * The numbers of the LZ4 frame format that writing and reading have in common.
 *
 * @module
 */

/** How a frame begins. */
export const LZ4_MAGIC = 0x184d2204;
/** The bit in a block's length that says that its bytes are not compressed. */
export const UNCOMPRESSED_BLOCK = 0x80000000;
/** The shortest repetition that a block refers to. */
export const MIN_MATCH = 4;
/** From so many bytes on a method of Uint8Array copies faster than a loop. */
export const MIN_LONG_COPY = 64;
