/**
 * Writes the figures of docs/performance.md, and their chart, from what the benchmarks
 * have written: bench/transfer.json and bench/crowd.json.
 *
 *     deno run -A bench/figures.ts
 *
 * @module
 */
import { drawChart } from "./chart.ts";
import type { Report } from "./report.ts";

const DOCS = new URL("../docs/", import.meta.url);
/** Between these two the figures stand. */
const BEGIN = "<!-- written by bench/figures.ts -->";
const END = "<!-- end of figures -->";
/** The pairing to which others are compared, and the server in a crowd. */
const PYARROW = ["pyarrow to pyarrow", "pyarrow"];
/** The columns of the table, by the pairings of transfers and the servers of crowds. */
const COLUMNS: readonly {
  readonly title: string;
  readonly names: readonly string[];
}[] = [
  { title: "pyarrow to ours", names: ["pyarrow to tiny", "tiny"] },
  {
    title: "pyarrow to ours on Node",
    names: ["pyarrow to tiny on node", "tiny on node"],
  },
  { title: "ours to ours", names: ["tiny to tiny"] },
  { title: "ours to ours, HTTP", names: ["tiny to tiny, HTTP"] },
];
/** The table leaves these figures out: they depend on the machine's mood most of all. */
const LEFT_OUT = /first batch/;
/** What the chart shows. */
const CHARTED = /^(TLS )?(put|get) .*GB\/s|calls\/s|together/;

const report: Report = {
  ...await readReport("transfer.json"),
  ...await readReport("crowd.json"),
};

/** A figure's median with pyarrow on both sides. */
function baseOf(figure: string): number | undefined {
  return medianOf(figure, PYARROW);
}

function medianOf(figure: string, names: readonly string[]): number | undefined {
  const name = names.find((name) => report[figure][name] !== undefined);
  return name === undefined ? undefined : report[figure][name].median;
}

/** How a figure relates to that of pyarrow; undefined when it was not measured. */
function ratioOf(figure: string, names: readonly string[]): number | undefined {
  const base = baseOf(figure);
  const own = medianOf(figure, names);
  return base === undefined || own === undefined ? undefined : own / base;
}

async function readReport(name: string): Promise<Report> {
  return JSON.parse(await Deno.readTextFile(new URL(name, import.meta.url)));
}

/** The machine on which this runs: its processors and its memory. */
function describeMachine(): string {
  const memory = Math.round(Deno.systemMemoryInfo().total / 2 ** 30);
  const { os, arch } = Deno.build;
  return `${navigator.hardwareConcurrency} processors, ${memory} GiB of memory, ${os} on ${arch}, Deno ${Deno.version.deno}`;
}

function makeTable(): string[] {
  const lines = [
    `| Measure | pyarrow to pyarrow | ${
      COLUMNS.map(({ title }) => title).join(" | ")
    } |`,
    `| --- | --- | ${COLUMNS.map(() => "---").join(" | ")} |`,
  ];
  for (const figure of Object.keys(report)) {
    const base = baseOf(figure);
    if (base === undefined || LEFT_OUT.test(figure)) continue;
    const ratios = COLUMNS.map(({ names }) => {
      const ratio = ratioOf(figure, names);
      return ratio === undefined ? "" : ratio.toFixed(2);
    });
    const cells = [figure, Number(base.toPrecision(3)).toString(), ...ratios];
    lines.push(`| ${cells.join(" | ")} |`);
  }
  return lines;
}

const text = [
  BEGIN,
  "",
  `Measured on ${new Date().toISOString().slice(0, 10)} with ${describeMachine()}.`,
  "",
  ...makeTable(),
  "",
  END,
].join("\n");
const page = new URL("performance.md", DOCS);
const before = await Deno.readTextFile(page);
const [begin, end] = [before.indexOf(BEGIN), before.indexOf(END)];
if (begin < 0 || end < begin) {
  throw new Error(`Cannot write the figures: ${page.pathname} has no place for them`);
}
await Deno.writeTextFile(
  page,
  before.slice(0, begin) + text + before.slice(end + END.length),
);

const bars = Object.keys(report).filter((figure) => CHARTED.test(figure)).flatMap(
  (figure) => {
    const ratio = ratioOf(figure, COLUMNS[0].names);
    return ratio === undefined ? [] : [{ label: figure.replace(/, .*/, ""), ratio }];
  },
);
await Deno.writeTextFile(
  new URL("performance.svg", DOCS),
  drawChart(
    bars,
    "Throughput of a pyarrow client: our server in relation to pyarrow's",
  ),
);
// The table's columns become as wide as their cells.
await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", page.pathname] })
  .output();
