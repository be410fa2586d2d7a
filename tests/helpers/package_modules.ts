/** The package's modules, and what they import, as Deno sees them. */
import { assert } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** A module of the package, or a file that one imports. */
export interface PackageModule {
  /** Its path, such as `flight/mod.ts`. */
  readonly path: string;
  /** What it imports: paths of the package, or specifiers such as `npm:...`. */
  readonly imports: readonly string[];
  /** Those of them that are there when it runs: no types. */
  readonly runs: readonly string[];
  /** Its text. */
  readonly source: string;
}

/** The modules of the package by their paths. */
export type PackageModules = ReadonlyMap<string, PackageModule>;

/** Reads the modules that the package's entries reach. */
export async function readModules(): Promise<PackageModules> {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT)));
  const modules = new Map<string, PackageModule>();
  for (const entry of Object.values<string>(config.exports)) {
    const { stdout, success } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", entry],
      cwd: ROOT,
    }).output();
    assert(success, `deno info has failed for ${entry}`);
    for (const { specifier, dependencies = [] } of readInfo(stdout)) {
      const path = pathOf(specifier);
      if (path === undefined || modules.has(path)) continue;
      const name = ({ specifier }: Specifier) => pathOf(specifier) ?? specifier;
      const imports = dependencies.flatMap(({ code, type }) => code ?? type ?? []);
      const runs = dependencies.flatMap(({ code }) => code ?? []);
      const source = await Deno.readTextFile(new URL(path, ROOT));
      modules.set(path, {
        path,
        imports: imports.map(name),
        runs: runs.map(name),
        source,
      });
    }
  }
  return modules;
}

/**
 * The paths of all that a module imports, and what that imports, and so on: of what is
 * there when it runs, or of types, too.
 */
export function reachable(
  modules: PackageModules,
  path: string,
  what: "imports" | "runs" = "imports",
): Set<string> {
  const found = new Set<string>();
  const waiting = [path];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    for (const imported of modules.get(next)?.[what] ?? []) {
      if (found.has(imported) || !modules.has(imported)) continue;
      found.add(imported);
      waiting.push(imported);
    }
  }
  return found;
}

interface Specifier {
  readonly specifier: string;
}

interface ModuleInfo extends Specifier {
  readonly dependencies?: readonly {
    readonly code?: Specifier;
    readonly type?: Specifier;
  }[];
}

function readInfo(json: Uint8Array): readonly ModuleInfo[] {
  return JSON.parse(new TextDecoder().decode(json)).modules;
}

/** The path of a file of the package; undefined for any other specifier. */
function pathOf(specifier: string): string | undefined {
  return specifier.startsWith(ROOT.href)
    ? specifier.slice(ROOT.href.length)
    : undefined;
}
