/**
 * A message of Arrow: what streams, files and FlightData carry.
 *
 * @module
 */

/** One Arrow IPC message. */
export interface ArrowMessage {
  /**
   * The flatbuffer Message, without continuation marker and length. Zero bytes may
   * follow after its end.
   */
  readonly header: Uint8Array;
  /** The message's body; empty when it has none. */
  readonly body: Uint8Array;
}
