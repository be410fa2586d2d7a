/**
 * The form of a view, the value of the types Utf8View and BinaryView.
 *
 * @module
 */

/** How many bytes a view has. */
export const VIEW_BYTES = 16;
/** The same in words of 4 bytes: size, prefix, buffer and offset, or size and value. */
export const VIEW_WORDS = 4;
/** Up to so many bytes, a value is in its view. */
export const MAX_INLINE_BYTES = 12;
