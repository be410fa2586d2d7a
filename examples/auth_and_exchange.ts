/** A service with a login, an exchange that answers batch by batch, and an action. */
import {
  type Action,
  actionOf,
  basicAuth,
  type CallContext,
  commandDescriptor,
  decode,
  encode,
  FlightClient,
  type FlightData,
  FlightError,
  FlightServer,
  textOf,
} from "@tinyflight/flight/flight";
import { type RecordBatch, tableFromArrays } from "apache-arrow";

class Totals extends FlightServer {
  #batches = 0;

  /** Answers each batch with a batch that has the sum of its `x`. */
  override doExchange(messages: AsyncIterable<FlightData>, call: CallContext) {
    return encode(this.#sums(decode(messages).batches(), call));
  }

  async *#sums(batches: AsyncIterable<RecordBatch>, call: CallContext) {
    for await (const batch of batches) {
      const x = batch.getChild("x");
      if (x === null) {
        throw new FlightError("INVALID_ARGUMENT", "Cannot sum: no column x");
      }
      this.#batches++;
      const sum = [...x].reduce((total, value) => total + value, 0);
      yield* tableFromArrays({ sum: [sum], who: [call.identity] }).batches;
    }
  }

  override async *doAction(action: Action, call: CallContext) {
    if (action.type === "count") {
      yield { body: new TextEncoder().encode(String(this.#batches)) };
    } else yield* super.doAction(action, call);
  }
}

const token = crypto.randomUUID();
await using server = await new Totals({
  port: 0,
  auth: {
    login: (name, password) =>
      name === "ada" && password === "lovelace" ? token : undefined,
    verify: (shown) => shown === token ? "ada" : undefined,
  },
}).listen();

const middleware = [basicAuth("ada", "lovelace")];
await using client = new FlightClient(server.location, { middleware });
const numbers = [[1, 2, 3], [10, 20]].flatMap((x) => tableFromArrays({ x }).batches);
const descriptor = commandDescriptor("sum");
for await (
  const { batch } of decode(client.doExchange(encode(numbers, { descriptor })))
) {
  console.log(batch?.get(0)?.toJSON()); // { sum: 6, who: "ada" }, { sum: 30, who: "ada" }
}
for await (const { body } of client.doAction(actionOf("count"))) {
  console.log(textOf(body)); // 2
}
