/**
 * How much may be under way on a connection.
 *
 * @module
 */

/**
 * The bytes that a peer may send on a stream, or on a connection, before it has
 * to wait for the receiver (HTTP/2's windows). The protocol's own 64 KiB would
 * hold a put to a quarter of its speed.
 */
export const FLOW_CONTROL_WINDOW = 16 * 1024 * 1024;
