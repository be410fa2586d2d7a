/**
 * Where the options say that tables live.
 *
 * @module
 */
import type { StoreChoice } from "./open_store.ts";
import type { GivenOptions } from "../options/given_options.ts";
import { UsageError } from "../options/command_error.ts";

/**
 * The store that the options ask for.
 *
 * @throws {UsageError} when they contradict each other.
 */
export function storeChoice(options: GivenOptions): StoreChoice {
  const [dir, s3] = [options.text("dir"), options.text("s3")];
  const isInMemory = dir === undefined && s3 === undefined;
  if (dir !== undefined && s3 !== undefined) {
    throw new UsageError("Cannot keep the tables in two places: --dir and --s3");
  }
  if (isInMemory && options.number("cache-bytes") !== undefined) {
    throw new UsageError(
      "Cannot use --cache-bytes without --dir or --s3: the tables are in memory anyway",
    );
  }
  if (s3 === undefined && options.number("piece-bytes") !== undefined) {
    throw new UsageError("Cannot use --piece-bytes without --s3");
  }
  const [inMemory] = options.among("max-bytes", "max-tables");
  if (!isInMemory && inMemory !== undefined) {
    throw new UsageError(
      `Cannot use --${inMemory} with --dir or --s3: it is for memory`,
    );
  }
  return {
    dir,
    s3,
    maxBytes: options.number("max-bytes"),
    maxTables: options.number("max-tables"),
    pieceBytes: options.number("piece-bytes"),
    cacheBytes: options.number("cache-bytes"),
    timeToLive: options.number("ttl"),
  };
}
