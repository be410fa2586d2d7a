/**
 * The blocks of code in the README.
 *
 * @module
 */

/** A block of code. */
export interface Block {
  /** The word after the opening fence. */
  readonly language: string;
  readonly code: string;
}

/** The README's blocks of code, in order. */
export async function readmeBlocks(): Promise<Block[]> {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  const blocks = readme.matchAll(/^```(.*)\n([^]*?)^```$/gm);
  return [...blocks].map(([_, language, code]) => ({ language, code }));
}
