/**
 * Where a message's header says how long its body is, if it is in order so far.
 *
 * @module
 */

/** Where the vtable of a Message has the place of the field bodyLength. */
const SLOT = 10;

/** The byte of the header at which the body's length stands; undefined if nowhere. */
export function placeOfBodyLength(header: Uint8Array): number | undefined {
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  try {
    const table = view.getUint32(0, true);
    const vtable = table - view.getInt32(table, true);
    const size = view.getUint16(vtable, true);
    const offset = size > SLOT ? view.getUint16(vtable + SLOT, true) : 0;
    if (offset === 0) return undefined;
    view.getBigInt64(table + offset, true);
    return table + offset;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
