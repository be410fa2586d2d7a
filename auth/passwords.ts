/**
 * Passwords as salted hashes of scrypt (RFC 7914).
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { FlightError } from "../flight/errors.ts";

/** What a hash costs: 2^15 blocks of 8 × 128 bytes, which is 32 MiB. */
const DEFAULT_COST: Cost = { log2N: 15, r: 8, p: 1 };
const HASH_BYTES = 32;
const SALT_BYTES = 16;
/** The most memory that the hash of a file may ask for, in bytes. */
const MAX_MEMORY = 256 * 1024 ** 2;

/** How many hashes are computed at the same time: on half of the cores, up to four. */
const MAX_RUNNING = Math.min(
  4,
  Math.max(1, Math.floor((globalThis.navigator?.hardwareConcurrency ?? 2) / 2)),
);
/** How many wait for their turn; one more is refused. */
const MAX_WAITING = 100;

interface Cost {
  readonly log2N: number;
  readonly r: number;
  readonly p: number;
}

interface ParsedHash extends Cost {
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const HASH =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/**
 * The hash of a password, with a salt of its own, for a file of users:
 * `$scrypt$ln=15,r=8,p=1$SALT$HASH`.
 *
 * @example A line of a file of users
 * ```ts
 * import { hashPassword } from "@tinyflight/flight/auth";
 *
 * console.log(`ada:${await hashPassword("lovelace")}`);
 * ```
 */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, salt, HASH_BYTES, DEFAULT_COST);
  const { log2N, r, p } = DEFAULT_COST;
  return `$scrypt$ln=${log2N},r=${r},p=${p}$${unpadded(salt)}$${unpadded(hash)}`;
}

/** Whether this is a hash of {@linkcode hashPassword}. */
export function isPasswordHash(text: string): boolean {
  return parseHash(text) !== undefined;
}

/** Compares passwords with hashes, only a few at the same time: each takes a core. */
export class PasswordChecks {
  #running = 0;
  readonly #waiting: (() => void)[] = [];
  readonly #decoySalt: Buffer = randomBytes(SALT_BYTES);

  /**
   * Whether the hash is that of the password. Without a hash it takes as long, so that
   * the time does not tell which users there are; `like` is the hash of another user.
   *
   * @throws {FlightError} RESOURCE_EXHAUSTED, when too many wait already.
   */
  async check(
    password: string,
    hash: string | undefined,
    like?: string,
  ): Promise<boolean> {
    const found = hash === undefined ? undefined : parseHash(hash);
    const cost = found ?? (like === undefined ? undefined : parseHash(like)) ??
      DEFAULT_COST;
    await this.#enter();
    try {
      const length = found?.hash.length ?? HASH_BYTES;
      const derived = await derive(
        password,
        found?.salt ?? this.#decoySalt,
        length,
        cost,
      );
      return found !== undefined && timingSafeEqual(derived, found.hash);
    } finally {
      this.#leave();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running < MAX_RUNNING) {
      this.#running++;
      return;
    }
    if (this.#waiting.length >= MAX_WAITING) {
      throw new FlightError(
        "RESOURCE_EXHAUSTED",
        `Cannot log in: ${MAX_WAITING} others wait already; try again later`,
      );
    }
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running--;
    else next();
  }
}

function parseHash(text: string): ParsedHash | undefined {
  const [, ln, r, p, salt, hash] = HASH.exec(text) ?? [];
  if (hash === undefined) return undefined;
  const parsed = {
    log2N: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt, "base64"),
    hash: Buffer.from(hash, "base64"),
  };
  const isSound = parsed.log2N >= 1 && parsed.r >= 1 && parsed.p >= 1 &&
    parsed.salt.length >= 8 && parsed.hash.length >= 16 && parsed.hash.length <= 64 &&
    memoryOf(parsed) <= MAX_MEMORY;
  return isSound ? parsed : undefined;
}

function memoryOf({ log2N, r, p }: Cost): number {
  return 128 * r * (2 ** log2N + p);
}

function derive(
  password: string,
  salt: Buffer,
  length: number,
  cost: Cost,
): Promise<Buffer> {
  const { log2N, r, p } = cost;
  const options = { N: 2 ** log2N, r, p, maxmem: memoryOf(cost) + 1024 ** 2 };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, length, options, (error, key) => {
      if (error === null) resolve(key);
      else reject(error);
    });
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString("base64").replace(/=+$/, "");
}
