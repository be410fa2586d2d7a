/**
 * Numbers, sizes and times for people.
 *
 * @module
 */

const WHOLE = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { maximumSignificantDigits: 3 });
const AGO = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const DAY = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const A_DAY = 24 * HOUR;

/** A text in one line. */
export function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, " ⏎ ");
}

/** A number such as `1,000`. */
export function count(number: number): string {
  return WHOLE.format(number);
}

/** A number of things, such as `1 row` and `2 rows`. */
export function counted(number: number, thing: string): string {
  return `${count(number)} ${thing}${number === 1 ? "" : "s"}`;
}

/** A number of bytes such as `1.23 MB`. */
export function bytes(number: number): string {
  let unit = 0;
  while (number >= 999.5 && unit < UNITS.length - 1) {
    number /= 1000;
    unit++;
  }
  return `${SHORT.format(number)} ${UNITS[unit]}`;
}

/** A part of a whole such as `12%`; parts that are there are never 0%. */
export function percent(part: number, whole: number): string {
  if (part === 0 || whole === 0) return "0%";
  const share = 100 * part / whole;
  if (share < 1) return "<1%";
  return share > 99 && part < whole ? ">99%" : `${Math.round(share)}%`;
}

/** How long ago a time is, such as `3 minutes ago`, or its date. */
export function ago(time: Date): string {
  const seconds = Math.round((time.getTime() - Date.now()) / 1000);
  const passed = -seconds;
  if (passed < 45) return "just now";
  if (passed < HOUR) return AGO.format(Math.round(seconds / MINUTE), "minute");
  if (passed < A_DAY) return AGO.format(Math.round(seconds / HOUR), "hour");
  if (passed < 7 * A_DAY) return AGO.format(Math.round(seconds / A_DAY), "day");
  return DAY.format(time);
}
