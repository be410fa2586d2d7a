/**
 * Every one-byte change of a stream.
 *
 * @module
 */
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import { readStream, splitStream } from "../../helpers/tables/arrow_stream.ts";
import { misaligned } from "../streams/seeds.ts";
import { checkPaths } from "../streams/stream_checks.ts";
import type { Target } from "../target.ts";

/** What a byte can become, other than what it is. */
const CHANGES = 255;
/** Few of the streams' batches are smaller. */
const MAX_BYTES = 200;

/** Each byte of the stream, in headers and bodies, with each of the 255 other values. */
export function byteTarget(name: string): Target {
  const messages = misaligned(splitStream(readStream(name)));
  const length = messages.reduce(
    (sum, { header, body }) => sum + header.length + body.length,
    0,
  );
  return {
    count: length * CHANGES,
    prepare(index) {
      const position = Math.floor(index / CHANGES);
      const change = index % CHANGES + 1;
      const { part, at, what } = find(messages, position);
      const before = part[at];
      return {
        describe: () =>
          `${what}: byte ${at} becomes ${before ^ change}, and was ${before}`,
        async run() {
          // Copies of the whole stream would take longer than the checks do.
          part[at] = before ^ change;
          try {
            return await checkPaths(messages, MAX_BYTES);
          } finally {
            part[at] = before;
          }
        },
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

/** The header or body in which a byte of the stream lies. */
function find(
  messages: readonly ArrowMessage[],
  position: number,
): { part: Uint8Array; at: number; what: string } {
  let at = position;
  for (const [index, { header, body }] of messages.entries()) {
    if (at < header.length) return { part: header, at, what: `header ${index}` };
    at -= header.length;
    if (at < body.length) return { part: body, at, what: `body ${index}` };
    at -= body.length;
  }
  throw new RangeError(`Cannot change byte ${position}: the stream is shorter`);
}
