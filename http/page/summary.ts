/**
 * A small picture of a column's values.
 *
 * @module
 */
import type { Cells } from "./cells.ts";
import type { Summary } from "./told.ts";

/** How many bars a histogram has at most. */
const MAX_BARS = 24;
/** Values may lie on wholes, tenths, hundredths or thousandths, */
const STEP_SCALES = [1, 10, 100, 1000];
/** no more than so many of them from each other, */
const MAX_STEPS = 40 * MAX_BARS;
/** and beside them by what arithmetic has lost. */
const STEP_TOLERANCE = 1e-6;
/** How many of the most frequent values are told. */
const MAX_FREQUENT = 5;
/** Values are cut after so many characters. */
const MAX_CHARACTERS = 80;

/** The first rows of a column, in parts. */
export interface ColumnSample {
  /** Its parts. */
  readonly parts: readonly Cells[];
  /** How many of the rows count. */
  readonly rows: number;
  /** Whether its values are texts, of which the frequent ones are of interest. */
  readonly isText: boolean;
}

/** Summarises the first rows of a column. */
export function summarise(sample: ColumnSample): Summary {
  if (sample.isText) return summariseTexts(sample);
  const hasPlaces = sample.parts.every(({ place }) => place !== undefined);
  return hasPlaces ? summarisePlaces(sample) : { nulls: countNulls(sample) };
}

/** Calls back for each row that has a value, and gives the number of the others. */
function eachValue(
  { parts, rows }: ColumnSample,
  onValue: (cells: Cells, row: number) => void,
): number {
  let nulls = 0;
  let left = rows;
  for (const cells of parts) {
    const count = Math.min(left, cells.length);
    for (let row = 0; row < count; row++) {
      if (cells.isValid(row)) onValue(cells, row);
      else nulls++;
    }
    left -= count;
  }
  return nulls;
}

function countNulls(sample: ColumnSample): number {
  return eachValue(sample, () => {});
}

function summariseTexts(sample: ColumnSample): Summary {
  const counts = new Map<string, number>();
  let low: string | undefined;
  let high: string | undefined;
  const nulls = eachValue(sample, (cells, row) => {
    const text = cells.text(row, MAX_CHARACTERS);
    const count = counts.get(text);
    counts.set(text, (count ?? 0) + 1);
    if (count !== undefined) return;
    if (low === undefined || text < low) low = text;
    if (high === undefined || text > high) high = text;
  });
  const frequent = [...counts].map(([text, count]) => ({ text, count }))
    .sort((one, other) => other.count - one.count || (one.text < other.text ? -1 : 1))
    .slice(0, MAX_FREQUENT);
  return { nulls, low, high, distinct: counts.size, frequent };
}

function summarisePlaces(sample: ColumnSample): Summary {
  const places: (number | bigint)[] = [];
  let unplaced = 0;
  let low: [place: number | bigint, text: () => string] | undefined;
  let high = low;
  const nulls = eachValue(sample, (cells, row) => {
    const place = cells.place!(row);
    if (typeof place === "number" && !Number.isFinite(place)) {
      unplaced++;
      return;
    }
    places.push(place);
    const text = () => cells.text(row, MAX_CHARACTERS);
    if (low === undefined || place < low[0]) low = [place, text];
    if (high === undefined || place > high[0]) high = [place, text];
  });
  if (low === undefined || high === undefined) return { nulls, unplaced };
  const bars = countBars(places, low[0], high[0]);
  return { nulls, unplaced, low: low[1](), high: high[1](), bars };
}

/** How many places are in each part of the range. */
function countBars(
  places: readonly (number | bigint)[],
  low: number | bigint,
  high: number | bigint,
): number[] {
  const { count, barOf } = stepsOf(places, low, high) ?? equalParts(low, high);
  const bars = new Array<number>(count).fill(0);
  for (const place of places) bars[Math.min(barOf(place), count - 1)]++;
  return bars;
}

/** How a range is cut into bars. */
interface Bars {
  readonly count: number;
  /** The bar of a place; that of the last place may be one too high. */
  readonly barOf: (place: number | bigint) => number;
}

/**
 * Bars for values that lie on steps, such as tenths: each has as many steps as the others,
 * where equal parts of the range would have now more and now less. Undefined for values
 * that lie on none, or far apart.
 */
function stepsOf(
  places: readonly (number | bigint)[],
  low: number | bigint,
  high: number | bigint,
): Bars | undefined {
  for (const scale of STEP_SCALES) {
    const stepOf = (place: number | bigint) => difference(low, place) * scale;
    const steps = Math.round(stepOf(high)) + 1;
    if (steps > MAX_STEPS) return undefined;
    const isOnStep = (place: number | bigint) => {
      const step = stepOf(place);
      return Math.abs(step - Math.round(step)) < STEP_TOLERANCE;
    };
    if (!places.every(isOnStep)) continue;
    const perBar = Math.ceil(steps / MAX_BARS);
    return {
      count: Math.ceil(steps / perBar),
      barOf: (place) => Math.floor(Math.round(stepOf(place)) / perBar),
    };
  }
  return undefined;
}

function equalParts(low: number | bigint, high: number | bigint): Bars {
  // Halves, as the range of large floats is infinite.
  const half = (place: number | bigint) =>
    typeof place === "bigint"
      ? difference(low, place) / 2
      : place / 2 - Number(low) / 2;
  const range = half(high);
  return {
    count: MAX_BARS,
    barOf: (place) => Math.floor(half(place) / range * MAX_BARS),
  };
}

/** How far a place is from the lowest. */
function difference(low: number | bigint, place: number | bigint): number {
  return typeof low === "bigint" && typeof place === "bigint"
    ? Number(place - low)
    : Number(place) - Number(low);
}
