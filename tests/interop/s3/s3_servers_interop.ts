/** Servers over one bucket of a real object store. */
import { assert, assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient, TinyServer } from "../../../mod.ts";
import { ROOT } from "../../helpers/processes/deno_process.ts";
import { LineProcess } from "../../helpers/processes/line_process.ts";
import { plainColumns } from "../../helpers/tables/plain_columns.ts";
import { serving } from "../../helpers/serving.ts";
import { runPython } from "../python/python.ts";
import { pythonScript, runCases } from "../python/python_cases.ts";
import { Gateway } from "./s3_gateway.ts";

const SECONDS = 60;
const CLIENTS = 16;

/** The command `serve` over a bucket, in a process of its own. */
class S3Server extends LineProcess {
  constructor(gateway: Gateway, ...options: string[]) {
    const location = gateway.locationOf("served");
    const args = ["cli.ts", "serve", "--port=0", "--quiet", "--s3", location];
    const run = ["run", "-q", "-A", ...args, ...options];
    super(Deno.execPath(), run, { cwd: ROOT, env: gateway.env, stdin: "null" });
  }

  /** Where it listens, once it does. */
  async location(): Promise<string> {
    const line = await this.readLine() ?? "";
    const listening = "listening on ";
    assert(line.startsWith(listening), line);
    return line.slice(listening.length);
  }
}

/** What many_servers.py prints. */
interface Report {
  readonly calls: Readonly<Record<string, number>>;
  readonly errors: readonly string[];
}

Deno.test("Three servers over one bucket give 16 pyarrow clients whole versions only", async () => {
  await using gateway = await Gateway.start();
  await using servers = new AsyncDisposableStack();
  const started = [[], ["--cache-bytes=20MB"], ["--ttl=1d"]].map((options) =>
    servers.use(new S3Server(gateway, ...options))
  );
  const locations = await Promise.all(started.map((server) => server.location()));
  const script = pythonScript("s3/many_servers");
  const output = await runPython(script, `${SECONDS}`, `${CLIENTS}`, ...locations);
  const { calls, errors }: Report = JSON.parse(output);
  assertEquals(errors, []);
  for (const kind of ["get", "put", "info", "list", "drop"]) {
    assert(calls[kind] > 0, JSON.stringify(calls));
  }
  assertEquals(gateway.files().filter((file) => file.includes("multipart")), []);
});

Deno.test("pyarrow reads tables by the URLs of an S3Store: stored_urls.py", async (t) => {
  await using gateway = await Gateway.start();
  const store = await gateway.store("urls");
  await using server = await new TinyServer({ port: 0, store }).listen();
  await runCases(t, "s3/stored_urls", server.location);
});

Deno.test("TinyClient reads a table of an S3Store without its server, in pieces, too", async () => {
  await using gateway = await Gateway.start();
  const x = Float64Array.from({ length: 3_000_000 }, (_, index) => index);
  const table = tableFromArrays({ x });
  for (const pieceBytes of [Infinity, 6 * 1024 ** 2]) {
    const store = await gateway.store("direct", { pieceBytes });
    await using both = await serving({ store });
    await both.client.putTable("large", table);
    const { length } =
      (await Array.fromAsync(both.client.flight.listFlights()))[0].endpoint;
    assert(pieceBytes === Infinity ? length === 1 : length >= 4, `${length}`);
    both.records.length = 0;
    assertEquals(
      plainColumns(await both.client.getTable("large")),
      plainColumns(table),
    );
    assertEquals(both.records.map(({ method }) => method), ["GetFlightInfo"]);
    await using overGrpc = await TinyClient.connect(both.server.location, {
      http: false,
    });
    assertEquals((await overGrpc.getTable("large")).numRows, x.length);
  }
});

Deno.test("The example of three servers over one bucket runs", async () => {
  await using gateway = await Gateway.start();
  const main = "examples/three_servers/main.ts";
  const args = ["run", "-q", "-A", main, gateway.locationOf("example")];
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    env: gateway.env,
  });
  const { code, stdout, stderr } = await command.output();
  const lines = new TextDecoder().decode(stdout).split("\n");
  assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
  assertEquals(lines, [
    "4000000 rows in 3 objects",
    "read 3 times: 4000000,4000000,4000000",
    "left: ",
    "",
  ]);
});
