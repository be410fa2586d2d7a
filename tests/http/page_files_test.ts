/** The files of the web page: what they are made from, and how they are given. */
import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import files from "../../http/page/files.json" with { type: "json" };
import { generateFiles } from "../../http/page/generate.ts";
import { httpServing, jsonOf } from "../helpers/http_serving.ts";

Deno.test("the page's files agree with their sources (deno task generate)", async () => {
  assertEquals(JSON.parse(await generateFiles()), files);
});

Deno.test("GET / gives the page, and /page its files, with their types", async () => {
  await using both = await httpServing();
  const { location } = both.http;
  const typeOf = async (path: string) => {
    const response = await fetch(location + path);
    await response.body?.cancel();
    return [response.status, response.headers.get("content-type")];
  };
  assertEquals(await typeOf("/"), [200, "text/html; charset=utf-8"]);
  assertEquals(await typeOf("/page/page.css"), [200, "text/css; charset=utf-8"]);
  assertEquals(await typeOf("/page/main.js"), [200, "text/javascript; charset=utf-8"]);
  assertEquals(await typeOf("/page/icon.svg"), [200, "image/svg+xml"]);
  for (const path of ["/page/constructor", "/page/", "/page/../page/x", "/pages"]) {
    assertEquals((await typeOf(path))[0], 404);
  }
});

Deno.test("the page loads nothing but the server's own, and no text can be its code", async () => {
  await using both = await httpServing();
  const response = await fetch(both.http.location);
  const policy = new Map(
    response.headers.get("content-security-policy")!.split("; ").map((part) => {
      const [name, ...values] = part.split(" ");
      return [name, values.join(" ")];
    }),
  );
  assertEquals(policy.get("default-src"), "'none'");
  const sources = [...policy].filter(([name]) => name !== "trusted-types");
  for (const [name, value] of sources) {
    assertMatch(value, /^'(none|self|script)'$/, name);
  }
  assertEquals(policy.get("require-trusted-types-for"), "'script'");
  assertEquals(response.headers.get("x-content-type-options"), "nosniff");
  const html = await response.text();
  assertEquals(
    html.match(/<script(?! type="module" src="page\/)|<style| on\w+=/g),
    null,
  );
  for (const [name, { text }] of Object.entries(files)) {
    // Only the name of SVG's elements is an address of elsewhere.
    const addresses = text.match(/\b(https?:)?\/\/[a-z][\w.]*\.[a-z]+/g) ?? [];
    const others = addresses.filter((address) => address !== "http://www.w3.org");
    assertEquals([name, others], [name, []]);
    assertEquals(
      /innerHTML|insertAdjacentHTML|document\.write|eval\(/.test(text),
      false,
    );
  }
});

Deno.test("a browser that has a file of the page need not get it again", async () => {
  await using both = await httpServing();
  const url = `${both.http.location}/page/main.js`;
  const first = await fetch(url);
  const etag = first.headers.get("etag")!;
  assertStringIncludes(await first.text(), "import");
  // A proxy that compresses a file makes its ETag a weak one.
  for (const known of [etag, `W/${etag}`, `"x", ${etag}`]) {
    const second = await fetch(url, { headers: { "if-none-match": known } });
    assertEquals([second.status, await second.text()], [304, ""], known);
  }
  const other = await fetch(url, { headers: { "if-none-match": '"x"' } });
  assertEquals(other.status, 200);
  await other.body?.cancel();
});

Deno.test("HttpDoor with `page: false` has no page", async () => {
  await using both = await httpServing({}, { page: false });
  for (const path of ["/", "/page/main.js", "/page/tables", "/page/traffic"]) {
    await jsonOf(await fetch(both.http.location + path), 404);
  }
});
