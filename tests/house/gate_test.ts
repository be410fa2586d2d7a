/** The rules of the house that a program can hold. */
import { assert, assertEquals } from "@std/assert";
import {
  type PackageModule,
  reachable,
  readModules,
} from "../helpers/package_modules.ts";

const MAX_LINES = 400;

const modules = await readModules();
const all = [...modules.values()];
const code = all.filter(({ path }) => path.endsWith(".ts"));

/** The rooms of the house, each with those below it, from which it may import. */
const BELOW_PROTO = ["base", "rpc"];
const BELOW_STORES = [...BELOW_PROTO, "proto", "flight"];
const BELOW_ENTRIES = [...BELOW_STORES, "stores", "tables"];
const ROOMS: { readonly [room: string]: readonly string[] } = {
  base: [],
  rpc: ["base"],
  wire: BELOW_PROTO,
  grpc_js: BELOW_PROTO,
  proto: BELOW_PROTO,
  // Its server and its client have the wire for a default, and nothing else has.
  flight: [...BELOW_PROTO, "proto", "wire"],
  stores: BELOW_STORES,
  tables: [...BELOW_STORES, "stores"],
  // It writes and reads the formats of files when they are asked for.
  http: [...BELOW_ENTRIES, "files"],
  files: [...BELOW_PROTO, "proto", "flight"],
  auth: BELOW_ENTRIES,
  services: BELOW_STORES,
  telemetry: [...BELOW_STORES, "stores"],
  sql: BELOW_ENTRIES,
  "server.ts": BELOW_ENTRIES,
  "client.ts": BELOW_ENTRIES,
  "notebook.ts": ["base"],
  "mod.ts": ["server.ts", "client.ts"],
  "cli.ts": [...BELOW_ENTRIES, "cli", "deno.json"],
  cli: [
    ...BELOW_ENTRIES,
    "server.ts",
    "client.ts",
    "http",
    "files",
    "auth",
    "services",
    "telemetry",
    "sql",
    "cli",
    "deno.json",
  ],
};

/** The parts of flight/, each with those from which it may import. */
const BELOW_FORMAT = ["errors.ts", "arrow/compression"];
const BELOW_CALLS = [
  "errors.ts",
  "protocol",
  "arrow/compression",
  "arrow/format",
  "arrow/verify",
  "arrow/encode",
  "arrow/decode",
  "arrow/split",
];
const PARTS: { readonly [part: string]: readonly string[] } = {
  "errors.ts": [],
  "protocol": ["errors.ts"],
  "arrow/compression": ["errors.ts"],
  "arrow/format": BELOW_FORMAT,
  "arrow/verify": [...BELOW_FORMAT, "arrow/format"],
  "arrow/encode": [...BELOW_FORMAT, "arrow/format"],
  "arrow/decode": [...BELOW_FORMAT, "arrow/format", "arrow/verify", "arrow/encode"],
  "arrow/split": [...BELOW_FORMAT, "arrow/format", "arrow/verify", "arrow/encode"],
  "server": BELOW_CALLS,
  "client": BELOW_CALLS,
  "mod.ts": [...BELOW_CALLS, "server", "client"],
};

function roomOf(path: string): string {
  return path.split("/")[0];
}

/** The part of flight/ to which a path belongs; undefined for all other paths. */
function partOf(path: string): string | undefined {
  return /^flight\/(arrow\/\w+|[\w.]+)/.exec(path)?.[1];
}

/** The imports that are wrong, one a line. */
function wrongImports(
  isWrong: (module: PackageModule, imported: string) => boolean,
): string[] {
  return all.flatMap((module) =>
    module.imports.filter((imported) => isWrong(module, imported))
      .map((imported) => `${module.path} imports ${imported}`)
  );
}

/** The paths of the modules whose code, without its docs, has this. */
function pathsWith(pattern: RegExp): string[] {
  return code.filter(({ source }) => pattern.test(source)).map(({ path }) => path);
}

Deno.test("a room imports only from those below it", () => {
  assertEquals(
    wrongImports(({ path }, imported) => {
      const [from, to] = [roomOf(path), roomOf(imported)];
      return modules.has(imported) && from !== to && !ROOMS[from].includes(to);
    }),
    [],
  );
});

Deno.test("a part of flight/ imports only from those below it, and server and client never meet", () => {
  assertEquals(
    wrongImports(({ path }, imported) => {
      const [from, to] = [partOf(path), partOf(imported)];
      if (from === undefined || to === undefined || from === to) return false;
      return !PARTS[from].includes(to);
    }),
    [],
  );
});

Deno.test("no module that runs imports itself, by whatever way", () => {
  const circular = [...modules.keys()].filter((path) =>
    reachable(modules, path, "runs").has(path)
  );
  assertEquals(circular, []);
});

Deno.test("only FlightServer imports wire/server.ts, only FlightClient wire/client.ts", () => {
  const fromOutside = wrongImports(({ path }, imported) =>
    roomOf(imported) === "wire" && roomOf(path) !== "wire"
  );
  assertEquals(fromOutside.sort(), [
    "flight/client/flight_client.ts imports wire/client.ts",
    "flight/server/flight_server.ts imports wire/server.ts",
  ]);
});

