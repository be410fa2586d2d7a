/**
 * A large table through a server over each store, put and got by pyarrow's client; and
 * beside it what bounds the stores: `cp`, pyarrow writing and reading the same file, and
 * the object store's own client. Prints medians with their spread, and ratios to the
 * memory store, and writes them as JSON.
 *
 *     deno run -A bench/stores.ts [--rounds 3] [--megabytes 2000] [--json FILE]
 *
 * @module
 */
import {
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectCommand,
  S3Client,
  UploadPartCommand,
} from "@aws-sdk/client-s3";
import { parseArgs } from "node:util";
import { prepareGateway } from "../tests/interop/s3/prepare_gateway.ts";
import { preparePython } from "../tests/interop/python/prepare_python.ts";
import { Gateway } from "../tests/interop/s3/s3_gateway.ts";
import { Peer } from "./peers.ts";
import { addSample, printReport, type Samples, writeReport } from "./report.ts";

const ROW_BYTES = 64;
const BATCH_ROWS = 32 * 1024;
const PART_BYTES = 8 * 1024 ** 2;
const PARTS_AT_A_TIME = 4;
/** More than fits into the pages that the system writes later. */
const DEFAULT_MEGABYTES = "2000";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "3" },
    megabytes: { type: "string", default: DEFAULT_MEGABYTES },
    json: { type: "string", default: "bench/stores.json" },
  },
});
const rounds = Number(values.rounds);
const bytes = Number(values.megabytes) * 1e6;
const rows = Math.round(bytes / ROW_BYTES);

const { TINYFLIGHT_PYTHON: python } = await preparePython(
  new URL("../.interop/", import.meta.url),
);
const { TINYFLIGHT_VERSITYGW } = await prepareGateway();
Deno.env.set("TINYFLIGHT_VERSITYGW", TINYFLIGHT_VERSITYGW);

await using all = new AsyncDisposableStack();
const folder = await Deno.makeTempDir();
all.defer(() => Deno.remove(folder, { recursive: true }));
const gateway = all.use(await Gateway.start());
const client = all.use(Peer.client("pyarrow", { python }));
await client.run({ op: "prepare", name: "table", rows, batchRows: BATCH_ROWS });

const samples: Samples = new Map();

function note(pairing: string, figure: string, value: number): void {
  addSample(samples, figure, pairing, value);
}

/** Notes the speed at which something goes. */
async function time(pairing: string, figure: string, run: () => Promise<unknown>) {
  const started = performance.now();
  await run();
  note(pairing, figure, bytes / 1e6 / (performance.now() - started));
}

const STORES: Readonly<Record<string, readonly string[]>> = {
  memory: ["memory"],
  directory: ["directory", `${folder}/tables`],
  s3: ["s3", gateway.endpoint, "s3://tables/bench"],
};

/** Puts and gets the table through a server over this store. */
async function measureStore(kind: string): Promise<void> {
  await using server = Peer.deno("store_peer.ts", ...STORES[kind]);
  const location = `grpc+tcp://127.0.0.1:${await server.line()}`;
  for (const op of ["put", "get", "get again"]) {
    server.forgetPeak();
    const before = server.cpu();
    const { seconds } = await client.run({
      op: op.split(" ")[0],
      location,
      name: "table",
    });
    note(kind, `${op}, GB/s`, bytes / 1e9 / seconds);
    note(kind, `${op}, server CPU s/GB`, (server.cpu() - before) * 1e9 / bytes);
    note(kind, `${op}, server peak MB`, server.peak() / 1e6);
  }
  await client.run({ op: "drop", location, name: "table" });
}

/** What the disk does with the same bytes, by `cp` and by pyarrow. */
async function measureDisk(): Promise<void> {
  const [file, copy] = [`${folder}/file.arrows`, `${folder}/copy.arrows`];
  const { seconds } = await client.run({ op: "write", name: "table", path: file });
  note("pyarrow's file", "put, GB/s", bytes / 1e9 / seconds);
  for (const op of ["get", "get again"]) {
    const { seconds } = await client.run({ op: "read", path: file });
    note("pyarrow's file", `${op}, GB/s`, bytes / 1e9 / seconds);
  }
  await time("cp", "put, GB/s", async () => {
    await run("cp", file, copy);
    await run("sync", copy);
  });
  await time("cp", "get, GB/s", () => run("cp", file, "/dev/null"));
  await Promise.all([Deno.remove(file), Deno.remove(copy)]);
}

/** What the object store's client does with as many bytes. */
async function measureClient(): Promise<void> {
  const s3 = new S3Client({
    endpoint: gateway.endpoint,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: { accessKeyId: "key", secretAccessKey: "secret" },
  });
  const object = { Bucket: "tables", Key: "client" };
  const part = new Uint8Array(PART_BYTES).map((_, index) => index);
  const count = Math.round(bytes / PART_BYTES);
  await time("AWS SDK", "put, GB/s", async () => {
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(object));
    const parts: { PartNumber: number; ETag: string | undefined }[] = [];
    let next = 1;
    const putParts = async () => {
      while (next <= count) {
        const PartNumber = next++;
        const { ETag } = await s3.send(
          new UploadPartCommand({ ...object, UploadId, PartNumber, Body: part }),
        );
        parts[PartNumber - 1] = { PartNumber, ETag };
      }
    };
    await Promise.all(Array.from({ length: PARTS_AT_A_TIME }, putParts));
    await s3.send(
      new CompleteMultipartUploadCommand({
        ...object,
        UploadId,
        MultipartUpload: { Parts: parts },
      }),
    );
  });
  for (const op of ["get", "get again"]) {
    await time("AWS SDK", `${op}, GB/s`, async () => {
      const { Body } = await s3.send(new GetObjectCommand(object));
      for await (const _ of Body?.transformToWebStream() ?? []);
    });
  }
  s3.destroy();
}

async function run(command: string, ...args: string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

for (let round = 0; round < rounds; round++) {
  for (const kind of Object.keys(STORES)) await measureStore(kind);
  await measureDisk();
  await measureClient();
}
printReport(samples, [...Object.keys(STORES), "cp", "pyarrow's file", "AWS SDK"]);
await writeReport(samples, values.json);
