/** The rules of the house that a program can hold. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const ENTRIES = [
  "mod.ts",
  "cli.ts",
  "flight/mod.ts",
  "http/mod.ts",
  "grpc_js/mod.ts",
  "stores/mod.ts",
  "stores/directory/mod.ts",
  "stores/s3/mod.ts",
  "stores/testing/mod.ts",
];

/** Each layer with those that it may import; a file outside a folder is its own layer. */
const BELOW_STORES = ["base", "rpc", "proto", "flight"];
const BELOW_ENTRIES = [...BELOW_STORES, "stores", "tables"];
const LAYERS: { readonly [layer: string]: readonly string[] } = {
  "base": [],
  "rpc": ["base"],
  "grpc_js": ["base", "rpc"],
  "proto": ["base", "rpc"],
  "flight": ["base", "rpc", "proto"],
  "stores": BELOW_STORES,
  "tables": [...BELOW_STORES, "stores"],
  "server.ts": BELOW_ENTRIES,
  "client.ts": BELOW_ENTRIES,
  "http": BELOW_ENTRIES,
  "mod.ts": ["server.ts", "client.ts"],
  "cli.ts": [...BELOW_ENTRIES, "server.ts", "client.ts", "http", "deno.json"],
};
/** The rooms of flight/arrow, each with those that it may import. */
const ARROW_ROOMS: { readonly [room: string]: readonly string[] } = {
  "format": [],
  "verify": ["format"],
  "encode": ["format"],
  "decode": ["format", "verify", "encode"],
  "split": ["format", "verify", "encode"],
};
const SERVER_CODE = [
  "server.ts",
  "flight/server/flight_server.ts",
  "flight/listen.ts",
  "flight/server_call.ts",
  "stores/memory_store.ts",
];
const GRPC_CODE = [
  "flight/client_call.ts",
  "flight/connection.ts",
  "flight/http2_sessions.ts",
  "flight/incoming_requests.ts",
  "flight/listen.ts",
  "flight/outgoing_call.ts",
  "flight/packed_messages.ts",
  "flight/protocol/status.ts",
  "flight/server_call.ts",
];
const DENO_CODE = [
  "cli.ts",
  "flight/deno_socket.ts",
  "flight/http2_sessions.ts",
  "flight/listen.ts",
  "http/servers.ts",
  "stores/directory/node_files.ts",
  "stores/half_of_memory.ts",
];
const MAX_LINES = 400;

/** The package's modules by their paths, each with what it imports. */
async function readImports(): Promise<Map<string, string[]>> {
  const modules = new Map<string, string[]>();
  for (const entry of ENTRIES) {
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: ROOT,
    }).output();
    assert(success, `deno info has failed for ${entry}`);
    for (const module of JSON.parse(new TextDecoder().decode(stdout)).modules) {
      if (!module.specifier.startsWith(ROOT.href)) continue;
      const imports: string[] = (module.dependencies ?? []).map((
        { code, type }: { code?: { specifier: string }; type?: { specifier: string } },
      ) => pathOf((code ?? type)?.specifier ?? ""));
      modules.set(pathOf(module.specifier), imports);
    }
  }
  return modules;
}

function pathOf(specifier: string): string {
  return specifier.replace(ROOT.href, "");
}

function layerOf(path: string): string {
  return path.split("/")[0];
}

/** All that a module imports, and what that imports, and so on. */
function reachable(modules: Map<string, string[]>, path: string): Set<string> {
  const found = new Set<string>();
  const visit = (at: string) => {
    for (const next of modules.get(at) ?? []) {
      if (!found.has(next)) {
        found.add(next);
        visit(next);
      }
    }
  };
  visit(path);
  return found;
}

const modules = await readImports();
const sources = new Map<string, string>();
for (const path of modules.keys()) {
  sources.set(path, await Deno.readTextFile(new URL(path, ROOT)));
}
const code = [...sources].filter(([path]) => path.endsWith(".ts"));

function pathsWith(pattern: RegExp): string[] {
  return code.filter(([, source]) => pattern.test(source)).map(([path]) => path);
}

Deno.test("a layer imports only those below it", () => {
  const wrong = [...modules].flatMap(([path, imports]) =>
    imports.filter((other) => modules.has(other)).filter((other) => {
      const [from, to] = [layerOf(path), layerOf(other)];
      return from !== to && !LAYERS[from].includes(to);
    }).map((other) => `${path} imports ${other}`)
  );
  assertEquals(wrong, []);
});