Deno.test("nobody but grpc_js/ imports it, or grpc-js", () => {
  assertEquals(
    wrongImports(({ path }, imported) =>
      roomOf(path) !== "grpc_js" &&
      (roomOf(imported) === "grpc_js" || imported.includes("@grpc/grpc-js"))
    ),
    [],
  );
});

Deno.test("client.ts reaches no server code, and no store", () => {
  const found = [...reachable(modules, "client.ts")].filter((path) =>
    path === "server.ts" || partOf(path) === "server" || path === "wire/server.ts" ||
    roomOf(path) === "stores"
  );
  assertEquals(found, []);
});

Deno.test("server.ts reaches no store but the one in memory", () => {
  const stores = [...reachable(modules, "server.ts")].filter((path) =>
    path.endsWith("_store.ts")
  );
  assertEquals(stores, ["stores/memory_store.ts"]);
});

Deno.test("http/ loads the page and the formats of files when they are asked for", () => {
  const imports = wrongImports(({ path }, imported) =>
    roomOf(path) === "http" &&
    (roomOf(imported) === "files" || imported === "http/page/page.ts" ||
      imported === "http/file_formats.ts")
  );
  assertEquals(imports.sort(), [
    "http/file_formats.ts imports files/file_format.ts",
    "http/file_formats.ts imports files/mod.ts",
    "http/requests.ts imports http/file_formats.ts",
    "http/requests.ts imports http/page/page.ts",
  ]);
  const { source } = modules.get("http/requests.ts")!;
  assertEquals(
    /^import (?!type).* from "\.\/(file_formats|page\/page)/m.test(source),
    false,
  );
});

Deno.test("files/ knows of flight/ only Arrow's bytes", () => {
  assertEquals(
    wrongImports(({ path }, imported) =>
      roomOf(path) === "files" && roomOf(imported) === "flight" &&
      !/^flight\/(arrow\/|errors\.ts)/.test(imported)
    ),
    [],
  );
});

Deno.test("files/ loads a large library only when it is used", () => {
  const atOnce = /^import (?!type )[^;]* from "(?!node:|\.|apache-arrow")/m;
  const paths = pathsWith(atOnce).filter((path) => roomOf(path) === "files");
  assertEquals(paths, []);
});

Deno.test("shipped code imports only from npm and node, and never node:http2", () => {
  assertEquals(
    wrongImports((_, imported) =>
      !modules.has(imported) && !/^(npm|node):/.test(imported) ||
      imported === "node:http2"
    ),
    [],
  );
});

Deno.test("nothing imports inner files of apache-arrow", () => {
  assertEquals(
    wrongImports((_, imported) => /^npm:\/?apache-arrow@[^/]*\//.test(imported)),
    [],
  );
});

Deno.test("only cli.ts, and what reports unexpected errors, speaks to the console", () => {
  const speaking = pathsWith(/^(?! \*).*\bconsole\.\w/m);
  const others = speaking.filter((path) => !["cli.ts", "cli"].includes(roomOf(path)));
  assertEquals(others, ["flight/server/report_unexpected.ts"]);
});

Deno.test("nobody asks for the environment or ends the process but cli.ts", () => {
  assertEquals(
    pathsWith(/^(?! \*).*\b(process|Deno)\.(env|exit)\b/m).filter((path) =>
      !["cli.ts", "cli"].includes(roomOf(path))
    ),
    [],
  );
});

Deno.test("Deno's own API is used by the wire's sockets, HTTP, stores and the command", () => {
  const using = pathsWith(/^(?! \*).*\bDeno\.\w/m).filter((path) =>
    !["http", "stores", "cli.ts", "cli"].includes(roomOf(path))
  );
  assertEquals(using, ["wire/sockets/deno_socket.ts"]);
});

Deno.test("no private field of somebody else's object is reached, no method replaced", () => {
  // A reach needs a cast that says what is not declared.
  assertEquals(pathsWith(/^(?! \*).*\bas unknown as\b/m), []);
  assertEquals(pathsWith(/\.prototype\.\w+ = |_readableState|_handle\b/), []);
});

Deno.test("no module re-exports everything, or says any without a reason", () => {
  assertEquals(pathsWith(/^export \* /m), []);
  const unreasoned =
    /^(?!.*deno-lint-ignore no-explicit-any -- ).*\n(?! *\/?\*).*(: any\b|as any\b)/m;
  assertEquals(pathsWith(unreasoned), []);
});

Deno.test("no file is longer than 400 lines or has a TODO", () => {
  const long = code.filter(({ source }) => source.split("\n").length > MAX_LINES + 1);
  assertEquals(long.map(({ path }) => path), []);
  assertEquals(pathsWith(/\b(TODO|FIXME|XXX)\b/), []);
});

Deno.test("every entry point opens with a module doc and an example", () => {
  const entries = ["mod.ts", "server.ts", "client.ts", "cli.ts", "flight/mod.ts"];
  for (
    const entry of [
      ...entries,
      "files/mod.ts",
      "http/mod.ts",
      "auth/mod.ts",
      "services/mod.ts",
      "grpc_js/mod.ts",
    ]
  ) {
    const doc = modules.get(entry)?.source.split("*/")[0] ?? "";
    assert(
      doc.startsWith("/**") && doc.includes("@module") && doc.includes("@example"),
      entry,
    );
  }
});
