/** pyarrow's client with a FlightServer. Each theme is a script beside this file. */
import { type CallContext, FlightServer } from "../../../flight/mod.ts";
import { utf8 } from "../../helpers/serving.ts";
import { ProtocolServer } from "./protocol_server.ts";
import { runCases } from "../python/python_cases.ts";

for (const theme of ["calls_headers", "calls_errors", "calls_streams", "calls_infos"]) {
  Deno.test(`pyarrow's client with FlightServer: ${theme}.py`, async (t) => {
    await using server = await new ProtocolServer().listen();
    await runCases(t, `flight/${theme}`, server.location);
  });
}

/** A server with one user, that tells its callers who they are. */
class WhoAmI extends FlightServer {
  constructor() {
    const token = crypto.randomUUID();
    const auth = {
      login: (name: string, password: string) =>
        name === "ada" && password === "love:läce 漢" ? token : undefined,
      verify: (shown: string) => shown === token ? "ada" : undefined,
    };
    super({ port: 0, auth });
  }

  override async *doAction(_: unknown, { identity }: CallContext) {
    yield { body: utf8(identity!) };
  }
}

Deno.test("pyarrow's client with FlightServer: calls_auth.py", async (t) => {
  await using server = await new WhoAmI().listen();
  await runCases(t, "flight/calls_auth", server.location);
});
