/**
 * The actions of a server of tables.
 *
 * @module
 */
import type { Action, ActionType } from "../proto/messages.ts";
import type { CallContext } from "../flight/server/call_context.ts";
import { FlightError } from "../flight/errors.ts";
import {
  renewFlightEndpoint,
  SESSION_ACTIONS,
} from "../flight/protocol/predefined_actions.ts";
import { nameOfBytes } from "./table_name.ts";
import { notAllowed } from "./access.ts";
import type { Tables } from "./tables.ts";

/** What an action says of itself, and what it does. */
interface TableAction {
  /** What it does, for people. */
  readonly description: string;
  /** Runs it with this body, and gives its result, if it has one. */
  run(body: Uint8Array, call: CallContext): Promise<Uint8Array | undefined>;
  /** Whether the caller may run it. @default every caller may */
  may?(call: CallContext): Promise<boolean>;
}

/** What a server's actions work with. */
export interface TableActionsOptions {
  /** The tables. */
  readonly tables: Tables;
  /** Shuts the server down. */
  shutdown(): void;
  /** Whether clients may shut the server down at all. */
  offersShutdown(): boolean;
  /** Whether endpoints can be renewed. */
  offersRenewal(): boolean;
  /** Whether the server has sessions. */
  readonly hasSessions: boolean;
}

/** The actions of a server of tables. A new one goes into `#offered`. */
export class TableActions {
  readonly #options: TableActionsOptions;

  /** Actions of the server that has these tables. */
  constructor(options: TableActionsOptions) {
    this.#options = options;
  }

  /**
   * What the actions that are offered to this caller say of themselves, those of the
   * protocol among them.
   */
  async list(call: CallContext): Promise<ActionType[]> {
    const types: ActionType[] = [];
    for (const [type, { description, may }] of Object.entries(this.#offered())) {
      if (may === undefined || await may(call)) types.push({ type, description });
    }
    const { offersRenewal, hasSessions } = this.#options;
    if (offersRenewal()) {
      const { type, description } = renewFlightEndpoint;
      types.push({ type, description });
    }
    if (hasSessions) types.push(...SESSION_ACTIONS);
    return types;
  }

  /**
   * Runs an action, and gives its result, if it has one.
   *
   * @throws {FlightError} UNIMPLEMENTED, when there is no such action;
   * PERMISSION_DENIED, when the caller may not run it.
   */
  async run(
    { type, body }: Action,
    call: CallContext,
  ): Promise<Uint8Array | undefined> {
    const actions = this.#offered();
    if (Object.hasOwn(actions, type)) {
      const action = actions[type];
      if (action.may === undefined || await action.may(call)) {
        return await action.run(body, call);
      }
      throw notAllowed(`run the action "${type}"`, call);
    }
    throw new FlightError(
      "UNIMPLEMENTED",
      `Cannot run "${type}": the server's own actions are ${
        Object.keys(actions).join(", ")
      }`,
    );
  }

  #offered(): { readonly [type: string]: TableAction } {
    return {
      drop_table: {
        description: "Forgets a table. Body: its name, in UTF-8.",
        run: async (body, call) => {
          const name = nameOfBytes(body);
          call.subject = `drop_table ${name}`;
          await this.#options.tables.as(call).drop(name);
          return undefined;
        },
      },
      healthcheck: {
        description: "Answers with one result, `ok`, when the server takes calls.",
        run: () => Promise.resolve(new TextEncoder().encode("ok")),
      },
      ...this.#options.offersShutdown() && {
        shutdown: {
          description: "Shuts the server down, once the running calls have ended.",
          may: (call) => this.#options.tables.may(call, "shutdown"),
          run: () => {
            this.#options.shutdown();
            return Promise.resolve(undefined);
          },
        },
      },
    };
  }
}
