/** How many logins of one address may fail. */
import { assertEquals, assertMatch, assertRejects, assertThrows } from "@std/assert";
import { networkOf } from "../../auth/failed_logins.ts";
import { type Authenticator, basicLogin, hashPassword } from "../../auth/mod.ts";
import { type CallContext, FlightError } from "../../flight/mod.ts";

const USERS = new Map([["ada", await hashPassword("lovelace")]]);

/** What a login from this address is answered with. */
async function loginFrom(auth: Authenticator, peer: string, password: string) {
  try {
    const token = await auth.login!("ada", password, { peer } as CallContext);
    return token === undefined ? "wrong" : "right";
  } catch (error) {
    return error instanceof FlightError ? error.code : error;
  }
}

Deno.test("basicLogin() refuses an address after so many wrong passwords, and no other", async () => {
  const auth = basicLogin({ users: USERS, maxFailedLogins: 2 });
  assertEquals(await loginFrom(auth, "10.0.0.1:1", "lovelace"), "right");
  const wrong = await Promise.all(
    ["a", "b", "c"].map((word) => loginFrom(auth, "10.0.0.1:2", word)),
  );
  // No more are tried at the same time than may fail.
  assertEquals(wrong, ["wrong", "wrong", "RESOURCE_EXHAUSTED"]);
  assertEquals(await loginFrom(auth, "10.0.0.1:3", "d"), "RESOURCE_EXHAUSTED");
  assertEquals(await loginFrom(auth, "10.0.0.2:1", "d"), "wrong");
  // Who has just logged in is known, from wherever.
  assertEquals(await loginFrom(auth, "10.0.0.1:4", "lovelace"), "right");
  assertThrows(
    () => basicLogin({ users: USERS, maxFailedLogins: 0 }),
    RangeError,
    "1 or more",
  );
});

Deno.test("basicLogin() counts the right passwords of an address as none that failed", async () => {
  const auth = basicLogin({
    verify: (_, password) => password === "right",
    maxFailedLogins: 2,
  });
  for (const _ of [1, 2, 3, 4]) {
    assertEquals(await loginFrom(auth, "10.0.0.1:1", "right"), "right");
  }
  assertEquals(await loginFrom(auth, "10.0.0.1:1", "x"), "wrong");
  assertEquals(await loginFrom(auth, "10.0.0.1:1", "right"), "right");
  assertEquals(await loginFrom(auth, "10.0.0.1:1", "x"), "wrong");
  const error = await assertRejects(
    async () => await auth.login!("ada", "x", { peer: "10.0.0.1:1" } as CallContext),
    FlightError,
  );
  assertMatch(
    error.message,
    /2 logins .* have failed, .*\(maxFailedLogins\); try again in \d+ seconds$/,
  );
});

Deno.test("basicLogin() lets an address try again when a minute has passed", async () => {
  const auth = basicLogin({ verify: () => false, maxFailedLogins: 1 });
  assertEquals(await loginFrom(auth, "[2001:db8::1]:1", "x"), "wrong");
  assertEquals(await loginFrom(auth, "[2001:db8::2]:1", "x"), "RESOURCE_EXHAUSTED");
  const { now } = Date;
  const later = now() + 60_000;
  Date.now = () => later;
  try {
    assertEquals(await loginFrom(auth, "[2001:db8::2]:1", "x"), "wrong");
  } finally {
    Date.now = now;
  }
});

Deno.test("failed logins are counted by IPv4 address and by IPv6 network", () => {
  const cases: [peer: string, network: string | undefined][] = [
    ["192.0.2.7:4711", "192.0.2.7"],
    ["[::ffff:192.0.2.7]:4711", "192.0.2.7"],
    ["[2001:db8:0:1:2:3:4:5]:4711", "2001:db8:0:1"],
    ["[2001:db8::5]:4711", "2001:db8:0:0"],
    ["[2001:DB8:0:1::]:4711", "2001:db8:0:1"],
    ["[::1]:4711", "0:0:0:0"],
    ["[fe80::1%eth0]:4711", "fe80:0:0:0"],
    ["unix:", undefined],
  ];
  for (const [peer, network] of cases) assertEquals(networkOf(peer), network, peer);
});
