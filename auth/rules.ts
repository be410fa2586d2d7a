/**
 * Rules that say who may do what with which tables.
 *
 * @module
 */
import { showValue } from "../base/show_value.ts";
import { type Allow, type Operation, OPERATIONS } from "../tables/access.ts";

/** One rule. What no rule allows is not allowed. */
export interface Rule {
  /**
   * To whom it applies: identities, where `*` at the end stands for any rest. `*` alone
   * is every caller, also one without an identity.
   */
  who: string | readonly string[];
  /** What is allowed. */
  may: Operation | readonly Operation[];
  /**
   * The tables: names, where `*` at the end stands for any rest. `shutdown` and
   * `metrics` have no table. @default none
   */
  tables?: string | readonly string[];
}

/**
 * The option `allow` of a server by rules, or by a function that gives those of now.
 *
 * @throws {TypeError} when a rule is none.
 *
 * @example Everyone reads, one writes
 * ```ts
 * import { allowByRules, basicLogin, hashPassword } from "@tinyflight/flight/auth";
 * import { TinyServer } from "@tinyflight/flight/server";
 *
 * const users = new Map([["ada", await hashPassword("lovelace")]]);
 * new TinyServer({
 *   auth: basicLogin({ users }),
 *   allow: allowByRules([
 *     { who: "*", may: "read", tables: "public/*" },
 *     { who: "ada", may: ["read", "write", "drop"], tables: "*" },
 *   ]),
 * });
 * ```
 */
export function allowByRules(
  rules: readonly Rule[] | (() => readonly Rule[]),
): Allow {
  if (typeof rules !== "function") checkRules(rules);
  return (identity, operation, table) =>
    (typeof rules === "function" ? rules() : rules).some(({ who, may, tables }) =>
      (who === "*" || identity !== undefined && matchesAny(identity, who)) &&
      listOf(may).includes(operation) &&
      (table === undefined || tables !== undefined && matchesAny(table, tables))
    );
}

/**
 * The rules of a file: a JSON array of them, or an object that has it as `rules`.
 *
 * @throws {SyntaxError} when it is no JSON.
 * @throws {TypeError} when a rule is none.
 *
 * @example Rules from a file
 * ```ts
 * import { parseRules } from "@tinyflight/flight/auth";
 *
 * const [{ may }] = parseRules('[{ "who": "*", "may": "read", "tables": "*" }]');
 * console.log(may); // "read"
 * ```
 */
export function parseRules(text: string): readonly Rule[] {
  const parsed: unknown = JSON.parse(text);
  const rules = typeof parsed === "object" && parsed !== null && "rules" in parsed
    ? parsed.rules
    : parsed;
  checkRules(rules);
  return rules;
}

function checkRules(rules: unknown): asserts rules is readonly Rule[] {
  if (!Array.isArray(rules)) {
    throw new TypeError(
      'Cannot use the rules: they have to be an array, such as [{ "who": "*", "may": "read", "tables": "*" }]',
    );
  }
  rules.forEach((rule: unknown, index) => checkRule(rule, index + 1));
}

function checkRule(rule: unknown, number: number): void {
  const wrong = (reason: string) =>
    new TypeError(`Cannot use rule ${number}: ${reason}`);
  if (typeof rule !== "object" || rule === null) {
    throw wrong(`${showValue(rule)} has to be an object`);
  }
  const { who, may, tables, ...rest } = rule as Record<string, unknown>;
  const [unknown] = Object.keys(rest);
  if (unknown !== undefined) {
    throw wrong(`it has ${showValue(unknown)}, but a rule has who, may and tables`);
  }
  if (!isTexts(who)) throw wrong("`who` has to be a text or an array of texts");
  if (!isTexts(may)) throw wrong("`may` has to be a text or an array of texts");
  for (const operation of listOf(may)) {
    if ((OPERATIONS as readonly string[]).includes(operation)) continue;
    throw wrong(
      `it allows ${showValue(operation)}, which is none of ${OPERATIONS.join(", ")}`,
    );
  }
  if (tables !== undefined && !isTexts(tables)) {
    throw wrong("`tables` has to be a text or an array of texts");
  }
}

function isTexts(value: unknown): value is string | readonly string[] {
  return listOf(value).every((item) => typeof item === "string");
}

function listOf<T>(value: T | readonly T[]): readonly T[] {
  return Array.isArray(value) ? value : [value as T];
}

function matchesAny(text: string, patterns: string | readonly string[]): boolean {
  return listOf(patterns).some((pattern) =>
    pattern.endsWith("*") ? text.startsWith(pattern.slice(0, -1)) : text === pattern
  );
}
