/**
 * Numbers with units, as people write them in a command.
 *
 * @module
 */

const BYTES: Readonly<Record<string, number>> = {
  "": 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  tb: 1e12,
  kib: 2 ** 10,
  mib: 2 ** 20,
  gib: 2 ** 30,
  tib: 2 ** 40,
};
const SECOND = 1000;
const MILLISECONDS: Readonly<Record<string, number>> = {
  s: SECOND,
  m: 60 * SECOND,
  h: 60 * 60 * SECOND,
  d: 24 * 60 * 60 * SECOND,
};

/** The bytes that a text such as `500MB`, `2GiB` or `1000` says; undefined for others. */
export function parseBytes(text: string): number | undefined {
  return parse(text.toLowerCase(), BYTES);
}

/** The milliseconds that a text such as `90s`, `30m`, `12h` or `7d` says. */
export function parseDuration(text: string): number | undefined {
  return parse(text, MILLISECONDS);
}

/** The bytes as people read them. */
export function formatBytes(bytes: number): string {
  const unit = ["GB", "MB", "kB"].find((unit) => bytes >= BYTES[unit.toLowerCase()]);
  if (unit === undefined) return `${bytes} bytes`;
  return `${(bytes / BYTES[unit.toLowerCase()]).toPrecision(3)} ${unit}`;
}

function parse(
  text: string,
  units: Readonly<Record<string, number>>,
): number | undefined {
  const [, digits, unit] = /^(\d+(?:\.\d+)?) ?([a-z]*)$/.exec(text) ?? [];
  if (digits === undefined || !Object.hasOwn(units, unit)) return undefined;
  const number = Math.round(Number(digits) * units[unit]);
  return number >= 1 && Number.isSafeInteger(number) ? number : undefined;
}
