/**
 * SETTINGS of both sides (RFC 9113, 6.5).
 *
 * @module
 */
import { ErrorCode } from "./error_codes.ts";
import { ConnectionError } from "./frames.ts";
import { DEFAULT_WINDOW, MAX_WINDOW } from "./windows.ts";

/** The numbers of the settings (RFC 9113, 6.5.2, and RFC 9218, 2.1). */
export const SETTING = {
  HEADER_TABLE_SIZE: 1,
  ENABLE_PUSH: 2,
  MAX_CONCURRENT_STREAMS: 3,
  INITIAL_WINDOW_SIZE: 4,
  MAX_FRAME_SIZE: 5,
  MAX_HEADER_LIST_SIZE: 6,
  NO_RFC7540_PRIORITIES: 9,
} as const;

/** The smallest and the largest SETTINGS_MAX_FRAME_SIZE. */
const MIN_MAX_FRAME_SIZE = 16_384;
const MAX_MAX_FRAME_SIZE: number = 2 ** 24 - 1;

/** What we announce: frames of 1 MiB, so that a large message has few heads. */
export const OUR_MAX_FRAME_SIZE: number = 1024 * 1024;
/** What we announce: windows of 16 MiB, so that no peer waits for credit. */
export const OUR_WINDOW: number = 16 * 1024 * 1024;

/** What the peer has announced; before it does, what every peer may rely on. */
export class PeerSettings {
  /** The largest table that our HPACK encoder may use. */
  headerTableSize = 4096;
  /** How many streams we may open at a time. */
  maxConcurrentStreams = Infinity;
  /** The window of each new stream. */
  initialWindowSize: number = DEFAULT_WINDOW;
  /** The largest payload of a frame that we may send. */
  maxFrameSize: number = MIN_MAX_FRAME_SIZE;
  /** The largest headers that it takes, in bytes. */
  maxHeaderListSize = Infinity;

  /**
   * Takes over the settings of a frame, in order. Unknown ones are ignored.
   *
   * @throws {ConnectionError} when a value is not allowed.
   */
  read(payload: Uint8Array, { fromServer }: { readonly fromServer: boolean }): void {
    if (payload.length % 6 !== 0) {
      throw new ConnectionError(
        ErrorCode.FRAME_SIZE_ERROR,
        "SETTINGS with half a setting",
      );
    }
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    for (let at = 0; at < payload.length; at += 6) {
      this.#set(view.getUint16(at), view.getUint32(at + 2), fromServer);
    }
  }

  #set(id: number, value: number, fromServer: boolean): void {
    switch (id) {
      case SETTING.HEADER_TABLE_SIZE:
        this.headerTableSize = value;
        return;
      case SETTING.ENABLE_PUSH:
        if (value > 1 || (fromServer && value === 1)) throw wrong("ENABLE_PUSH", value);
        return;
      case SETTING.MAX_CONCURRENT_STREAMS:
        this.maxConcurrentStreams = value;
        return;
      case SETTING.INITIAL_WINDOW_SIZE:
        if (value > MAX_WINDOW) {
          throw wrong("INITIAL_WINDOW_SIZE", value, ErrorCode.FLOW_CONTROL_ERROR);
        }
        this.initialWindowSize = value;
        return;
      case SETTING.MAX_FRAME_SIZE:
        if (value < MIN_MAX_FRAME_SIZE || value > MAX_MAX_FRAME_SIZE) {
          throw wrong("MAX_FRAME_SIZE", value);
        }
        this.maxFrameSize = value;
        return;
      case SETTING.MAX_HEADER_LIST_SIZE:
        this.maxHeaderListSize = value;
        return;
    }
  }
}

function wrong(
  name: string,
  value: number,
  code: number = ErrorCode.PROTOCOL_ERROR,
): ConnectionError {
  return new ConnectionError(code, `SETTINGS_${name} of ${value}`);
}
