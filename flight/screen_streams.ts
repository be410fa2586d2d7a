/**
 * What every call goes through before grpc-js has it: HTTP/2 as strangers speak it.
 *
 * @module
 */
import {
  constants,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from "node:http2";
import { FlightError } from "./errors.ts";
import { codeToNumber } from "../rpc/status.ts";
import { LONGEST_TIMER } from "../base/timeouts.ts";

/** What is asked of a call. */
export interface StreamLimits {
  /** The largest headers, in bytes. */
  readonly maxCallHeaderBytes: number;
}

type StreamListener = (
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  flags: number,
  rawHeaders: string[],
) => void;

/** The media type of gRPC's calls, or the beginning of it. */
const MEDIA_TYPE = "application/grpc";
/** What HTTP/2 counts for each header beside its name and value. */
const HEADER_COST = 32;

/** Makes calls go through here on their way to those who listen for streams now. */
export function screenStreams(http2Server: Http2Server, limits: StreamLimits): void {
  const listeners = http2Server.listeners("stream") as StreamListener[];
  http2Server.removeAllListeners("stream");
  const screen: StreamListener = (stream, headers, flags, rawHeaders) => {
    answerOnlyWhoListens(stream);
    if (!String(headers["content-type"]).startsWith(MEDIA_TYPE)) {
      return refuseMediaType(stream);
    }
    const bytes = headerBytes(rawHeaders);
    if (bytes > limits.maxCallHeaderBytes) {
      const most = limits.maxCallHeaderBytes;
      return refuse(
        stream,
        new FlightError(
          "RESOURCE_EXHAUSTED",
          `Cannot take the call: its headers have ${bytes} bytes, and ${most} is the most (maxCallHeaderBytes)`,
        ),
      );
    }
    separateValues(headers, rawHeaders);
    forgetDistantDeadline(headers);
    for (const listener of listeners) {
      listener.call(http2Server, stream, headers, flags, rawHeaders);
    }
  };
  http2Server.on("stream", screen as (...args: unknown[]) => void);
}

function headerBytes(rawHeaders: readonly string[]): number {
  let bytes = rawHeaders.length / 2 * HEADER_COST;
  for (const text of rawHeaders) bytes += text.length;
  return bytes;
}

/** Answers a call with this error, and takes no more of it. */
function refuse(
  stream: ServerHttp2Stream,
  { code, message }: FlightError,
): void {
  // That the client is gone already is no concern of the server's.
  stream.on("error", () => {});
  stream.respond({
    ":status": 200,
    "content-type": MEDIA_TYPE,
    "grpc-status": String(codeToNumber(code)),
    "grpc-message": encodeURI(message),
  }, { endStream: true });
  stream.close(constants.NGHTTP2_NO_ERROR);
}

/** Answers what is no call of gRPC's, by HTTP's own means. */
function refuseMediaType(stream: ServerHttp2Stream): void {
  stream.on("error", () => {});
  stream.respond({ ":status": 415, "content-type": "text/plain" });
  stream.resume();
  stream.end(`Arrow Flight is spoken here: the content type has to be ${MEDIA_TYPE}\n`);
}

/**
 * Makes it no error to answer a stream that was reset or answered already. grpc-js does
 * so when it refuses a request, and the error would end the process.
 */
function answerOnlyWhoListens(stream: ServerHttp2Stream): void {
  const respond = stream.respond.bind(stream);
  stream.respond = (...args) => {
    const isWanted = !stream.destroyed && !stream.closed && !stream.headersSent;
    if (isWanted) respond(...args);
  };
}

/**
 * Makes a header that came several times several values again, which HTTP/2's own
 * interface joins with commas.
 */
function separateValues(headers: IncomingHttpHeaders, rawHeaders: string[]): void {
  const values = new Map<string, string[]>();
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const [name, value] = [rawHeaders[index].toLowerCase(), rawHeaders[index + 1]];
    const before = values.get(name);
    if (before === undefined) values.set(name, [value]);
    else before.push(value);
  }
  for (const [name, several] of values) {
    if (several.length > 1 && !name.startsWith(":")) headers[name] = several;
  }
}

/** Milliseconds in each unit of gRPC's header `grpc-timeout`. */
const TIMEOUT_UNITS: { readonly [unit: string]: number } = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
};

/**
 * Takes away a deadline that is further than a timer can wait: grpc-js would take it
 * for one that has passed.
 */
function forgetDistantDeadline(headers: IncomingHttpHeaders): void {
  const timeout = headers["grpc-timeout"];
  if (typeof timeout !== "string") return;
  const unit = TIMEOUT_UNITS[timeout.slice(-1)] ?? 1;
  if (parseInt(timeout) * unit > LONGEST_TIMER) delete headers["grpc-timeout"];
}
