/** Logins: a server that asks who its callers are, and clients that say it. */
import {
  basicAuth,
  bearerAuth,
  FlightError,
  TinyClient,
  TinyServer,
} from "@tinyflight/flight";

// A real service keeps hashes of passwords, and lets tokens expire.
const passwords = new Map([["ada", "lovelace"], ["grace", "hopper"]]);
const tokens = new Map<string, string>();
const auth = {
  login(name: string, password: string) {
    if (passwords.get(name) !== password) return undefined;
    const token = crypto.randomUUID();
    tokens.set(token, name);
    return token;
  },
  /** The name becomes the call's identity, which a service may look at. */
  verify: (token: string) => tokens.get(token),
};
await using server = await new TinyServer({ port: 0, auth }).listen();

for (const middleware of [[basicAuth("ada", "lovelace")], [bearerAuth("guess")]]) {
  try {
    await using client = await TinyClient.connect(server.location, { middleware });
    console.log(`she sees ${(await client.listTables()).length} tables`);
  } catch (error) {
    if (!(error instanceof FlightError)) throw error;
    console.log(`${error.code}: ${error.message}`);
  }
}
