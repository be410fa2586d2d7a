/**
 * What the page shows of the server at a time.
 *
 * @module
 */
import { el } from "./dom.ts";
import type { ServerError } from "./server.ts";

/** A part of the page that follows the server. */
export interface View {
  /** What is shown. */
  readonly root: HTMLElement;
  /** Asks the server again, unless the signal ends it. */
  update(signal: AbortSignal): Promise<void>;
  /** Shows why the server did not answer. */
  showError(error: ServerError): void;
}

/** A link to the list of the tables. */
export function linkToTables(): HTMLElement {
  return el("a", { class: "back", href: "#" }, "← All tables");
}
