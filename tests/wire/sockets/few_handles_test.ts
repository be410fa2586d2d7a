/** A server whose system has no more handles for connections. */
import { assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TinyClient } from "../../../client.ts";
import { ROOT } from "../../helpers/processes/deno_process.ts";
import { LineProcess } from "../../helpers/processes/line_process.ts";

const MAX_FILES = 64;

Deno.test("a server outlives more connections than it may have handles", async () => {
  const serve = `"${Deno.execPath()}" run -q -P=serve cli.ts serve --port 0 --http 0`;
  const command = `ulimit -n ${MAX_FILES}; exec ${serve} --quiet`;
  await using process = new LineProcess("sh", ["-c", command], { cwd: ROOT });
  const [grpc, http] = [await process.readLine(), await process.readLine()]
    .map((line) => line!.replace("listening on ", ""));
  const ports = [grpc, http].map((location) => Number(location.split(":").at(-1)));
  const points = tableFromArrays({ x: [1, 2, 3] });
  {
    await using client = await TinyClient.connect(grpc, { http: false });
    await client.putTable("points", points);
  }
  for (const port of ports) {
    const conns = await Promise.allSettled(
      Array.from({ length: 2 * MAX_FILES }, () => Deno.connect({ port })),
    );
    // Some are refused, when the server's port is closed for a moment.
    for (const conn of conns) if (conn.status === "fulfilled") conn.value.close();
  }
  {
    await using client = await TinyClient.connect(grpc, { http: false });
    assertEquals((await client.getTable("points")).numRows, 3);
  }
  let response: Response | undefined;
  while (response === undefined) {
    // Deno's server has to be started anew.
    response = await fetch(`${http}/tables/points`).catch(() => undefined);
  }
  assertEquals(response.status, 200);
  await response.body?.cancel();
  process.kill("SIGTERM");
  assertEquals(await process.code, 0);
});
