/**
 * The command `serve`.
 *
 * @module
 */
import type { ServerMiddleware } from "../../flight/mod.ts";
import { HttpDoor } from "../../http/mod.ts";
import { type CallRecord, TinyServer } from "../../server.ts";
import { healthService, reflectionServices } from "../../services/mod.ts";
import type { TableStore } from "../../stores/store.ts";
import { checkNotOpen, isReachedByOthers } from "../../tables/open_check.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import { UsageError } from "../options/command_error.ts";
import type { CommandCall } from "../command.ts";
import type { GivenOptions } from "../options/given_options.ts";
import { VERSION } from "../version.ts";
import { readVariable } from "../options/variables.ts";
import { readAccess, signingKey } from "./access.ts";
import { logCall, type LogForm } from "./call_log.ts";
import { type MetricsServer, serveMetrics } from "./metrics_server.ts";
import { openStore } from "./open_store.ts";
import { print } from "./print.ts";
import { untilShutDown } from "./signals.ts";
import { storeChoice } from "./store_choice.ts";
import { readTls } from "./tls.ts";

/** Serves until a signal or a caller shuts the server down. */
export async function serve({ options }: CommandCall): Promise<void> {
  const access = await readAccess(options);
  const tls = await readTls(options);
  const hostname = options.text("hostname") ?? "localhost";
  await checkOpen(hostname, access.auth !== undefined, options);
  const isQuiet = options.flag("quiet");
  using open = await openStore(storeChoice(options), {
    env: readVariable,
    tell: (line) => print(isQuiet ? undefined : line),
    warn: (line) => print(undefined, line),
  });
  const { store } = open;
  const metrics = await metricsOf(store, () => server.connections, options);
  const http = await httpOf(metrics, options);
  const form = (options.text("log") ?? "short") as LogForm;
  const server = new TinyServer({
    hostname,
    port: options.number("port") ?? 5678,
    store,
    http,
    tls,
    auth: access.auth,
    allow: access.allow,
    allowOpen: true,
    allowShutdown: mayShutdown(options, access.auth !== undefined),
    advertise: options.text("advertise"),
    services: [
      healthService(),
      ...options.flag("reflection") ? reflectionServices() : [],
    ],
    middleware: await middlewareOf(options),
    onCall: (record: CallRecord) => {
      metrics?.onCall(record);
      logCall(record, { form, isQuiet });
    },
    onRefused: ({ peer, reason }) => {
      metrics?.onRefused();
      print(undefined, isQuiet ? undefined : `refused ${peer}: ${reason}`);
    },
    ...limitsOf(options),
  });
  await server.listen();
  const reloads = [
    ...access.files.map((file) => () => file.reload()),
    ...tls === undefined ? [] : [async () => {
      await server.setTls((await readTls(options))!);
    }],
  ];
  await using metricsServer = await metricsServerOf(metrics, options);
  // A program that reads the first line may send a signal at once.
  const shutDown = untilShutDown(server, {
    notice: options.number("drain-delay") ?? 0,
    reload: reloads.length === 0 ? undefined : () => reloadAll(reloads),
  });
  console.log(`listening on ${server.location}`);
  if (http !== undefined) console.log(`listening on ${http.location}`);
  if (metricsServer !== undefined) console.log(`metrics on ${metricsServer.location}`);
  await shutDown;
}

/** Refuses to let strangers in, or warns of it. */
async function checkOpen(
  hostname: string,
  hasAuth: boolean,
  options: GivenOptions,
): Promise<void> {
  if (!hasAuth && !options.flag("allow-open")) {
    await checkNotOpen(
      hostname,
      "set --users, --token-file, --jwks or --client-ca, or --allow-open",
    );
    return;
  }
  if (!await isReachedByOthers(hostname)) return;
  if (!hasAuth) {
    print(
      undefined,
      "warning: everyone who reaches this machine can read, replace and drop every table (--allow-open)",
    );
  }
  if (options.text("tls-cert") === undefined) {
    print(
      undefined,
      "warning: passwords, tokens and tables cross the network unencrypted, unless a proxy speaks TLS (--tls-cert)",
    );
  }
}

/**
 * Rules say who may; without them nobody who logs in, unless the option lets everyone. A
 * variable or a configuration may say that nobody may.
 */
function mayShutdown(options: GivenOptions, hasAuth: boolean): boolean | undefined {
  if (options.among("allow-shutdown").length > 0) return options.flag("allow-shutdown");
  return hasAuth && options.text("rules") === undefined ? false : undefined;
}

async function metricsOf(
  store: TableStore,
  connections: () => number,
  options: GivenOptions,
): Promise<Metrics | undefined> {
  if (!options.flag("metrics") && options.number("metrics-port") === undefined) {
    return undefined;
  }
  if (options.flag("metrics") && options.number("http") === undefined) {
    throw new UsageError("Cannot give metrics over HTTP: --metrics needs --http");
  }
  // What is not used is not loaded.
  const { Metrics } = await import("../../telemetry/metrics.ts");
  return new Metrics({ store, connections, version: VERSION });
}

async function metricsServerOf(
  metrics: Metrics | undefined,
  options: GivenOptions,
): Promise<MetricsServer | undefined> {
  const port = options.number("metrics-port");
  if (metrics === undefined || port === undefined) return undefined;
  const hostname = options.text("metrics-hostname") ?? "localhost";
  return await serveMetrics(metrics, { hostname, port });
}

async function httpOf(
  metrics: Metrics | undefined,
  options: GivenOptions,
): Promise<HttpDoor | undefined> {
  const port = options.number("http");
  if (port === undefined) {
    const [left] = options.among("cors", "http-hosts", "http-advertise");
    if (left === undefined) return undefined;
    throw new UsageError(`Cannot use --${left}: it needs --http`);
  }
  return new HttpDoor({
    port,
    advertise: options.text("http-advertise"),
    cors: allOr(options.list("cors")),
    hosts: allOr(options.list("http-hosts")),
    metrics: options.flag("metrics") ? metrics : undefined,
    signingKey: await signingKey(options),
  });
}

function allOr(
  list: readonly string[] | undefined,
): "*" | readonly string[] | undefined {
  return list?.includes("*") ? "*" : list;
}

async function middlewareOf(options: GivenOptions): Promise<ServerMiddleware[]> {
  if (!options.flag("traces")) return [];
  const { traceServer } = await import("../../telemetry/opentelemetry.ts");
  return [traceServer()];
}

function limitsOf(options: GivenOptions) {
  return {
    maxTableBytes: options.number("max-table-bytes"),
    maxCallerBytes: options.number("max-caller-bytes"),
    maxMessageBytes: options.number("max-message-bytes"),
    maxConcurrentCalls: options.number("max-concurrent-calls"),
    maxCallerCalls: options.number("max-caller-calls"),
    maxConnections: options.number("max-connections"),
    maxPeerConnections: options.number("max-peer-connections"),
    maxIdleTime: options.number("max-idle-time"),
  };
}

/** Reads all files again; one that is wrong leaves what was read before. */
async function reloadAll(reloads: readonly (() => Promise<void>)[]): Promise<void> {
  let failed = 0;
  for (const reload of reloads) {
    try {
      await reload();
    } catch (error) {
      failed++;
      const reason = error instanceof Error ? error.message : String(error);
      print(undefined, `tinyflight: ${reason}; what was read before stays`);
    }
  }
  if (failed === 0) print("reloaded certificates, users, tokens and rules");
}
