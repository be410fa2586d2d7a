/** A service of your own: it computes each table when a client asks for it. */
import {
  commandDescriptor,
  decode,
  encode,
  FlightClient,
  type FlightDescriptor,
  FlightError,
  FlightServer,
  textOf,
  type Ticket,
} from "@tinyflight/flight/flight";
import { tableFromArrays } from "apache-arrow";

/** Gives as many squares as the descriptor's command says, which is also the ticket. */
class Squares extends FlightServer {
  override getFlightInfo({ cmd }: FlightDescriptor) {
    const totalRecords = BigInt(countIn(cmd));
    return { endpoint: [{ ticket: { ticket: cmd } }], totalRecords };
  }
  override async *doGet({ ticket }: Ticket) {
    const length = countIn(ticket);
    yield* encode(tableFromArrays({ square: Array.from({ length }, (_, i) => i * i) }));
  }
}

function countIn(bytes: Uint8Array): number {
  const count = Number(textOf(bytes));
  if (Number.isInteger(count) && count >= 0 && count <= 1_000_000) return count;
  throw new FlightError("INVALID_ARGUMENT", "Cannot count: up to 1000000 are possible");
}

await using server = await new Squares({ port: 0 }).listen();
await using client = new FlightClient(server.location);
const info = await client.getFlightInfo(commandDescriptor("4"));
const squares = await decode(client.doGet(info.endpoint[0].ticket!)).table();
console.log(squares.getChild("square")?.toArray()); // 0, 1, 4, 9
