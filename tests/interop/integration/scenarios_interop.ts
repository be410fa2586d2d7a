/** The scenarios of the Arrow Flight integration suite: our programs and those in Go. */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { fileURLToPath } from "node:url";
import { FlightClient } from "../../../flight/mod.ts";
import { prepareGo } from "../go/go_programs.ts";
import { readIntegrationJson } from "./integration_json.ts";
import { runClient, ServerProcess } from "./scenario_processes.ts";
import { SCENARIOS } from "./scenarios/all_scenarios.ts";
import { checkFlight } from "./scenarios/default.ts";

/** A program that is started with these words. */
interface Program {
  readonly whose: string;
  readonly command: readonly string[];
}

const DATA = new URL("data/", import.meta.url);
const FILES = [...Deno.readDirSync(DATA)].map(({ name }) => name).sort();
const NOT_IN_GO = "do_exchange:echo";

const go = await prepareGo();
const ourClient = ours("scenario_client.ts");
const ourServer = ours("scenario_server.ts");
const goClient: Program = { whose: "Go's", command: [go.client] };
const goServer: Program = { whose: "Go's", command: [go.server] };

function ours(name: string): Program {
  const path = fileURLToPath(new URL(name, import.meta.url));
  return { whose: "our", command: [Deno.execPath(), "run", "-A", path] };
}

function start({ command }: Program, scenario: string): Promise<ServerProcess> {
  return ServerProcess.start([...command, "-port", "0", ...scenarioWords(scenario)]);
}

async function succeed(
  { command }: Program,
  { port }: ServerProcess,
  words: readonly string[],
): Promise<void> {
  const { code, stderr } = await runClient([...command, "-port", `${port}`, ...words]);
  assertEquals(code, 0, stderr);
}

function scenarioWords(name: string): string[] {
  return name === "" ? [] : ["-scenario", name];
}

for (
  const [client, server] of [
    [ourClient, ourServer],
    [ourClient, goServer],
    [goClient, ourServer],
  ]
) {
  const pairing = `${client.whose} client with ${server.whose} server`;
  const isWithGo = client === goClient || server === goServer;
  const names = [...SCENARIOS.keys()].filter((name) =>
    name !== "" && !(isWithGo && name === NOT_IN_GO)
  );
  for (const name of names) {
    Deno.test(`${pairing}: ${name}`, async () => {
      await using running = await start(server, name);
      await succeed(client, running, scenarioWords(name));
      assertEquals(await running.terminate(), 0);
    });
  }
  Deno.test(`${pairing}: the scenario without a name`, async (t) => {
    await using running = await start(server, "");
    for (const file of FILES) {
      await t.step(file, async () => {
        const path = fileURLToPath(new URL(file, DATA));
        await succeed(client, running, ["-path", path]);
        if (client !== goClient) return;
        // Go's client gets the flight, and does not tell whether it is the right one.
        await using reader = new FlightClient(`grpc://localhost:${running.port}`);
        await checkFlight(reader, path, await readIntegrationJson(path));
      });
    }
  });
}

Deno.test("our client says what is wrong, and ends with 1", async () => {
  await using running = await start(ourServer, "poll_flight_info");
  const words = ["--port", `${running.port}`, "--scenario", "ordered"];
  const { code, stderr } = await runClient([...ourClient.command, ...words]);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "scenario_client: Cannot answer GetFlightInfo");
});

Deno.test("our programs say which scenarios there are", async () => {
  const words = ["--scenario", "flight_sql"];
  const { code, stderr } = await runClient([...ourServer.command, ...words]);
  assertEquals(code, 1);
  assertStringIncludes(
    stderr,
    'Cannot find the scenario "flight_sql": there are auth:',
  );
});
