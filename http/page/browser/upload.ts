/**
 * Sends files to the server.
 *
 * @module
 */
import { authorization, errorOf, pathOf, ServerError } from "./server.ts";

/** The formats of files, by the endings of their names. */
const FORMATS: Readonly<Record<string, string>> = {
  csv: "csv",
  tsv: "csv",
  parquet: "parquet",
  arrow: "arrow",
  arrows: "arrow",
  feather: "arrow",
  ipc: "arrow",
  json: "json",
  ndjson: "ndjson",
  jsonl: "ndjson",
};

/** The endings of the names of files that can be put, each with its point. */
export const ENDINGS: readonly string[] = Object.keys(FORMATS)
  .map((ending) => `.${ending}`);

/** How much of a file has been sent. */
export interface Progress {
  readonly sent: number;
  readonly all: number;
}

/** The format of a file; undefined for one that the server cannot read. */
export function formatOf(fileName: string): string | undefined {
  return FORMATS[fileName.replace(/^.*\./s, "").toLowerCase()];
}

/** A table's name for a file: that of the file, without its ending. */
export function nameFor(fileName: string): string {
  return fileName.replace(/(?<=.)\.[^.]*$/s, "");
}

/**
 * Puts a file under this name. It is not done by `fetch()`, which does not tell how much
 * was sent.
 */
export function upload(
  file: File,
  { name, format, signal, onProgress }: {
    name: string;
    format: string;
    signal: AbortSignal;
    onProgress: (progress: Progress) => void;
  },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = new XMLHttpRequest();
  request.open("PUT", `${pathOf(name)}?as=${format}`);
  for (const [header, value] of Object.entries(authorization())) {
    request.setRequestHeader(header, value);
  }
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    onProgress({ sent: loaded, all: total });
  });
  request.addEventListener("load", () => {
    const { status, responseText } = request;
    if (status < 300) resolve();
    else reject(errorOf(status, responseText));
  });
  // A server that refuses a file in its middle may close the connection.
  const broken =
    "The connection broke off. Does the server run, and is the file the same?";
  request.addEventListener(
    "error",
    () => reject(new ServerError("UNREACHABLE", broken)),
  );
  request.addEventListener(
    "abort",
    () =>
      reject(new ServerError("CANCELLED", "Cancelled: the server keeps what it had.")),
  );
  signal.addEventListener("abort", () => request.abort(), { once: true });
  request.send(file);
  return promise;
}
