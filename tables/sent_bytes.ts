/**
 * How large the batches are that a server sends.
 *
 * @module
 */

/** 4 MiB, with room for what goes around a batch. */
const DEFAULT_MAX_SENT_BYTES = 4 * 1024 * 1024 - 64 * 1024;

/**
 * The most bytes that calls keep together for clients that do not read, in messages
 * of equal size.
 */
const MAX_UNREAD_BYTES = 128 * 1024 * 1024;

/** Batches are split into no smaller ones, however many calls run. */
const MIN_SENT_BYTES = 64 * 1024;

/**
 * The size above which a batch is split while so many calls run: with more calls than
 * fit at full size, each has less.
 */
export function sentBytes(
  maxSentBytes: number | undefined,
  runningCalls: number,
): number {
  const most = maxSentBytes ?? DEFAULT_MAX_SENT_BYTES;
  if (most === Infinity) return Infinity;
  const share = MAX_UNREAD_BYTES / runningCalls;
  return Math.min(most, Math.max(share, MIN_SENT_BYTES));
}
