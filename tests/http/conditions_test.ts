/** Requests with conditions: ETag, If-None-Match, If-Match. */
import { assert, assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import { etagOf } from "../../http/conditions.ts";
import { FlightError } from "../../mod.ts";
import { MemoryStore } from "../../server.ts";
import { DirectoryStore } from "../../stores/directory/mod.ts";
import type { TableMessage, TablePut } from "../../stores/store.ts";
import { httpServing, jsonOf, putBytes } from "../helpers/http_serving.ts";

const POINTS = tableFromArrays({ x: [1, 2, 3] });
const BODY = new Uint8Array(tableToIPC(POINTS, "stream"));

/** Makes a request, and gives its status and ETag, once the body was read. */
async function ask(
  url: string,
  method: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; etag: string; text: string }> {
  const body = method === "PUT" ? BODY : undefined;
  const response = await fetch(url, { method, headers, body });
  const text = await response.text();
  return { status: response.status, etag: response.headers.get("etag") ?? "", text };
}

Deno.test("each version of a table has an ETag of its own, in every answer the same", async () => {
  await using both = await httpServing();
  const url = both.urlOf("points");
  const first = await ask(url, "PUT");
  assertMatch(first.etag, /^"[\x21\x23-\x7e]+"$/);
  for (const method of ["GET", "HEAD"]) {
    assertEquals((await ask(url, method)).etag, first.etag);
  }
  const response = await fetch(url, { method: "HEAD" });
  assertEquals(response.headers.get("cache-control"), "no-cache");
  await both.client.putTable("points", POINTS);
  const second = await ask(url, "GET");
  assertNotEquals(second.etag, first.etag);
});

Deno.test("If-None-Match gives 304 without a body while the table is the same", async () => {
  await using both = await httpServing();
  const url = both.urlOf("points");
  const { etag } = await ask(url, "PUT");
  for (const method of ["GET", "HEAD"]) {
    for (const tag of [etag, `W/${etag}`, `"other", ${etag}`, "*"]) {
      const { status, text, ...answer } = await ask(url, method, {
        "if-none-match": tag,
      });
      assertEquals([status, answer.etag, text], [304, etag, ""], `${method} ${tag}`);
    }
  }
  both.records.length = 0;
  await ask(url, "GET", { "if-none-match": etag });
  assertEquals(both.records.map(({ method, error }) => [method, error]), [
    ["DoGet", undefined],
  ]);
  await ask(url, "PUT");
  const { status, text } = await ask(url, "GET", { "if-none-match": etag });
  assertEquals([status, text.length > 0], [200, true]);
  const absent = await ask(both.urlOf("none"), "GET", { "if-none-match": etag });
  assertEquals(absent.status, 404);
});

Deno.test("If-Match on GET gives that version, or 412", async () => {
  await using both = await httpServing();
  const url = both.urlOf("points");
  const { etag } = await ask(url, "PUT");
  assertEquals((await ask(url, "GET", { "if-match": etag })).status, 200);
  for (const method of ["GET", "HEAD"]) {
    for (const tag of ['"other"', `W/${etag}`]) {
      assertEquals((await ask(url, method, { "if-match": tag })).status, 412);
    }
  }
});

Deno.test("PUT with If-Match replaces the version that it names, and no other", async () => {
  await using both = await httpServing();
  const url = both.urlOf("points");
  const first = await ask(url, "PUT");
  const second = await ask(url, "PUT", { "if-match": first.etag });
  assertEquals([first.status, second.status], [201, 200]);
  const { status, text } = await ask(url, "PUT", { "if-match": first.etag });
  assertEquals(status, 412);
  const { code, message } = JSON.parse(text);
  assertEquals([code, message.includes(second.etag)], ["FAILED_PRECONDITION", true]);
  assertEquals((await ask(url, "GET")).etag, second.etag);
  assertEquals((await ask(url, "PUT", { "if-match": "*" })).status, 200);
  const absent = await ask(both.urlOf("none"), "PUT", { "if-match": "*" });
  assertEquals(absent.status, 412);
  assertEquals(await both.client.listTables(), ["points"]);
});

Deno.test("PUT with If-None-Match: * puts a new table, and replaces none", async () => {
  await using both = await httpServing();
  const url = both.urlOf("points");
  const first = await ask(url, "PUT", { "if-none-match": "*" });
  assertEquals(first.status, 201);
  const second = await ask(url, "PUT", { "if-none-match": "*" });
  assertEquals(second.status, 412);
  assertEquals((await ask(url, "GET")).etag, first.etag);
});

Deno.test("of many writers with the same ETag one wins, in memory and in a folder", async () => {
  const folder = await Deno.makeTempDir();
  try {
    for (const store of [new MemoryStore(), await DirectoryStore.open(folder)]) {
      await using both = await httpServing({ store });
      const url = both.urlOf("points");
      const { etag } = await ask(url, "PUT");
      const writers = Array.from(
        { length: 8 },
        () => ask(url, "PUT", { "if-match": etag }),
      );
      const answers = await Promise.all(writers);
      const winners = answers.filter(({ status }) => status === 200);
      assertEquals(winners.length, 1);
      assertEquals(answers.filter(({ status }) => status === 412).length, 7);
      assertEquals((await ask(url, "GET")).etag, winners[0].etag);
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a version that is replaced while a PUT with If-Match comes in stays lost to it", async () => {
  await using both = await httpServing();
  const url = both.urlOf("points");
  const { etag } = await ask(url, "PUT");
  const half = Promise.withResolvers<void>();
  const rest = Promise.withResolvers<void>();
  async function* chunks() {
    yield BODY.subarray(0, 100);
    half.resolve();
    await rest.promise;
    yield BODY.subarray(100);
  }
  const slow = fetch(url, {
    method: "PUT",
    headers: { "if-match": etag },
    body: ReadableStream.from(chunks()),
  });
  await half.promise;
  const other = await ask(url, "PUT");
  rest.resolve();
  await jsonOf(await slow, 412);
  assertEquals((await ask(url, "GET")).etag, other.etag);
});

Deno.test("DELETE with If-Match drops the version that it names, and no other", async () => {
  await using both = await httpServing();
  const url = both.urlOf("points");
  const first = await ask(url, "PUT");
  const second = await ask(url, "PUT");
  assertEquals((await ask(url, "DELETE", { "if-match": first.etag })).status, 412);
  assertEquals(await both.client.listTables(), ["points"]);
  assertEquals((await ask(url, "DELETE", { "if-match": second.etag })).status, 204);
  assertEquals((await ask(url, "DELETE", { "if-match": second.etag })).status, 412);
});

Deno.test("a store that cannot put with a condition answers 501", async () => {
  class Plain extends MemoryStore {
    override put(
      ...[name, descriptor, messages, options = {}]: Parameters<MemoryStore["put"]>
    ): Promise<TablePut> {
      // Just as a MemoryStore would, without this option.
      const { replaces } = options;
      if (replaces !== undefined) {
        throw new FlightError("UNIMPLEMENTED", "Cannot put with a condition");
      }
      return super.put(name, descriptor, messages as AsyncIterable<TableMessage>);
    }
  }
  await using both = await httpServing({ store: new Plain() });
  const url = both.urlOf("points");
  assertEquals((await ask(url, "PUT")).status, 201);
  assertEquals((await ask(url, "PUT", { "if-match": "*" })).status, 501);
});

Deno.test("callers who may write a table and not read it can put it without a condition only", async () => {
  await using both = await httpServing({
    allow: (_identity, operation) => operation !== "read",
  });
  const url = both.urlOf("points");
  assertEquals((await ask(url, "PUT")).status, 201);
  for (const condition of ["if-match", "if-none-match"]) {
    assertEquals((await ask(url, "PUT", { [condition]: "*" })).status, 403);
  }
});

Deno.test("pages of other origins may send conditions, and read the ETag", async () => {
  await using both = await httpServing({}, { cors: ["https://example.org"] });
  const url = both.urlOf("points");
  await (await putBytes(url, BODY)).body?.cancel();
  const headers = { origin: "https://example.org" };
  const preflight = await fetch(url, { method: "OPTIONS", headers });
  await preflight.body?.cancel();
  const allowed = preflight.headers.get("access-control-allow-headers") ?? "";
  assert(["if-match", "if-none-match"].every((name) => allowed.includes(name)));
  const response = await fetch(url, { headers });
  await response.body?.cancel();
  assertEquals(response.headers.get("access-control-expose-headers"), "etag");
});

Deno.test("any revision makes an ETag, and none two", () => {
  assertEquals(etagOf({ revision: '"abc-2"' }), '"abc-2"');
  const revisions = ["", "a b", "a%20;b", 'a"b', "ü", "\ud800", "a\nb", "7", "a%b"];
  const etags = revisions.map((revision) => etagOf({ revision }));
  for (const etag of etags) assertMatch(etag, /^"[\x21\x23-\x7e]*"$/);
  assertEquals(new Set(etags).size, revisions.length);
});
