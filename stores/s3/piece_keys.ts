/**
 * Where the pieces of tables are.
 *
 * @module
 */

/** What follows after the name of a table's object in the keys of its pieces. */
const FOLDER = ".pieces/";
const SUFFIX = ".arrows";
/** The revision of the version that the piece is of, and its number. */
const ID = /^[0-9a-f-]{36}-[0-9]{1,9}$/;

/** The folder of the pieces of the table whose object has this key. */
function pieceFolder(key: string): string {
  return key + FOLDER;
}

/** The key of the table's object whose pieces are in this folder; undefined for none. */
export function keyOfFolder(folder: string): string | undefined {
  return folder.endsWith(FOLDER) ? folder.slice(0, -FOLDER.length) : undefined;
}

/** What the piece with this number of the version with this revision is known by. */
export function pieceId(revision: string, number: number): string {
  return `${revision}-${number}`;
}

/** The key of a piece; undefined when no piece is known by this. */
export function pieceKey(key: string, id: string): string | undefined {
  return ID.test(id) ? `${pieceFolder(key)}${id}${SUFFIX}` : undefined;
}
