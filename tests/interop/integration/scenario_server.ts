/**
 * A server of the Arrow Flight integration suite:
 * `deno run -A tests/interop/integration/scenario_server.ts --port 0 --scenario ordered`. It says
 * where it listens, and serves until it is terminated.
 *
 * @module
 */
import { parseArguments } from "./scenarios/arguments.ts";

async function main(): Promise<void> {
  const { scenario, port } = parseArguments(Deno.args, ["port", "scenario"]);
  await using server = await scenario.server({ port }).listen();
  const stop = () => void server.shutdown({ timeout: 0 });
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    Deno.addSignalListener(signal, stop);
  }
  console.log(`Server listening on localhost:${new URL(server.location).port}`);
  await server.finished;
}

try {
  await main();
  Deno.exit(0);
} catch (error) {
  console.error(`scenario_server: ${error instanceof Error ? error.message : error}`);
  Deno.exit(1);
}
