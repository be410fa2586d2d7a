/**
 * The arguments of the scenario programs.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { findScenario } from "./all_scenarios.ts";
import type { Scenario } from "./scenario.ts";

/** What a program was asked to do. */
export interface ScenarioArguments {
  /** The scenario to play. */
  readonly scenario: Scenario;
  /** Where the server is. */
  readonly host: string;
  /** The server's port. */
  readonly port: number;
  /** A JSON file, for the default scenario's client. */
  readonly path: string | undefined;
}

/**
 * Reads the arguments, of which those by these names are allowed. As in the programs
 * of the suite that are written in Go, `-port` may stand for `--port`.
 *
 * @throws {Error} when an argument or the scenario is not known.
 */
export function parseArguments(
  args: readonly string[],
  names: readonly ("host" | "port" | "scenario" | "path")[],
): ScenarioArguments {
  const { values } = parseArgs({
    args: args.map((arg) => arg.replace(/^-(?=[a-z]{2})/, "--")),
    options: Object.fromEntries(
      names.map((name) => [name, { type: "string" } as const]),
    ),
  });
  const { host = "localhost", port = "31337", scenario = "", path } = values;
  return { scenario: findScenario(scenario), host, port: Number(port), path };
}
