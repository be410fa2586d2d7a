/**
 * Connects to the first of several addresses that answers (RFC 8305, Happy Eyeballs).
 *
 * @module
 */
import { startTimer } from "../../base/timer.ts";

/** How long to wait for an address before the next is tried as well, in milliseconds. */
const STAGGER_MS = 250;

/** How {@linkcode dial} connects. */
export interface DialAddressesOptions<T> {
  /** Connects to one address; rejects with an error that names it. */
  readonly connect: (address: string, signal: AbortSignal) => Promise<T>;
  /** Gives up, and rejects with its reason, when it is aborted. */
  readonly signal: AbortSignal;
  /**
   * How long to wait for an address before the next is tried as well, in milliseconds.
   *
   * @default 250
   */
  readonly stagger?: number;
}

/**
 * Connects to the first address that answers. The next one is tried when the last one
 * failed, or has not answered for a while; IPv6 and IPv4 take turns. Connections that
 * come too late are closed.
 *
 * @throws {Error} when every address fails: it tells each one's reason.
 */
export function dial<T extends { close(): void }>(
  addresses: readonly string[],
  { connect, signal, stagger = STAGGER_MS }: DialAddressesOptions<T>,
): Promise<T> {
  const queue = takeTurns(addresses);
  const attempts: AbortController[] = [];
  const errors: (Error | undefined)[] = queue.map(() => undefined);
  let timer: Disposable | undefined;
  let isOver = false;
  return new Promise((resolve, reject) => {
    const end = (winner?: AbortController) => {
      isOver = true;
      timer?.[Symbol.dispose]();
      signal.removeEventListener("abort", onAbort);
      for (const attempt of attempts) {
        if (attempt !== winner) attempt.abort(signal.reason);
      }
    };
    const onAbort = () => {
      end();
      reject(signal.reason);
    };
    const onError = (error: Error, index: number) => {
      errors[index] = error;
      if (isOver) return;
      if (attempts.length < queue.length) return startNext();
      if (errors.includes(undefined)) return;
      end();
      reject(everyError(errors.filter((one) => one !== undefined)));
    };
    const startNext = () => {
      timer?.[Symbol.dispose]();
      const attempt = new AbortController();
      const index = attempts.push(attempt) - 1;
      connect(queue[index], attempt.signal).then((connection) => {
        if (isOver) return connection.close();
        end(attempt);
        resolve(connection);
      }, (error) => onError(error, index));
      if (attempts.length < queue.length) timer = startTimer(stagger, startNext);
    };
    if (signal.aborted) return reject(signal.reason);
    signal.addEventListener("abort", onAbort);
    startNext();
  });
}

/** The addresses in an order in which the families take turns. */
function takeTurns(addresses: readonly string[]): string[] {
  const isIpv6 = (address: string) => address.includes(":");
  const first = addresses.filter((one) => isIpv6(one) === isIpv6(addresses[0]));
  const second = addresses.filter((one) => isIpv6(one) !== isIpv6(addresses[0]));
  const turns: string[] = [];
  for (let at = 0; turns.length < addresses.length; at++) {
    turns.push(...first.slice(at, at + 1), ...second.slice(at, at + 1));
  }
  return turns;
}

/** One error that tells the reasons of all. */
function everyError(errors: readonly Error[]): Error {
  if (errors.length === 1) return errors[0];
  return new AggregateError(errors, errors.map(({ message }) => message).join("; "));
}
