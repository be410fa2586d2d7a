/**
 * Small pictures of columns.
 *
 * @module
 */
import type { ColumnAnswer, Summary } from "../told.ts";
import { el, svg } from "./dom.ts";
import { count, counted, percent } from "./format.ts";

/** The height of a histogram, in units of its own. */
const HEIGHT = 40;
/** A bar that is there has at least this height. */
const MIN_BAR = 1.5;
/** The part of a bar's place that it fills. */
const FILLED = 0.86;

/** What is told of a column's sample of so many rows. */
export function pictureOf(
  { summary, type }: ColumnAnswer,
  rows: number,
): HTMLElement {
  if (summary === undefined) {
    return told(el("p", { class: "none" }, "Values of this type are not shown"));
  }
  if (rows === 0) return told(el("p", { class: "none" }, "No rows"));
  const { bars, frequent } = summary;
  if (summary.nulls === rows) return told(el("p", { class: "none" }, "Only nulls"));
  if (bars !== undefined) return told(histogram(summary, bars), nullsOf(summary, rows));
  if (frequent !== undefined) {
    return told(frequentValues(summary, rows), nullsOf(summary, rows));
  }
  const what = type.replace(/[(<].*/s, "");
  return told(
    el("p", { class: "none" }, `No picture of ${what}`),
    nullsOf(summary, rows),
  );
}

function told(...parts: readonly HTMLElement[]): HTMLElement {
  return el("div", { class: "picture" }, ...parts);
}

function nullsOf({ nulls, unplaced = 0 }: Summary, rows: number): HTMLElement {
  const parts = [nulls === 0 ? "no nulls" : `${percent(nulls, rows)} null`];
  if (unplaced > 0) parts.push(`${percent(unplaced, rows)} NaN or infinite`);
  const title = nulls === 0 ? undefined : `${counted(nulls, "null")} in the sample`;
  return el(
    "p",
    { class: nulls === 0 ? "nulls" : "nulls some", title },
    parts.join(", "),
  );
}

function histogram(
  { low = "", high = "" }: Summary,
  bars: readonly number[],
): HTMLElement {
  const highest = Math.max(...bars);
  const gap = (1 - FILLED) / 2;
  const shapes = bars.map((bar, at) => {
    const height = bar === 0 ? 0 : Math.max(MIN_BAR, HEIGHT * bar / highest);
    return svg("rect", {
      x: at + gap,
      y: HEIGHT - height,
      width: FILLED,
      height,
    });
  });
  const label = bars.length === 1
    ? `All ${count(bars[0])} values are ${low}`
    : `Histogram from ${low} to ${high}: ${bars.join(", ")}`;
  // One value alone would fill the whole width.
  const width = Math.max(bars.length, 3);
  const first = (bars.length - width) / 2;
  return el(
    "div",
    {},
    svg("svg", {
      viewBox: `${first} 0 ${width} ${HEIGHT}`,
      preserveAspectRatio: "none",
      role: "img",
      "aria-label": label,
      class: "histogram",
    }, ...shapes),
    el(
      "p",
      { class: bars.length === 1 ? "range one" : "range" },
      el("span", { title: `The least value is ${low}` }, low),
      bars.length === 1
        ? undefined
        : el("span", { title: `The greatest value is ${high}` }, high),
    ),
  );
}

function frequentValues(
  { low, high, distinct = 0, frequent = [] }: Summary,
  rows: number,
): HTMLElement {
  const areAllDifferent = distinct > 1 && frequent[0]?.count === 1;
  const items = frequent.slice(0, 3).map(({ text, count: times }) => {
    const item = el(
      "li",
      { title: `${text}: ${counted(times, "row")} of the sample` },
      el("span", {}, text === "" ? "(empty)" : text),
      areAllDifferent ? undefined : el("b", {}, percent(times, rows)),
    );
    const share = areAllDifferent ? 0 : 100 * times / rows;
    item.style.setProperty("--share", `${share}%`);
    return item;
  });
  const kinds = areAllDifferent
    ? "all different"
    : distinct === 1
    ? "one value"
    : `${count(distinct)} different`;
  const range = distinct > 1 ? `From ${shown(low)} to ${shown(high)}` : undefined;
  return el(
    "div",
    {},
    el("ul", { class: "frequent" }, ...items),
    el("p", { class: "range", title: range }, el("span", {}, kinds)),
  );
}

function shown(text = ""): string {
  return text === "" ? "(empty)" : text;
}
