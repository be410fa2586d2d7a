/**
 * Tables as files on the user's disk.
 *
 * @module
 */
import { el } from "./dom.ts";
import { checkAnswer, pathOf } from "./server.ts";

/** Names of files are cut after so many characters. */
const MAX_NAME = 80;

/**
 * Lets the browser download a table, by a link that has the grant in its query: it goes
 * straight to the disk, however large it is.
 *
 * @throws {ServerError} when the server does not give it.
 */
export async function downloadTable(
  name: string,
  format: string,
  grant: string,
): Promise<void> {
  const query = [grant, `as=${format}`].filter(Boolean).join("&");
  const href = `${pathOf(name)}?${query}`;
  await checkAnswer(href);
  // Not every system takes all characters in the name of a file.
  const file = name.replace(/[\\/:*?"<>|\p{Cc}]/gu, "_").slice(0, MAX_NAME);
  el("a", { href, download: `${file}.${format}` }).click();
}
