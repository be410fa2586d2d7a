/**
 * A client of the Arrow Flight integration suite:
 * `deno run -A tests/interop/integration/scenario_client.ts --port 5678 --scenario ordered`. It
 * ends with 0 when the server has answered as the scenario says.
 *
 * @module
 */
import { parseArguments } from "./scenarios/arguments.ts";

async function main(): Promise<void> {
  const names = ["host", "port", "scenario", "path"] as const;
  const { scenario, host, port, path } = parseArguments(Deno.args, names);
  await scenario.client(`grpc://${host}:${port}`, path);
}

try {
  await main();
} catch (error) {
  console.error(`scenario_client: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
