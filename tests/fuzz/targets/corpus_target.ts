/**
 * Files of somebody else's, such as those of github.com/apache/arrow-testing, on
 * which Arrow's implementations have failed before.
 *
 * @module
 */
import type { ArrowMessage } from "../../../flight/arrow/format/arrow_message.ts";
import { FlightError } from "../../../flight/errors.ts";
import { decodeSchema } from "../../../flight/arrow/decode/decode_schema.ts";
import { placeOfBodyLength } from "../streams/body_length.ts";
import { misaligned } from "../streams/seeds.ts";
import { checkPaths } from "../streams/stream_checks.ts";
import type { Target } from "../target.ts";

const MAX_BYTES = 200;
/** What a file of Arrow's file format starts with; a stream follows. */
const MAGIC = "ARROW1\0\0";
const CONTINUATION = 0xffffffff;

/** All files in a folder and in those under it, each as a stream and as a schema. */
export async function corpusTarget(folder: string): Promise<Target> {
  const paths = await Array.fromAsync(filesIn(folder));
  paths.sort();
  return {
    count: paths.length,
    prepare(index) {
      const path = paths[index];
      return {
        describe: () => path,
        async run() {
          const file = await Deno.readFile(path);
          const isFile = new TextDecoder().decode(file.subarray(0, 8)) === MAGIC;
          const bytes = isFile ? file.subarray(MAGIC.length) : file;
          readSchema(bytes);
          return await checkPaths(misaligned(splitAnything(bytes)), MAX_BYTES);
        },
      };
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

async function* filesIn(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesIn(path);
    else yield path;
  }
}

function readSchema(bytes: Uint8Array): void {
  try {
    decodeSchema(bytes);
  } catch (error) {
    if (!(error instanceof FlightError)) throw error;
  }
}

/** The messages of a stream, with or without continuation markers, as far as they go. */
function splitAnything(bytes: Uint8Array): ArrowMessage[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const messages: ArrowMessage[] = [];
  let at = 0;
  while (at + 8 <= bytes.length) {
    const isMarked = view.getUint32(at, true) === CONTINUATION;
    const size = view.getUint32(isMarked ? at + 4 : at, true);
    if (size === 0) break;
    at += isMarked ? 8 : 4;
    const header = bytes.subarray(at, at + size);
    at += size;
    const place = placeOfBodyLength(header);
    const length = place === undefined
      ? 0
      : Number(new DataView(header.buffer, header.byteOffset).getBigInt64(place, true));
    const body = bytes.subarray(at, at + Math.max(0, length));
    messages.push({ header, body });
    at += body.length;
  }
  return messages;
}
