/**
 * One line for each call, of which none has anything of a table's content.
 *
 * @module
 */
import { UnexpectedError } from "../../flight/errors.ts";
import { type CallRecord, describeCall } from "../../server.ts";
import type { LOG_FORMS } from "./serve_options.ts";
import { print } from "./print.ts";

/** How the lines look. */
export type LogForm = (typeof LOG_FORMS)[number];

/** Writes the line of a call that has ended. Probes that went well have none. */
export function logCall(
  record: CallRecord,
  { form, isQuiet }: { readonly form: LogForm; readonly isQuiet: boolean },
): void {
  const { error } = record;
  const isProbe = error === undefined && record.method.startsWith("Health");
  // The client is not told the cause of an unexpected error, so it is printed here.
  const cause = error instanceof UnexpectedError ? error.cause : undefined;
  print(isQuiet || isProbe ? undefined : FORMS[form](record), cause);
}

const FORMS: { readonly [form in LogForm]: (record: CallRecord) => string } = {
  short: describeCall,
  text: (record) => {
    const { time, status, ...rest } = fieldsOf(record);
    const fields = Object.entries(rest)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => `${name}=${quoted(value)}`);
    return [time, status, ...fields].join(" ");
  },
  json: (record) => JSON.stringify(fieldsOf(record)),
};

function fieldsOf(record: CallRecord) {
  const { method, subject, error } = record;
  // The subject of an action is its type, and the table if it has one.
  const [action, ...rest] = method === "DoAction" ? (subject ?? "").split(" ") : [];
  const table = method === "DoAction" ? rest.join(" ") : subject;
  return {
    time: record.time.toISOString(),
    status: error?.code ?? "OK",
    method,
    action: action === "" ? undefined : action,
    table: table === "" ? undefined : table,
    identity: record.identity,
    peer: record.peer,
    rows: record.rows,
    received: record.received,
    sent: record.sent,
    milliseconds: Math.round(record.duration * 1000) / 1000,
    error: error?.message,
  };
}

function quoted(value: unknown): string {
  return /^[\w.:/@-]+$/.test(String(value)) ? String(value) : JSON.stringify(value);
}
