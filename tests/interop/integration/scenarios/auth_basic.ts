/**
 * The scenario `auth:basic_proto`: a handshake with a name and a password gives a
 * token, by which the server knows its client from then on.
 *
 * @module
 */
import { assertEquals, assertRejects } from "@std/assert";
import {
  type Action,
  type Authenticator,
  type CallContext,
  FlightClient,
  FlightError,
  FlightServer,
  handshakeAuth,
  type Init,
  logIn,
  type Result,
  textOf,
} from "../../../../flight/mod.ts";
import type { Scenario } from "./scenario.ts";
import { utf8 } from "./utf8.ts";

const USERNAME = "arrow";
const PASSWORD = "flight";

class Server extends FlightServer {
  override async *doAction(_: Action, call: CallContext): AsyncGenerator<Init<Result>> {
    yield { body: utf8(call.identity!) };
  }
}

/** Knows one user, whose token is good until the server ends. */
function oneUser(): Authenticator {
  const token = crypto.randomUUID();
  return {
    login: (username, password) =>
      username === USERNAME && password === PASSWORD ? token : undefined,
    verify: (shown) => shown === token ? USERNAME : undefined,
  };
}

async function client(location: string): Promise<void> {
  await using stranger = new FlightClient(location);
  const refused = await assertRejects(() => whoAmI(stranger), FlightError);
  assertEquals(refused.code, "UNAUTHENTICATED");

  const token = await logIn(stranger, USERNAME, PASSWORD);
  await using user = new FlightClient(location, { middleware: [handshakeAuth(token)] });
  assertEquals(await whoAmI(user), [USERNAME]);
}

async function whoAmI(client: FlightClient): Promise<string[]> {
  const results = await Array.fromAsync(client.doAction({ type: "" }));
  return results.map(({ body }) => textOf(body));
}

/** The scenario's two halves. */
export const authBasic: Scenario = {
  server: (options) => new Server({ ...options, auth: oneUser() }),
  client,
};