Deno.test("no module imports itself, by whatever way", () => {
  const circular = [...modules.keys()].filter((path) =>
    reachable(modules, path).has(path)
  );
  assertEquals(circular, []);
});

Deno.test("flight/arrow imports nothing that knows calls", () => {
  const known = ["flight/errors.ts"];
  const wrong = [...modules].filter(([path]) => path.startsWith("flight/arrow/"))
    .flatMap(([path, imports]) =>
      imports.filter((other) => modules.has(other) && layerOf(other) === "flight")
        .filter((other) => !other.startsWith("flight/arrow/") && !known.includes(other))
        .map((other) => `${path} imports ${other}`)
    );
  assertEquals(wrong, []);
});

Deno.test("a room of flight/arrow imports only those below it", () => {
  const roomOf = (path: string) => /^flight\/arrow\/(\w+)\//.exec(path)?.[1];
  const wrong = [...modules].flatMap(([path, imports]) => {
    const from = roomOf(path);
    if (from === undefined) return [];
    return imports.filter((other) => {
      const to = roomOf(other);
      return to !== undefined && to !== from && !ARROW_ROOMS[from].includes(to);
    }).map((other) => `${path} imports ${other}`);
  });
  assertEquals(wrong, []);
});

Deno.test("nothing imports inner files of apache-arrow", () => {
  const wrong = [...modules].flatMap(([path, imports]) =>
    imports.filter((other) => /^npm:\/?apache-arrow@[^/]*\//.test(other))
      .map((other) => `${path} imports ${other}`)
  );
  assertEquals(wrong, []);
});

Deno.test("client.ts reaches no server code", () => {
  const found = reachable(modules, "client.ts");
  assertEquals(SERVER_CODE.filter((path) => !modules.has(path)), []);
  assertEquals(SERVER_CODE.filter((path) => found.has(path)), []);
});

Deno.test("server.ts reaches no store but the one in memory", () => {
  const stores = [...reachable(modules, "server.ts")].filter((path) =>
    path.endsWith("_store.ts")
  );
  assertEquals(stores, ["stores/memory_store.ts"]);
});

Deno.test("few modules know grpc-js", () => {
  const found = [...modules].filter(([path, imports]) =>
    layerOf(path) !== "grpc_js" &&
    imports.some((other) => other.includes("@grpc/grpc-js"))
  );
  assertEquals(found.map(([path]) => path).sort(), GRPC_CODE);
});

Deno.test("shipped code imports only from npm and node", () => {
  const foreign = [...modules].flatMap(([path, imports]) =>
    imports.filter((other) => !modules.has(other) && !/^(npm|node):/.test(other))
      .map((other) => `${path} imports ${other}`)
  );
  assertEquals(foreign, []);
});

Deno.test("only cli.ts speaks to the console, the environment and the process", () => {
  assertEquals(pathsWith(/^(?! \*).*\b(console|process)\.\w/m), ["cli.ts"]);
});

Deno.test("few modules know Deno, and of it only the network, locks of files and permissions", () => {
  const found = pathsWith(/^(?! \*).*\bDeno\.\w/m);
  assertEquals(found.sort(), DENO_CODE);
  const other =
    /^(?! \*).*\bDeno\.(?!errors|listen|connect|serve|\w*Conn|\w*Listener|HttpServer|permissions\.querySync)\w/m;
  assertEquals(pathsWith(other), ["cli.ts", "stores/directory/node_files.ts"]);
});

Deno.test("no module re-exports everything, or says any without a reason", () => {
  assertEquals(pathsWith(/^export \* /m), []);
  const unreasoned =
    /^(?!.*deno-lint-ignore no-explicit-any -- ).*\n.*(: any\b|as any\b)/m;
  assertEquals(pathsWith(unreasoned), []);
});

Deno.test("no file is longer than 400 lines or has a TODO", () => {
  const long = code.filter(([, source]) => source.split("\n").length > MAX_LINES + 1);
  assertEquals(long.map(([path]) => path), []);
  assertEquals(pathsWith(/\b(TODO|FIXME|XXX)\b/), []);
});

Deno.test("every entry point opens with a module doc and an example", () => {
  for (const entry of ["mod.ts", "server.ts", "client.ts", "cli.ts", "flight/mod.ts"]) {
    const doc = sources.get(entry)?.split("*/")[0] ?? "";
    assert(
      doc.startsWith("/**") && doc.includes("@module") && doc.includes("@example"),
      entry,
    );
  }
});
