/**
 * A chart of ratios, as SVG.
 *
 * @module
 */

/** A bar of a chart. */
export interface Bar {
  /** What was measured. */
  readonly label: string;
  /** How it relates to the peer; 1 is the same. */
  readonly ratio: number;
}

const LABEL_WIDTH = 190;
const PLOT_WIDTH = 380;
const VALUE_WIDTH = 50;
const ROW_HEIGHT = 20;
const BAR_HEIGHT = 12;
const HEAD_HEIGHT = 44;
/** The largest ratio for which the chart has room at least. */
const MIN_SCALE = 1.5;

/**
 * Draws a bar for each ratio, and a line at 1. Its colours can be read on a light and on
 * a dark page.
 */
export function drawChart(bars: readonly Bar[], title: string): string {
  const scale = Math.max(MIN_SCALE, ...bars.map(({ ratio }) => ratio));
  const width = LABEL_WIDTH + PLOT_WIDTH + VALUE_WIDTH;
  const height = HEAD_HEIGHT + bars.length * ROW_HEIGHT + 8;
  const toX = (ratio: number) => LABEL_WIDTH + ratio / scale * PLOT_WIDTH;
  const one = toX(1).toFixed(1);
  const rows = bars.flatMap(({ label, ratio }, index) => {
    const y = HEAD_HEIGHT + index * ROW_HEIGHT;
    const textY = y + BAR_HEIGHT - 2;
    const barWidth = (toX(ratio) - LABEL_WIDTH).toFixed(1);
    return [
      `<text x="${LABEL_WIDTH - 8}" y="${textY}" text-anchor="end">${
        escape(label)
      }</text>`,
      `<rect x="${LABEL_WIDTH}" y="${y}" width="${barWidth}" height="${BAR_HEIGHT}" fill="#2f81c7"/>`,
      `<text x="${(toX(ratio) + 5).toFixed(1)}" y="${textY}">${
        ratio.toFixed(2)
      }</text>`,
    ];
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${
      escape(title)
    }" font-family="sans-serif" font-size="12" fill="#767676">`,
    `<text x="8" y="16" font-size="13" font-weight="bold">${escape(title)}</text>`,
    `<text x="${one}" y="36" text-anchor="middle">1</text>`,
    ...rows,
    `<line x1="${one}" x2="${one}" y1="${
      HEAD_HEIGHT - 4
    }" y2="${height}" stroke="#d9534f" stroke-dasharray="3 3"/>`,
    "</svg>",
    "",
  ].join("\n");
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(
    '"',
    "&quot;",
  );
}
