/**
 * How much may be under way on a connection.
 *
 * @module
 */

/**
 * The bytes that a client may send on a stream, or on a connection, before it has
 * to wait for the server (HTTP/2's windows). The protocol's own 64 KiB would hold a
 * put to a quarter of its speed.
 */
export const FLOW_CONTROL_WINDOW = 16 * 1024 * 1024;

/**
 * The same for what a server sends. Deno closes a connection on which some thousand
 * frames have come for streams that were left early, and with it all its calls; a
 * smaller window has fewer of them under way, and is about as fast.
 */
export const CLIENT_FLOW_CONTROL_WINDOW = 4 * 1024 * 1024;

/**
 * The largest frame that a peer may send, in bytes. Each frame costs as much as a
 * hundred kilobytes do, and peers send them as large as they may: the protocol's own
 * 16 KiB would hold a put from C++ to two thirds of its speed.
 */
export const MAX_FRAME_BYTES = 1024 * 1024;

/**
 * The bytes of frames that a server keeps for a client that does not read them. More
 * than the windows of most clients allow, so that those never wait for it.
 */
export const MAX_UNREAD_BYTES = 16 * 1024 * 1024;
