/**
 * The scenario `session_options`: options that a server keeps for each client, whom a
 * cookie tells apart.
 *
 * @module
 */
import { assertEquals } from "@std/assert";
import {
  cookieJar,
  FlightClient,
  FlightServer,
  Sessions,
} from "../../../../flight/mod.ts";
import type { Scenario } from "./scenario.ts";

const INVALID = "lol_invalid";
const WORDS = ["a", "b", "sea", "dee", " ", "  ", "geee", "(づ｡◕‿‿◕｡)づ"];

function pickySessions(): Sessions {
  return new Sessions({
    check(name, value) {
      if (name === INVALID) return "INVALID_NAME";
      if (value === INVALID) return "INVALID_VALUE";
    },
  });
}

async function client(location: string): Promise<void> {
  await using client = new FlightClient(location, { middleware: [cookieJar()] });
  const errors = await client.setSessionOptions({
    foolong: 123n,
    bardouble: 456.0,
    lol_invalid: "this won't get set",
    key_with_invalid_value: INVALID,
    big_ol_string_list: WORDS,
  });
  assertEquals(errors, {
    lol_invalid: "INVALID_NAME",
    key_with_invalid_value: "INVALID_VALUE",
  });
  assertEquals(await client.getSessionOptions(), {
    foolong: 123n,
    bardouble: 456.0,
    big_ol_string_list: WORDS,
  });

  const joined = WORDS.join(",");
  assertEquals(
    await client.setSessionOptions({ foolong: undefined, big_ol_string_list: joined }),
    {},
  );
  assertEquals(await client.getSessionOptions(), {
    bardouble: 456.0,
    big_ol_string_list: joined,
  });
  assertEquals(await client.closeSession(), "CLOSED");
}

/** The scenario's two halves. */
export const sessionOptions: Scenario = {
  server: (options) => new FlightServer({ ...options, sessions: pickySessions() }),
  client,
};
