/** readFlight() with locations where no server answers. */
import { assertEquals } from "@std/assert";
import { readFlight, REUSE_CONNECTION } from "../../flight/mod.ts";
import { startFlight } from "../helpers/flight_calls.ts";
import { endpoint, flight, numbers, Parts } from "../helpers/flight_parts.ts";
import { assertFlightError } from "../helpers/serving.ts";

/** A location of this machine where nobody listens. */
function deadLocation(): string {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return `grpc://127.0.0.1:${listener.addr.port}`;
}

for (
  const [what, ...uris] of [
    ["nobody listens", deadLocation()],
    ["nobody listens twice", deadLocation(), deadLocation()],
    ["the host is unknown", "grpc://nowhere.invalid:1"],
    ["the scheme is HTTP's", "https://example.com/data.arrows"],
    ["the scheme is unknown", "ftp://x/y", "grpc+shm://x", "", "?"],
  ]
) {
  for (const ordered of [true, false]) {
    const how = ordered ? "in order" : "in parallel";
    Deno.test(`readFlight() takes the next location where ${what}, ${how}`, async () => {
      await using both = await startFlight(new Parts());
      const locations = [...uris, both.server.location];
      const info = flight(
        [endpoint("2 1", locations), endpoint("1 2", locations)],
        ordered,
      );
      const found = await numbers(readFlight(both.client, info));
      assertEquals(found.sort(), [1, 1, 2]);
    });
  }
}

Deno.test("readFlight() takes the next location where the server is no Flight server", async () => {
  await using both = await startFlight(new Parts());
  const web = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () => {
    return new Response("<html>hello</html>", { status: 200 });
  });
  const wrong = `grpc://127.0.0.1:${web.addr.port}`;
  const info = flight([endpoint("1 1", [wrong, both.server.location])]);
  assertEquals(await numbers(readFlight(both.client, info)), [1]);
  await web.shutdown();
});

Deno.test("readFlight() rejects with what the last location answered", async () => {
  await using both = await startFlight(new Parts());
  const info = flight([endpoint("missing", [deadLocation(), REUSE_CONNECTION])]);
  await assertFlightError(() => numbers(readFlight(both.client, info)), "NOT_FOUND");
  const dead = flight([endpoint("missing", [REUSE_CONNECTION, deadLocation()])]);
  await assertFlightError(() => numbers(readFlight(both.client, dead)), "UNAVAILABLE");
});
