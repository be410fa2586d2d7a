/**
 * The command, in a process of its own.
 *
 * @module
 */
import { DenoProcess } from "./deno_process.ts";

/** The command, with the permissions that its task gives it. */
export const COMMAND: readonly string[] = ["run", "-q", "-P=serve", "cli.ts"];

/** The command `serve` with these options, once it listens. */
export async function serve(
  ...options: string[]
): Promise<[DenoProcess, location: string]> {
  const process = new DenoProcess(...COMMAND, "serve", ...options);
  const line = await process.readLine();
  const location = /^listening on (grpc\+tcp:\/\/localhost:\d+)$/.exec(line ?? "")?.[1];
  if (location !== undefined) return [process, location];
  await using _ = process;
  throw new Error(`Cannot serve: ${line}, ${(await process.ended()).stderr}`);
}
