/**
 * The header `grpc-timeout`: how long a client waits ("Timeout" in gRPC's protocol
 * over HTTP/2).
 *
 * @module
 */

/** The units, each with its milliseconds; the smallest that a client writes first. */
const UNITS: ReadonlyMap<string, number> = new Map([
  ["n", 1e-6],
  ["u", 1e-3],
  ["m", 1],
  ["S", 1000],
  ["M", 60_000],
  ["H", 3_600_000],
]);
const WRITTEN_UNITS = ["m", "S", "M", "H"];
/** The largest number of eight digits. */
const MAX_NUMBER = 99_999_999;

/** The milliseconds of a header's value; undefined when it is not one to eight digits and a unit. */
export function readTimeout(value: string): number | undefined {
  const match = /^([0-9]{1,8})([HMSmun])$/.exec(value);
  return match === null ? undefined : Number(match[1]) * UNITS.get(match[2])!;
}

/** The header's value for so many milliseconds; rounded up, and at least one. */
export function writeTimeout(milliseconds: number): string {
  for (const unit of WRITTEN_UNITS) {
    const number = Math.ceil(Math.max(milliseconds, 1) / UNITS.get(unit)!);
    if (number <= MAX_NUMBER) return `${number}${unit}`;
  }
  return `${MAX_NUMBER}H`;
}
