/**
 * The progress of a transfer, on a terminal.
 *
 * @module
 */
import { clearInterval, setInterval } from "node:timers";
import { oneLine } from "../../base/one_line.ts";
import { formatBytes } from "../options/units.ts";
import { errIsTerminal, writeErr } from "./output.ts";

/** Nothing is shown of transfers that are over before this, in milliseconds. */
const FIRST_AFTER = 500;
/** How often it is drawn anew, in milliseconds. */
const EVERY = 200;
/** The rate is that of the last so many draws. */
const WINDOW = 25;
const BAR_WIDTH = 24;
const CLEAR_LINE = "\r\x1b[K";

/** How far a transfer has come. */
export interface Transfer {
  /** How much has passed, of `total` where that is known, in bytes. */
  readonly done: number;
  /** How much there is; undefined when that is not known. */
  readonly total: number | undefined;
}

/**
 * Shows how far a transfer has come, with its rate and the time that is left, on
 * standard error if that is a terminal.
 */
export class Progress implements AsyncDisposable {
  readonly #name: string;
  readonly #read: () => Transfer;
  readonly #samples: { readonly at: number; readonly done: number }[] = [];
  readonly #started = performance.now();
  readonly #timer: NodeJS.Timeout | undefined;
  #isShown = false;
  #drawing: Promise<void> = Promise.resolve();

  /** Shows a transfer of this name, of which `read` says how far it is. */
  constructor(
    name: string,
    read: () => Transfer,
    { isQuiet = false }: { readonly isQuiet?: boolean } = {},
  ) {
    this.#name = oneLine(name);
    this.#read = read;
    if (isQuiet || !errIsTerminal()) return;
    this.#timer = setInterval(() => this.#draw(), EVERY);
    this.#timer.unref();
  }

  /** Takes the line away. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#drawing;
    if (this.#isShown) await writeErr(CLEAR_LINE);
  }

  #draw(): void {
    const at = performance.now();
    const transfer = this.#read();
    this.#samples.push({ at, done: transfer.done });
    if (this.#samples.length > WINDOW) this.#samples.shift();
    if (at - this.#started < FIRST_AFTER) return;
    const [first] = this.#samples;
    const rate = 1000 * (transfer.done - first.done) / Math.max(1, at - first.at);
    this.#isShown = true;
    const line = progressLine(this.#name, transfer, rate);
    this.#drawing = this.#drawing.then(() => writeErr(CLEAR_LINE + line));
  }
}

/** Does something that takes long, and shows how far it has come. */
export async function withProgress<T>(
  name: string,
  read: () => Transfer,
  isQuiet: boolean,
  work: () => Promise<T>,
): Promise<T> {
  await using _ = new Progress(name, read, { isQuiet });
  return await work();
}

/** The line of a transfer that moves so many bytes a second. */
export function progressLine(
  name: string,
  { done, total }: Transfer,
  rate: number,
): string {
  const shown = name.length > 24 ? `${name.slice(0, 23)}…` : name;
  const speed = `${formatBytes(Math.round(rate))}/s`;
  if (total === undefined || total <= 0) {
    return `${shown}  ${formatBytes(done)}  ${speed}`;
  }
  const part = Math.min(1, done / total);
  const filled = Math.round(BAR_WIDTH * part);
  const bar = "#".repeat(filled) + "-".repeat(BAR_WIDTH - filled);
  const left = rate > 0 ? `  ${timeLeft(Math.max(0, total - done) / rate)} left` : "";
  const percent = `${Math.floor(100 * part)}%`.padStart(4);
  return `${shown}  [${bar}] ${percent}  ${formatBytes(done)}  ${speed}${left}`;
}

function timeLeft(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = String(whole % 60).padStart(2, "0");
  return hours === 0
    ? `${minutes}:${rest}`
    : `${hours}:${String(minutes).padStart(2, "0")}:${rest}`;
}
