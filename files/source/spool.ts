/**
 * Keeps what can be read only once, so that it can be read again.
 *
 * @module
 */
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { joinBytes } from "../../base/join_bytes.ts";
import { type FileBytes, HandleBytes, MemoryBytes } from "./file_bytes.ts";

/** So many bytes are kept in memory; more go to a temporary file. */
const MAX_MEMORY_BYTES = 16 << 20;

/** Where {@linkcode spool} writes. */
export interface SpoolOptions {
  /** The folder of the temporary file. @default the system's */
  folder?: string;
}

/**
 * All of these bytes: in memory when they are few, else in a temporary file, which only
 * this user can read, and which is gone when it is closed.
 */
export async function spool(
  chunks: AsyncIterable<Uint8Array>,
  options: SpoolOptions = {},
): Promise<FileBytes> {
  const iterator = chunks[Symbol.asyncIterator]();
  try {
    const first: Uint8Array[] = [];
    let size = 0;
    while (size <= MAX_MEMORY_BYTES) {
      const { value, done } = await iterator.next();
      if (done) return new MemoryBytes(joinBytes(first));
      // The source may use its memory again.
      first.push(value.slice());
      size += value.length;
    }
    return await spoolToFile(first, iterator, options.folder ?? tmpdir());
  } finally {
    await iterator.return?.();
  }
}

async function spoolToFile(
  first: readonly Uint8Array[],
  rest: AsyncIterator<Uint8Array>,
  parent: string,
): Promise<FileBytes> {
  const folder = await mkdtemp(join(parent, "tinyflight-"));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const handle = await open(join(folder, "spooled"), "wx+", 0o600);
    try {
      let size = 0;
      const append = async (bytes: Uint8Array) => {
        let written = 0;
        while (written < bytes.length) {
          const { bytesWritten } = await handle.write(
            bytes,
            written,
            bytes.length - written,
            size,
          );
          written += bytesWritten;
          size += bytesWritten;
        }
      };
      for (const chunk of first) await append(chunk);
      for (let next = await rest.next(); !next.done; next = await rest.next()) {
        await append(next.value);
      }
      return new HandleBytes(handle, size, remove);
    } catch (error) {
      await handle.close();
      throw error;
    }
  } catch (error) {
    await remove();
    throw error;
  }
}
