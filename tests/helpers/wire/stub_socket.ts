/**
 * A socket without a peer, for tests of one side of it.
 *
 * @module
 */
import type { Socket } from "../../../wire/sockets/socket.ts";

/** A socket that takes all at once, and whose peer has sent nothing but its end. */
export class StubSocket implements Socket {
  readonly peer: Socket["peer"] = {
    address: "stub",
    hostname: undefined,
    certificate: undefined,
  };

  read(_target: Uint8Array): Promise<number | null> {
    return Promise.resolve(null);
  }

  write(_parts: readonly Uint8Array[]): Promise<void> {
    return Promise.resolve();
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {}
}
