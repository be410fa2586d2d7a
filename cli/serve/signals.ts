/**
 * The signals of the system.
 *
 * @module
 */
import process from "node:process";
import { setTimeout } from "node:timers";
import { isatty } from "node:tty";
import type { TinyServer } from "../../server.ts";

/**
 * Signals that follow the first one within this time are repetitions of it, in
 * milliseconds: on Ctrl+C the terminal and `deno task` send one each.
 */
const SAME_SIGNAL_MS = 500;

/** What signals do. */
export interface SignalOptions {
  /** How long the server says that it ends before it refuses calls, in milliseconds. */
  readonly notice: number;
  /** Reads files again; undefined when there are none. */
  readonly reload: (() => void) | undefined;
}

/**
 * Waits until the server is shut down. A signal shuts it down, but for SIGHUP where
 * there is no terminal: it reads the files again.
 */
export async function untilShutDown(
  server: TinyServer,
  { notice, reload }: SignalOptions,
): Promise<void> {
  const signals = ["SIGINT", "SIGTERM"];
  // SIGHUP is sent when the terminal is closed. Under nohup there is no terminal.
  const isInTerminal = hasTerminal();
  if (isInTerminal) signals.push("SIGHUP");
  let timer: NodeJS.Timeout | undefined;
  // Without a listener, a signal ends the process at once.
  const stopListening = () => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  const onSignal = () => {
    if (timer !== undefined) return;
    timer = setTimeout(stopListening, SAME_SIGNAL_MS);
    timer.unref();
    server.shutdown({ notice });
  };
  for (const signal of signals) process.on(signal, onSignal);
  const onHangUp = isInTerminal ? undefined : reload;
  if (onHangUp !== undefined) process.on("SIGHUP", onHangUp);
  await server.finished;
  if (onHangUp !== undefined) process.removeListener("SIGHUP", onHangUp);
  // After a signal its repetition may still come, and must not change the exit code.
  if (timer === undefined) stopListening();
}

function hasTerminal(): boolean {
  return [0, 1, 2].some((descriptor) => isatty(descriptor));
}
