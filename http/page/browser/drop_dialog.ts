/**
 * Asks whether a table is to be dropped, and drops it.
 *
 * @module
 */
import { button, el } from "./dom.ts";
import { counted } from "./format.ts";
import { dropTable, ServerError } from "./server.ts";

/** Asks, and drops the table of this name; false when it was not to be. */
export function askToDrop(name: string, rows: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const problem = el("p", { class: "problem", role: "alert", hidden: true });
  let wasDropped = false;
  const drop = button("Drop the table", { class: "danger main" }, async () => {
    drop.disabled = true;
    try {
      await dropTable(name);
      wasDropped = true;
      dialog.close();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      problem.hidden = false;
      problem.textContent = error.message;
      drop.disabled = false;
    }
  });
  const dialog = el(
    "dialog",
    { "aria-labelledby": "drop-title" },
    el("h2", { id: "drop-title" }, "Drop this table?"),
    el("p", { class: "what" }, name),
    el(
      "p",
      {},
      `Its ${counted(rows, "row")} will be gone for everyone. This cannot be undone.`,
    ),
    problem,
    el(
      "div",
      { class: "buttons" },
      button("Keep it", { autofocus: true }, () => dialog.close()),
      drop,
    ),
  );
  dialog.addEventListener("close", () => {
    dialog.remove();
    resolve(wasDropped);
  });
  document.body.append(dialog);
  dialog.showModal();
  return promise;
}
