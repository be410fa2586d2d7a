/**
 * What the errors of sockets mean, in words that are the same in every runtime.
 *
 * @module
 */

/** The codes with which a connection is lost. */
const LOST: { readonly [code: string]: string } = {
  ECONNRESET: "connection reset by the peer",
  EPIPE: "the peer has closed the connection",
  ENOTCONN: "the peer has closed the connection",
  ECONNABORTED: "the connection was aborted",
  ETIMEDOUT: "the connection timed out: the peer does not answer any more",
  EHOSTUNREACH: "the peer's machine cannot be reached any more",
  ENETUNREACH: "the peer's network cannot be reached any more",
  ENETDOWN: "this machine has lost its network",
};

/** The codes with which no connection is made. */
const NOT_MADE: { readonly [code: string]: (where: string) => string } = {
  ECONNREFUSED: (where) => `connection refused by ${where}`,
  ECONNRESET: (where) => `connection reset by ${where}`,
  ETIMEDOUT: (where) => `no answer from ${where}`,
  EHOSTUNREACH: (where) => `there is no way to ${where}`,
  ENETUNREACH: (where) => `there is no way to ${where}`,
  EADDRNOTAVAIL: (where) => `this machine has no address to reach ${where} from`,
  EAFNOSUPPORT: (where) => `this machine has no address to reach ${where} from`,
  ENOENT: (where) => `there is no Unix socket ${where}`,
  ENOTSOCK: (where) => `${where} is not a Unix socket`,
  EACCES: (where) => `this user may not connect to ${where}`,
  EPERM: (where) => `this user may not connect to ${where}`,
  EMFILE: () => "this process has too many files and sockets open",
};

/** The codes with which a path cannot be listened on. */
const NOT_BOUND: { readonly [code: string]: string } = {
  EADDRINUSE: "another server listens there",
  EACCES: "this user may not create it",
  EPERM: "this user may not create it",
  ENOENT: "its folder does not exist",
  ENOTDIR: "its folder does not exist",
  ENAMETOOLONG: "the path is too long for a socket",
  EINVAL: "the path is too long for a socket",
};

/** The code of an error, or of its cause, such as `ECONNRESET`; empty without one. */
export function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const { code } = error as { readonly code?: unknown };
  return typeof code === "string" ? code : codeOf(error.cause);
}

/** The error of a read or a write when this side has closed the connection. */
export function connectionClosed(): Error {
  return new Error("the connection was closed");
}

/** The error of a read or a write on a connection that was lost. */
export function connectionLost(error: unknown): Error {
  return new Error(
    LOST[codeOf(error)] ?? `the connection was lost: ${wordsOf(error)}`,
    {
      cause: error,
    },
  );
}

/** The error of a connection to an address that could not be made. */
export function connectionNotMade(error: unknown, where: string): Error {
  const known = NOT_MADE[codeOf(error)];
  return new Error(known?.(where) ?? `no connection to ${where}: ${wordsOf(error)}`, {
    cause: error,
  });
}

/** The error of a path that cannot be listened on. */
export function pathNotBound(error: unknown, path: string): Error {
  const reason = NOT_BOUND[codeOf(error)] ?? wordsOf(error);
  return new Error(`Cannot listen on "${path}": ${reason}`, { cause: error });
}

/** An error's message without the system's number for it. */
function wordsOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error))
    .replace(/ \(os error \d+\)/, "");
}
