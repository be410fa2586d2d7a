/** A service of your own: it makes each table when it is asked for it. */
import {
  type Action,
  actionOf,
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
    const totalRecords = BigInt(textOf(cmd));
    return { endpoint: [{ ticket: { ticket: cmd } }], totalRecords };
  }
  override async *doGet({ ticket }: Ticket) {
    const length = Number(textOf(ticket));
    yield* encode(tableFromArrays({ square: Array.from({ length }, (_, i) => i * i) }));
  }
  override async *doAction({ type, body }: Action) {
    if (type !== "is_square") {
      throw new FlightError("UNIMPLEMENTED", `No "${type}" here`);
    }
    const isSquare = Number.isInteger(Math.sqrt(Number(textOf(body))));
    yield { body: new TextEncoder().encode(String(isSquare)) };
  }
}

await using server = await new Squares({ port: 0 }).listen();
await using client = new FlightClient(server.location);

const info = await client.getFlightInfo(commandDescriptor("4"));
const squares = await decode(client.doGet(info.endpoint[0].ticket!)).table();
console.log(squares.getChild("square")?.toArray());
for await (
  const { body } of client.doAction(actionOf("is_square", "49"))
) {
  console.log(`49 is a square: ${textOf(body)}`);
}
