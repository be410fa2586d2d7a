/**
 * The programs that benchmarks measure with: Python with pyarrow, and the package as
 * it is installed on Node.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { Authority } from "../tests/helpers/certificates.ts";
import { npm, prepareNode } from "../tests/interop/node/prepare_node.ts";
import { preparePython } from "../tests/interop/python/prepare_python.ts";

const ROOT = new URL("../", import.meta.url);

/** Where the programs are. */
export interface Programs extends AsyncDisposable {
  /** The interpreter of Python. */
  readonly python: string;
  /** Node. */
  readonly node: string;
  /** A server for Node, in a folder in which the package is installed. */
  readonly nodeServer: string;
  /** A folder with the certificate of a server on this machine: ca, cert and key.pem. */
  readonly certificates: string;
}

/** Installs what is missing. What is made for this run alone is deleted with it. */
export async function preparePrograms(): Promise<Programs> {
  const installed = new URL(".interop/", ROOT);
  const { TINYFLIGHT_PYTHON: python } = await preparePython(installed);
  const { TINYFLIGHT_NODE: node } = await prepareNode(installed);
  const folder = await Deno.makeTempDir({ prefix: "tinyflight_bench_" });
  const removeFolder = () => Deno.remove(folder, { recursive: true });
  try {
    const nodeServer = await makeNodeServer(folder);
    await writeCertificates(folder);
    const programs = { python, node, nodeServer, certificates: folder };
    return { ...programs, [Symbol.asyncDispose]: removeFolder };
  } catch (error) {
    await removeFolder();
    throw error;
  }
}

/** Installs the package in a folder, with a server beside it. */
async function makeNodeServer(folder: string): Promise<string> {
  const tarball = `${folder}/package.tgz`;
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "packaging/pack.ts", tarball],
    cwd: fileURLToPath(ROOT),
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  await Deno.writeTextFile(`${folder}/package.json`, '{ "type": "module" }');
  await npm(folder, "install", tarball);
  const server = `${folder}/node_server.ts`;
  await Deno.copyFile(new URL("node_server.ts", import.meta.url), server);
  return server;
}

async function writeCertificates(folder: string): Promise<void> {
  await using authority = await Authority.make();
  const { cert, key } = await authority.issue("DNS:localhost", "IP:127.0.0.1");
  for (const [name, pem] of Object.entries({ ca: authority.cert, cert, key })) {
    await Deno.writeTextFile(`${folder}/${name}.pem`, pem);
  }
}
