/**
 * The server's traffic, as it comes.
 *
 * @module
 */
import type { Traffic } from "../told.ts";
import { el, svg } from "./dom.ts";
import { bytes, count, counted } from "./format.ts";
import { readTraffic, ServerError } from "./server.ts";

/** For so many seconds the traffic is drawn. */
const SECONDS = 60;
const HEIGHT = 20;
/** Changes are told no more often than this, in milliseconds. */
const MIN_TOLD_MS = 3000;
/** How long to wait before the server is asked again, in milliseconds. */
const RETRY_MS = 3000;

/** What is read of the traffic. */
export interface TrafficReading {
  /** Begins, unless it has. */
  start(): void;
  /** Ends. */
  stop(): void;
}

/** Shows the traffic in this element, and calls back when tables may have changed. */
export function followTraffic(
  target: HTMLElement,
  onChange: () => void,
): TrafficReading {
  let reading: AbortController | undefined;
  const strip = new Strip(target);
  const read = async (signal: AbortSignal) => {
    let changes: number | undefined;
    let isTold = true;
    let toldAt = 0;
    while (!signal.aborted) {
      try {
        for await (const traffic of readTraffic(signal)) {
          strip.add(traffic);
          if (changes !== undefined && changes !== traffic.changes) isTold = false;
          changes = traffic.changes;
          if (isTold || performance.now() - toldAt < MIN_TOLD_MS) continue;
          isTold = true;
          toldAt = performance.now();
          onChange();
        }
      } catch (error) {
        if (signal.aborted) return;
        strip.hide();
        // Who may not see the traffic need not be told so again and again.
        const code = error instanceof ServerError ? error.code : "";
        if (code === "PERMISSION_DENIED" || code === "UNAUTHENTICATED") return;
        // What was there before is not compared with a server that began anew.
        changes = -1;
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  };
  const start = () => {
    if (reading !== undefined || document.hidden) return;
    reading = new AbortController();
    read(reading.signal);
  };
  const stop = () => {
    reading?.abort();
    reading = undefined;
    strip.hide();
  };
  // A tab that nobody looks at asks for nothing.
  document.addEventListener(
    "visibilitychange",
    () => document.hidden ? stop() : start(),
  );
  return { start, stop };
}

/** A second of traffic. */
interface Second {
  readonly calls: number;
  readonly received: number;
  readonly sent: number;
}

/** Draws the last seconds. */
class Strip {
  readonly #target: HTMLElement;
  readonly #calls = el("span", { class: "figure" });
  readonly #received = el("span", {
    class: "figure",
    title: "What the server receives",
  });
  readonly #sent = el("span", { class: "figure", title: "What the server sends" });
  readonly #line = svg("path", { class: "line" });
  readonly #picture = svg("svg", {
    viewBox: `0 0 ${SECONDS - 1} ${HEIGHT}`,
    preserveAspectRatio: "none",
    role: "img",
  }, this.#line);
  readonly #seconds: Second[] = [];
  #before: { readonly traffic: Traffic; readonly time: number } | undefined;

  constructor(target: HTMLElement) {
    this.#target = target;
    target.setAttribute("role", "group");
    target.setAttribute("aria-label", "Traffic of the server");
    target.replaceChildren(
      this.#picture,
      this.#calls,
      this.#received,
      this.#sent,
    );
  }

  hide(): void {
    this.#target.hidden = true;
    this.#before = undefined;
  }

  add(traffic: Traffic): void {
    const time = performance.now();
    const before = this.#before;
    this.#before = { traffic, time };
    const seconds = before === undefined ? 1 : (time - before.time) / 1000;
    const rate = (key: "calls" | "received" | "sent") =>
      before === undefined
        ? 0
        : Math.max(0, (traffic[key] - before.traffic[key]) / Math.max(seconds, 0.1));
    this.#seconds.push({
      calls: rate("calls"),
      received: rate("received"),
      sent: rate("sent"),
    });
    if (this.#seconds.length > SECONDS) this.#seconds.shift();
    this.#draw();
    this.#target.hidden = false;
  }

  #draw(): void {
    const last = this.#seconds.at(-1)!;
    const calls = Math.round(last.calls);
    this.#calls.textContent = `${count(calls)} call${calls === 1 ? "" : "s"}/s`;
    this.#received.textContent = `↓ ${bytes(last.received)}/s`;
    this.#sent.textContent = `↑ ${bytes(last.sent)}/s`;
    const sums = this.#seconds.map(({ received, sent }) => received + sent);
    const most = Math.max(...sums, 1);
    const first = SECONDS - sums.length;
    const points = sums.map((sum, at) =>
      `${first + at},${(HEIGHT - 1 - (HEIGHT - 2) * sum / most).toFixed(2)}`
    );
    this.#line.setAttribute("d", `M${points.join("L")}`);
    this.#picture.setAttribute(
      "aria-label",
      `The last ${counted(sums.length, "second")}: at most ${
        bytes(Math.max(...sums))
      } a second`,
    );
  }
}
