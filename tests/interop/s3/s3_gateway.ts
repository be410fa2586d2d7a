/**
 * An object store that runs, and can be killed, started again, slowed and filled.
 *
 * @module
 */
import { S3Store, type S3StoreOptions } from "../../../stores/s3/mod.ts";
import { within } from "../../helpers/waiting.ts";

const BUCKET = "tables";
const KEY = { accessKeyId: "key", secretAccessKey: "secret" };

/** How a {@linkcode Gateway} starts. */
export interface GatewayOptions {
  /** The folder in which its buckets are. @default a new one, which it removes */
  readonly folder?: string;
}

/** The object store, in a process of its own. */
export class Gateway implements AsyncDisposable {
  /** Where it answers, such as `http://127.0.0.1:41234`. */
  readonly endpoint: string;
  readonly #port: number;
  readonly #folder: string;
  readonly #ownsFolder: boolean;
  #child: Deno.ChildProcess | undefined;
  #prefixes = 0;

  private constructor(port: number, folder: string, ownsFolder: boolean) {
    this.#port = port;
    this.endpoint = `http://127.0.0.1:${port}`;
    this.#folder = folder;
    this.#ownsFolder = ownsFolder;
  }

  /** Starts it with an empty bucket, and waits until it answers. */
  static async start({ folder }: GatewayOptions = {}): Promise<Gateway> {
    const path = folder ?? await Deno.makeTempDir();
    await Deno.mkdir(`${path}/${BUCKET}`);
    const gateway = new Gateway(freePort(), path, folder === undefined);
    await gateway.restart();
    return gateway;
  }

  /** The files in the bucket, with their paths. */
  files(): string[] {
    const found: string[] = [];
    const visit = (path: string) => {
      for (const { name, isDirectory } of Deno.readDirSync(path)) {
        if (isDirectory) visit(`${path}/${name}`);
        else found.push(`${path}/${name}`);
      }
    };
    visit(`${this.#folder}/${BUCKET}`);
    return found.sort();
  }

  /** Starts it again after it was killed. */
  async restart(): Promise<void> {
    const program = Deno.env.get("TINYFLIGHT_VERSITYGW");
    if (program === undefined) {
      throw new Error("Cannot run the interop tests: TINYFLIGHT_VERSITYGW is not set");
    }
    const port = `127.0.0.1:${this.#port}`;
    const region = "us-east-1";
    this.#child = new Deno.Command(program, {
      args: [
        ...["--port", port, "--region", region, "--quiet"],
        ...["posix", this.#folder],
      ],
      env: { ROOT_ACCESS_KEY: KEY.accessKeyId, ROOT_SECRET_KEY: KEY.secretAccessKey },
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await within(this.#answers(), "the object store to answer");
  }

  /** Kills it, and waits until it has ended. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#child?.status;
    this.#child = undefined;
  }

  /** Lets it stand still, or go on. */
  pause(isPaused: boolean): void {
    this.#child?.kill(isPaused ? "SIGSTOP" : "SIGCONT");
  }

  /** Takes the bucket away, or puts it back. */
  async hideBucket(isHidden: boolean): Promise<void> {
    const [there, hidden] = [`${this.#folder}/${BUCKET}`, `${this.#folder}/hidden`];
    await (isHidden ? Deno.rename(there, hidden) : Deno.rename(hidden, there));
  }

  /**
   * A prefix that nobody has used. An object that is no table is there, so that the
   * folder stays: the gateway removes one that a drop has emptied, although a put is
   * about to write to it.
   */
  newPrefix(): string {
    const prefix = `run ${++this.#prefixes}/ü`;
    const folder = `${this.#folder}/${BUCKET}/${prefix}`;
    Deno.mkdirSync(folder, { recursive: true });
    Deno.writeTextFileSync(`${folder}/README`, "It is no table.");
    return prefix;
  }

  /** Where the tables under this prefix are. */
  locationOf(prefix: string): string {
    return `s3://${BUCKET}/${prefix}`;
  }

  /** The environment variables by which programs reach it. */
  get env(): Record<string, string> {
    return {
      AWS_ACCESS_KEY_ID: KEY.accessKeyId,
      AWS_SECRET_ACCESS_KEY: KEY.secretAccessKey,
      AWS_ENDPOINT_URL: this.endpoint,
    };
  }

  /** A store of the tables under this prefix. */
  async store(prefix: string, options: Partial<S3StoreOptions> = {}): Promise<S3Store> {
    return await S3Store.open(this.locationOf(prefix), {
      endpoint: this.endpoint,
      credentials: KEY,
      partBytes: 5 * 1024 ** 2,
      ...options,
    });
  }

  /** Kills it, and removes its folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    if (this.#ownsFolder) await Deno.remove(this.#folder, { recursive: true });
  }

  async #answers(): Promise<void> {
    while (true) {
      try {
        const response = await fetch(this.endpoint);
        await response.body?.cancel();
        return;
      } catch {
        // It does not listen yet.
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    }
  }
}

/** A port that nobody uses now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
