/** A server whose system has no more handles for connections. */
import { assertEquals } from "@std/assert";
import { tableFromArrays } from "apache-arrow";
import { TextLineStream } from "../../bench/lines.ts";
import { TinyClient } from "../../client.ts";
import { ROOT } from "../helpers/deno_process.ts";

const MOST_FILES = 64;

Deno.test("a server outlives more connections than it may have handles", async () => {
  const serve = `"${Deno.execPath()}" run -q -P=serve cli.ts serve --port 0 --http 0`;
  const command = `ulimit -n ${MOST_FILES}; exec ${serve} --quiet`;
  await using process = new Deno.Command("sh", {
    args: ["-c", command],
    cwd: ROOT,
    stdout: "piped",
  }).spawn();
  const lines = process.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  const [grpc, http] = [await lines.read(), await lines.read()]
    .map(({ value }) => value!.replace("listening on ", ""));
  const ports = [grpc, http].map((location) => Number(location.split(":").at(-1)));
  const points = tableFromArrays({ x: [1, 2, 3] });
  {
    await using client = await TinyClient.connect(grpc, { http: false });
    await client.putTable("points", points);
  }
  for (const port of ports) {
    const conns = await Promise.allSettled(
      Array.from({ length: 2 * MOST_FILES }, () => Deno.connect({ port })),
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
  assertEquals((await process.status).code, 0);
  await lines.cancel();
});
