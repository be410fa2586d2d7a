/**
 * The commands `drop`, `shutdown` and `ping`.
 *
 * @module
 */
import { actionOf, type FlightClient, FlightError } from "../../flight/mod.ts";
import type { CommandCall } from "../command.ts";
import { CommandError, EXIT } from "../options/command_error.ts";
import { printLine, printNote } from "../terminal/output.ts";
import { explain } from "../explain_error.ts";
import { namesAt, notFound } from "../flights/find_flight.ts";
import { checkNames } from "../flights/flight_name.ts";
import { MISUNDERSTOOD } from "../flights/put_messages.ts";
import { withServer } from "../flights/with_server.ts";

/** Drops tables. Those that are there are dropped, also when others are not. */
export async function drop({ operands, options }: CommandCall): Promise<void> {
  checkNames(operands);
  await withServer(options, async (client, signal) => {
    const failures: CommandError[] = [];
    for (const name of operands) {
      try {
        await act(client, "drop_table", name, signal);
        if (!options.flag("quiet")) await printLine(`dropped ${name}`);
      } catch (error) {
        failures.push(await dropFailure(client, name, error, signal));
      }
    }
    const last = failures.pop();
    for (const { message } of failures) await printNote(`tinyflight: ${message}`);
    if (last !== undefined) throw last;
  });
}

/** Why a table was not dropped. What ends all drops is thrown. */
async function dropFailure(
  client: FlightClient,
  name: string,
  error: unknown,
  signal: AbortSignal,
): Promise<CommandError> {
  if (!(error instanceof FlightError) || signal.aborted) throw error;
  if (error.code === "NOT_FOUND") {
    return notFound(client, name, await namesAt(client, signal));
  }
  const failure = explain(error);
  if (failure.exitCode === EXIT.NOT_REACHED) throw error;
  return failure;
}

/** Shuts the server down. */
export async function shutdown({ options }: CommandCall): Promise<void> {
  await withServer(options, async (client, signal) => {
    await act(client, "shutdown", "", signal);
    if (!options.flag("quiet")) await printLine(`shut down ${client.location}`);
  });
}

/** Says whether the server answers, and how fast. */
export async function ping({ options }: CommandCall): Promise<void> {
  await withServer(options, async (client, signal) => {
    let started = performance.now();
    await answer(client, signal);
    const connected = performance.now() - started;
    started = performance.now();
    await answer(client, signal);
    const answered = performance.now() - started;
    if (options.flag("quiet")) return;
    await printLine(
      `${client.location} answers in ${milliseconds(answered)} (connected in ${
        milliseconds(connected)
      })`,
    );
  });
}

/** Waits for an answer, which may say that the server does not have what was asked. */
async function answer(client: FlightClient, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of client.listActions({ signal }));
  } catch (error) {
    const isThere = error instanceof FlightError && error.code === "UNIMPLEMENTED";
    if (!isThere) throw error;
  }
}

function milliseconds(duration: number): string {
  return `${duration.toPrecision(duration < 100 ? 2 : 3)} ms`;
}

/** Runs an action; when the server has none of this name, the error says which it has. */
async function act(
  client: FlightClient,
  type: string,
  body: string,
  signal: AbortSignal,
): Promise<void> {
  try {
    for await (const _ of client.doAction(actionOf(type, body), { signal }));
  } catch (error) {
    const isDoubtful = error instanceof FlightError && !signal.aborted &&
      MISUNDERSTOOD.includes(error.code);
    if (!isDoubtful) throw error;
    const types = await actionsOf(client, signal);
    if (types === undefined || types.includes(type)) throw error;
    const others = types.length === 0 ? "none" : types.join(", ");
    throw new CommandError(
      EXIT.FAILURE,
      `Cannot run the action "${type}": the server at "${client.location}" does not offer it; its actions: ${others}`,
      { cause: error },
    );
  }
}

async function actionsOf(
  client: FlightClient,
  signal: AbortSignal,
): Promise<string[] | undefined> {
  try {
    const types: string[] = [];
    for await (const { type } of client.listActions({ signal })) types.push(type);
    return types;
  } catch (error) {
    if (error instanceof FlightError && !signal.aborted) return undefined;
    throw error;
  }
}
