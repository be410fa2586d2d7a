/**
 * What client and server say to each other over TCP, written down to be said again
 * wrongly.
 *
 * @module
 */
import { tableFromArrays } from "apache-arrow";
import { FlightClient, FlightError, TinyClient, TinyServer } from "../../../mod.ts";
import { TcpAnswerer } from "../../helpers/wire/raw_tcp.ts";
import type { Outcome } from "../target.ts";

const MAX_CALL_TIME = 5000;

/** The bytes of one connection, in both directions, in the pieces in which they came. */
export interface RecordedWire {
  readonly fromClient: readonly Uint8Array[];
  readonly fromServer: readonly Uint8Array[];
}

/** What the client does on the connection: it puts a table, lists, gets and drops it. */
export async function converse(client: TinyClient, timeout: number): Promise<void> {
  const table = tableFromArrays({ x: [1, 2, 3], y: ["a", "b", "c"] });
  await client.putTable("recorded", table, { timeout });
  await client.listTables({ timeout });
  await client.getTable("recorded", { timeout });
  await client.dropTable("recorded", { timeout });
}

/** Lets a client talk with somebody who says these pieces. */
export async function converseWith(
  pieces: readonly Uint8Array[],
  talk: (client: TinyClient) => Promise<void>,
): Promise<Outcome> {
  await using answerer = new TcpAnswerer(pieces);
  const flight = new FlightClient(`grpc://127.0.0.1:${answerer.port}`);
  const client = new TinyClient(flight, { http: false });
  try {
    await talk(client);
    return "accepted";
  } catch (error) {
    if (error instanceof FlightError) return "refused";
    throw error;
  } finally {
    client.close();
  }
}

/** The bytes of a connection on which a client and a server converse. */
export async function recordWire(): Promise<RecordedWire> {
  const server = new TinyServer({ port: 0, hostname: "127.0.0.1" });
  await server.listen();
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const [fromClient, fromServer]: Uint8Array[][] = [[], []];
  const relaying = relay(listener, Number(server.location.split(":").at(-1)), {
    fromClient,
    fromServer,
  });
  const flight = new FlightClient(`grpc://127.0.0.1:${port}`);
  const client = new TinyClient(flight, { http: false });
  await converse(client, MAX_CALL_TIME);
  client.close();
  await server.shutdown({ timeout: 1000 });
  listener.close();
  await relaying;
  return { fromClient, fromServer };
}

/** Joins the listener's first connection with one to this port, and writes down what goes over it. */
async function relay(
  listener: Deno.TcpListener,
  port: number,
  { fromClient, fromServer }: { fromClient: Uint8Array[]; fromServer: Uint8Array[] },
): Promise<void> {
  const near = await listener.accept();
  const far = await Deno.connect({ hostname: "127.0.0.1", port });
  await Promise.allSettled([
    copy(near, far, fromClient),
    copy(far, near, fromServer),
  ]);
}

async function copy(from: Deno.Conn, to: Deno.Conn, kept: Uint8Array[]): Promise<void> {
  for await (const chunk of from.readable) {
    kept.push(chunk.slice());
    const writer = to.writable.getWriter();
    await writer.write(chunk);
    writer.releaseLock();
  }
  await to.writable.close();
}
