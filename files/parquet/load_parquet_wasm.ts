/**
 * The library that reads and writes Parquet: parquet-wasm, which is arrow-rs compiled to
 * WebAssembly. It is loaded when it is used for the first time.
 *
 * @module
 */
import type * as ParquetWasm from "parquet-wasm/bundler";

/** The library. */
export type ParquetLibrary = typeof ParquetWasm;

/** Loads the library, once. */
export function loadParquetWasm(): Promise<ParquetLibrary> {
  // Deno imports WebAssembly as a module, without a permission to read files; Node would
  // warn that this is an experiment.
  return "Deno" in globalThis ? import("parquet-wasm/bundler") : import("parquet-wasm");
}
