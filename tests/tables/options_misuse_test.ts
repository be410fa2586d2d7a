/** Values of wrong types, as they come from JavaScript: each is an error at once. */
import { assertEquals, assertThrows } from "@std/assert";
import { HttpDoor, type HttpDoorOptions } from "../../http/mod.ts";
import { basicAuth, bearerAuth, handshakeAuth } from "../../flight/mod.ts";
import {
  MemoryStore,
  type MemoryStoreOptions,
  Sessions,
  type SessionsOptions,
} from "../../server.ts";

/** A call that throws a TypeError with this message. */
type Misuse = readonly [message: string, run: () => unknown];

/** The value, as JavaScript passes it whatever type is declared. */
function wrong<T>(value: unknown): T {
  return value as T;
}

function httpDoor(options: unknown): HttpDoor {
  return new HttpDoor(wrong<HttpDoorOptions>(options));
}

function sessions(options: unknown): Sessions {
  return new Sessions(wrong<SessionsOptions>(options));
}

function store(options: unknown): MemoryStore {
  return new MemoryStore(wrong<MemoryStoreOptions>(options));
}

const MISUSES: readonly Misuse[] = [
  [
    "Cannot use 5679 as the options of HttpDoor: they have to be an object, such as { port: 5679 }",
    () => httpDoor(5679),
  ],
  [
    'Cannot use the cors true: it has to be "*" or an array of origins, such as ["https://example.org"]',
    () => httpDoor({ cors: true }),
  ],
  [
    'Cannot use the cors "https://example.org": it has to be "*" or an array of origins, such as ["https://example.org"]',
    () => httpDoor({ cors: "https://example.org" }),
  ],
  [
    'Cannot use the port "5679": it has to be a whole number from 0 to 65535',
    () => httpDoor({ port: "5679" }),
  ],
  [
    "Cannot use the signingKey a text: it has to be a Uint8Array of 32 bytes or more",
    () => httpDoor({ signingKey: "a secret of at least 32 characters" }),
  ],
  [
    'Cannot use the option "origins": HttpDoor does not have it; its options are hostname, port, advertise, cors, signedFor, signingKey',
    () => httpDoor({ origins: "*" }),
  ],
  [
    'Cannot use the maxSessions "10": it has to be a number, 1 or more',
    () => sessions({ maxSessions: "10" }),
  ],
  [
    'Cannot use the check a RegExp: it has to be a function, such as (name) => name === "limit" ? undefined : "INVALID_NAME"',
    () => sessions({ check: /^[a-z]+$/ }),
  ],
  [
    "Cannot use 1073741824 as the options of MemoryStore: they have to be an object, such as { maxBytes: 2 ** 30 }",
    () => store(2 ** 30),
  ],
  [
    'Cannot use the maxBytes "1 GB": it has to be a number, 1 or more',
    () => store({ maxBytes: "1 GB" }),
  ],
  [
    'Cannot use the option "maxByte": MemoryStore does not have it; perhaps you mean maxBytes',
    () => store({ maxByte: 5 }),
  ],
  [
    'Cannot use the username { name: "ada" }: it has to be a text, such as "ada"',
    () => basicAuth(wrong({ name: "ada" }), "lovelace"),
  ],
  [
    "Cannot use the password undefined: it has to be a text",
    () => basicAuth("ada", wrong(undefined)),
  ],
  [
    "Cannot use the token undefined: it has to be a text",
    () => bearerAuth(wrong(undefined)),
  ],
  [
    "Cannot use the token a text: it has to be a Uint8Array",
    () => handshakeAuth(wrong("token")),
  ],
];

for (const [message, run] of MISUSES) {
  Deno.test(`a wrong value is a TypeError: ${message}`, () => {
    assertEquals(assertThrows(run, TypeError).message, message);
  });
}
