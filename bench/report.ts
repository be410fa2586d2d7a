/**
 * Figures of a benchmark as a table, and as JSON.
 *
 * @module
 */

/** Every figure's samples, by the figure's name and then by the pairing's. */
export type Samples = Map<string, Map<string, number[]>>;

/** Adds a sample of a figure. */
export function addSample(
  samples: Samples,
  figure: string,
  pairing: string,
  value: number,
): void {
  const figures = samples.get(figure) ?? new Map<string, number[]>();
  samples.set(figure, figures);
  figures.set(pairing, [...figures.get(pairing) ?? [], value]);
}

/** What many samples say. */
export interface Summary {
  /** The middle sample. */
  readonly median: number;
  /** How far the samples are apart, in relation to the median. */
  readonly spread: number;
}

/** What a benchmark writes: summaries by the figure's name and then by the pairing's. */
export interface Report {
  readonly [figure: string]: { readonly [pairing: string]: Summary };
}

function summary(samples: readonly number[]): Summary {
  const sorted = [...samples].sort((a, b) => a - b);
  const half = sorted.length >> 1;
  const median = sorted.length % 2 === 1
    ? sorted[half]
    : (sorted[half - 1] + sorted[half]) / 2;
  return { median, spread: (sorted[sorted.length - 1] - sorted[0]) / median };
}

/**
 * Prints a line for each figure, with each pairing's median, its spread (the most
 * less the least, in relation to the median), and its ratio to the first pairing.
 */
export function printReport(samples: Samples, pairings: readonly string[]): void {
  const width = Math.max(...[...samples.keys()].map((figure) => figure.length));
  console.log(" ".repeat(width), ...pairings.map((pairing) => pairing.padStart(26)));
  for (const [figure, byPairing] of samples) {
    const base = summary(byPairing.get(pairings[0]) ?? []).median;
    const cells = pairings.map((pairing) => {
      const samples = byPairing.get(pairing);
      if (samples === undefined) return "-".padStart(26);
      const { median, spread } = summary(samples);
      const parts = [
        median.toPrecision(3),
        `±${(50 * spread).toFixed(0)}%`,
        `x${(median / base).toFixed(2)}`,
      ];
      return parts.map((part) => part.padStart(8)).join("").padStart(26);
    });
    console.log(figure.padEnd(width), ...cells);
  }
}

/** Writes the medians, spreads and samples to this file. */
export async function writeReport(samples: Samples, path: string): Promise<void> {
  const report = Object.fromEntries(
    [...samples].map(([figure, byPairing]) => [
      figure,
      Object.fromEntries(
        [...byPairing].map((
          [pairing, all],
        ) => [pairing, { ...summary(all), samples: all }]),
      ),
    ]),
  );
  await Deno.writeTextFile(path, JSON.stringify(report, null, 2) + "\n");
}
