/**
 * Metrics in Prometheus' text form.
 *
 * @example A server with metrics
 * ```ts
 * import { Metrics } from "@tinyflight/flight/metrics";
 * import { HttpDoor } from "@tinyflight/flight/http";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const metrics = new Metrics();
 * await using server = await new TinyServer({
 *   port: 0,
 *   http: new HttpDoor({ port: 0, metrics }),
 *   onCall: metrics.onCall,
 *   onRefused: metrics.onRefused,
 * }).listen();
 * ```
 *
 * @module
 */
import { memoryUsage } from "node:process";
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { checkOptions, type OptionSet } from "../base/check_options.ts";
import { functionLike, objectWith, text } from "../base/value_kinds.ts";
import type { CallRecord } from "../flight/server/call_record.ts";
import type { TableStore } from "../stores/store.ts";

/** What {@linkcode Metrics} tell. */
export interface MetricsOptions {
  /**
   * The store whose tables and bytes are counted. They are listed when the metrics are
   * read, though not more often than every ten seconds. @default none
   */
  store?: TableStore;
  /**
   * How many connections are open, such as `() => server.connections`. @default none
   */
  connections?: () => number;
  /** The version of the program, for `tinyflight_info`. @default "unknown" */
  version?: string;
}

const OPTIONS: OptionSet<MetricsOptions> = {
  of: "Metrics",
  example: "{ store }",
  kinds: {
    connections: functionLike("() => server.connections"),
    store: objectWith(["list"], "a TableStore"),
    version: text("1.0.0"),
  },
};

/** How long a count of tables is used, in milliseconds. */
const COUNT_LASTS_MS = 10_000;

/** The upper bounds of the histogram's buckets, in seconds. */
const SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 2.5, 10, 60, 300];

/**
 * Counts calls by method and status, with their bytes, rows and durations. The labels
 * are the names of methods and of gRPC's codes, nothing that a client chooses.
 */
export class Metrics {
  readonly #registry: Registry = new Registry();
  readonly #calls: Counter<"method" | "code">;
  readonly #durations: Histogram<"method">;
  readonly #received: Counter<"method">;
  readonly #sent: Counter<"method">;
  readonly #rows: Counter<"method">;
  readonly #refused: Counter;
  readonly #store: TableStore | undefined;
  #counted: {
    readonly until: number;
    readonly tables: number;
    readonly bytes: number;
  } = { until: 0, tables: 0, bytes: 0 };

  /**
   * Metrics of one server.
   *
   * @throws {TypeError} when an option has a wrong type or is not known.
   */
  constructor(options: MetricsOptions = {}) {
    checkOptions(OPTIONS, options);
    const { store, connections, version = "unknown" } = options;
    this.#store = store;
    const registers = [this.#registry];
    const byMethod = { labelNames: ["method"] as const, registers };
    this.#calls = new Counter({
      name: "tinyflight_calls_total",
      help: "Calls that have ended, by method and gRPC status.",
      labelNames: ["method", "code"],
      registers,
    });
    this.#durations = new Histogram({
      name: "tinyflight_call_duration_seconds",
      help: "How long calls took, until their clients were answered.",
      buckets: SECONDS,
      ...byMethod,
    });
    this.#received = new Counter({
      name: "tinyflight_received_bytes_total",
      help: "Bytes of messages and bodies that came.",
      ...byMethod,
    });
    this.#sent = new Counter({
      name: "tinyflight_sent_bytes_total",
      help: "Bytes of messages and bodies that were sent.",
      ...byMethod,
    });
    this.#rows = new Counter({
      name: "tinyflight_rows_total",
      help: "Rows of the tables that were put or read.",
      ...byMethod,
    });
    this.#refused = new Counter({
      name: "tinyflight_refused_connections_total",
      help: "Connections that were refused, for their number or their certificate.",
      registers,
    });
    this.#addGauges(version, connections);
  }

  /** Counts a call that has ended: the option `onCall` of a server. */
  readonly onCall = (record: CallRecord): void => {
    const { method, error, duration, received, sent, rows = 0 } = record;
    this.#calls.inc({ method, code: error?.code ?? "OK" });
    this.#durations.observe({ method }, duration / 1000);
    this.#received.inc({ method }, received);
    this.#sent.inc({ method }, sent);
    if (error === undefined) this.#rows.inc({ method }, rows);
  };

  /** Counts a connection that was refused: the option `onRefused` of a server. */
  readonly onRefused = (): void => this.#refused.inc();

  /** The metrics as they are now, for the option `metrics` of an HttpDoor. */
  async read(): Promise<{ readonly text: string; readonly contentType: string }> {
    await this.#count();
    const text = await this.#registry.metrics();
    return { text, contentType: this.#registry.contentType };
  }

  #addGauges(version: string, connections?: () => number): void {
    const registers = [this.#registry];
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name,
        help,
        registers,
        collect() {
          this.set(value());
        },
      });
    new Gauge({
      name: "tinyflight_info",
      help: "Always 1; the label has the version.",
      labelNames: ["version"],
      registers,
    }).set({ version }, 1);
    const started = Date.now() / 1000;
    gauge(
      "process_start_time_seconds",
      "When the metrics began, in seconds since 1970.",
      () => started,
    );
    gauge(
      "process_resident_memory_bytes",
      "The memory of the process.",
      () => memoryUsage().rss,
    );
    if (connections !== undefined) {
      gauge(
        "tinyflight_connections",
        "Connections of gRPC that are open.",
        connections,
      );
    }
    if (this.#store === undefined) return;
    gauge("tinyflight_tables", "Tables in the store.", () => this.#counted.tables);
    gauge(
      "tinyflight_stored_bytes",
      "Bytes of the tables in the store, as Arrow IPC streams.",
      () => this.#counted.bytes,
    );
  }

  async #count(): Promise<void> {
    if (this.#store === undefined || this.#counted.until > Date.now()) return;
    let tables = 0;
    let sum = 0;
    for await (const { bytes } of this.#store.list("")) {
      tables++;
      sum += bytes;
    }
    this.#counted = { until: Date.now() + COUNT_LASTS_MS, tables, bytes: sum };
  }
}
