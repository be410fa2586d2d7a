/**
 * A small picture of a column's values.
 *
 * @module
 */
import type { Cells } from "./cells.ts";
import type { Summary } from "./told.ts";

/** How many bars a histogram has at most. */
const MAX_BARS = 24;
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
  // Halves, as the range of large floats is infinite.
  const distance = (from: number | bigint, to: number | bigint) =>
    typeof from === "bigint" && typeof to === "bigint"
      ? Number(to - from) / 2
      : Number(to) / 2 - Number(from) / 2;
  const range = distance(low, high);
  if (range === 0) return [places.length];
  const areWhole = places.every((place) =>
    typeof place === "bigint" || Number.isInteger(place)
  );
  // Few whole numbers have a bar each.
  const isShort = areWhole && 2 * range < MAX_BARS;
  const count = isShort ? 2 * range + 1 : MAX_BARS;
  const bars = new Array<number>(count).fill(0);
  for (const place of places) {
    const part = distance(low, place) / range;
    const bar = isShort ? Math.round(part * (count - 1)) : Math.floor(part * count);
    bars[Math.min(bar, count - 1)]++;
  }
  return bars;
}
