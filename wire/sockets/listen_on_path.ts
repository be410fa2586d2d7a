/**
 * Listening on Unix sockets, whose files outlive the servers that have died.
 *
 * @module
 */
import { lstat, unlink } from "node:fs/promises";
import type { PlainListener, PlainSocket, PlainSockets } from "./plain_sockets.ts";
import { codeOf, pathNotBound } from "./socket_errors.ts";

/**
 * Listens on a Unix socket. The file of a server that is gone is replaced.
 *
 * @throws {Error} when another server listens there, or another file is there.
 */
export async function listenOnPath(
  sockets: PlainSockets,
  path: string,
  accept: (socket: PlainSocket) => void,
): Promise<PlainListener> {
  try {
    return await sockets.listen({ path }, accept);
  } catch (error) {
    if (codeOf(error) !== "EADDRINUSE") throw pathNotBound(error, path);
    if (!(await lstat(path)).isSocket()) {
      throw new Error(`Cannot listen on "${path}": another file is there`, {
        cause: error,
      });
    }
    if (await isAlive(sockets, path)) throw pathNotBound(error, path);
  }
  try {
    await unlink(path);
    return await sockets.listen({ path }, accept);
  } catch (error) {
    throw pathNotBound(error, path);
  }
}

/** Whether a server listens on this Unix socket. */
async function isAlive(sockets: PlainSockets, path: string): Promise<boolean> {
  try {
    const socket = await sockets.connect({ path }, new AbortController().signal);
    socket.close();
    return true;
  } catch (error) {
    return codeOf(error) !== "ECONNREFUSED";
  }
}
