/**
 * One table: its columns with their pictures, and its first rows.
 *
 * @module
 */
import type { ColumnAnswer, ShownTable, TablePart } from "../told.ts";
import { button, el, say } from "./dom.ts";
import { askToDrop } from "./drop_dialog.ts";
import { ago, bytes, count, counted, oneLine } from "./format.ts";
import { pictureOf } from "./picture.ts";
import { downloadTable } from "./download.ts";
import { readTable, ServerError } from "./server.ts";
import { linkToTables, type View } from "./view.ts";

/** So many columns are shown at a time. */
const COLUMNS = 24;
/** Links for downloads, which expire, are asked for anew after so long, in milliseconds. */
const MAX_AGE_MS = 10 * 60 * 1000;
/** How long nothing has to be typed until the columns are searched, in milliseconds. */
const TYPING_MS = 250;

/** Shows a table. */
export class TableView implements View {
  readonly root: HTMLElement = el("div");
  readonly #name: string;
  readonly #refresh: () => Promise<void>;
  readonly #facts = el("p", { class: "facts" });
  readonly #actions = el("div", { class: "actions" });
  readonly #problem = el("p", { class: "problem", role: "alert", hidden: true });
  readonly #content = el("div");
  readonly #pager = el("div", { class: "pager", hidden: true });
  readonly #place = el("span", { role: "status" });
  readonly #find = el("input", {
    type: "search",
    "aria-label": "Find a column",
    placeholder: "Find a column",
    autocomplete: "off",
    spellcheck: "false",
  });
  readonly #before: HTMLButtonElement;
  readonly #after: HTMLButtonElement;
  #from = 0;
  #timer: number | undefined;
  /** What was asked for last: an older answer that comes later is not shown. */
  #asked = 0;
  /** Which part is shown, of which version, and when it was read. */
  #key: string | undefined;
  #version: string | undefined;
  #readAt = 0;

  /**
   * A view of the table of this name. It is to be updated by `refresh`, which takes care
   * of what goes wrong.
   */
  constructor(name: string, refresh: () => Promise<void>) {
    this.#refresh = refresh;
    this.#name = name;
    this.#before = button(
      "Previous",
      { "aria-label": "Previous columns" },
      () => this.#turn(-COLUMNS),
    );
    this.#after = button(
      "Next",
      { "aria-label": "Next columns" },
      () => this.#turn(COLUMNS),
    );
    this.#find.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#turn(-this.#from), TYPING_MS);
    });
    this.#pager.append(this.#find, this.#before, this.#place, this.#after);
    this.root.append(
      linkToTables(),
      el(
        "div",
        { class: "heading" },
        el("div", {}, el("h1", { tabindex: -1, title: name }, name), this.#facts),
        this.#actions,
      ),
      this.#problem,
      this.#pager,
      this.#content,
    );
    this.#content.append(el("p", { class: "waiting" }, "Reading the first rows…"));
  }

  async update(signal: AbortSignal): Promise<void> {
    const asked = ++this.#asked;
    const part = { find: this.#find.value, from: this.#from, columns: COLUMNS };
    const key = JSON.stringify(part);
    const isFresh = performance.now() - this.#readAt < MAX_AGE_MS;
    const read = await readTable(this.#name, part, {
      known: key === this.#key && isFresh ? this.#version : undefined,
      signal,
    });
    if (read === undefined || asked !== this.#asked) return;
    this.#readAt = performance.now();
    this.#key = key;
    this.#version = read.version;
    this.#fill(read.table);
  }

  showError({ code, message }: ServerError): void {
    this.#version = undefined;
    this.#facts.replaceChildren();
    this.#actions.replaceChildren();
    this.#pager.hidden = true;
    const text = code === "NOT_FOUND"
      ? "There is no table of this name: it was dropped, or you may not see it."
      : message;
    this.#content.replaceChildren(el("p", { class: "problem", role: "alert" }, text));
  }

  #turn(by: number): void {
    this.#from = Math.max(0, this.#from + by);
    this.#content.classList.add("old");
    this.#refresh().finally(() => this.#content.classList.remove("old"));
  }

  #fill(table: ShownTable): void {
    const { rows, part } = table;
    this.#facts.replaceChildren(
      [
        counted(rows, "row"),
        counted(part.columnCount, "column"),
        bytes(table.bytes),
        "put ",
      ].join(" · "),
      el(
        "time",
        { datetime: table.modified, title: new Date(table.modified).toLocaleString() },
        ago(new Date(table.modified)),
      ),
      table.may.write || table.may.drop ? "" : " · you may only read it",
    );
    this.#fillActions(table);
    this.#fillPager(part);
    if (part.columns.length === 0) {
      const text = part.columnCount === 0
        ? "This table has no columns."
        : `No column has “${this.#find.value}” in its name.`;
      this.#content.replaceChildren(el("p", { class: "waiting" }, text));
      return;
    }
    this.#content.replaceChildren(
      part.problem === undefined ? "" : el(
        "p",
        { class: "problem" },
        `Some values cannot be shown. ${part.problem}`,
      ),
      el("p", { class: "note" }, noteOf(part, rows)),
      gridOf(this.#name, part),
    );
  }

  #fillActions({ name, download, may, rows }: ShownTable): void {
    const drop = button("Drop…", {
      class: "danger",
      disabled: !may.drop,
      title: may.drop ? undefined : "You are not allowed to drop this table",
    }, async () => {
      if (!await askToDrop(name, rows)) return;
      say(`${name} was dropped`);
      location.hash = "";
    });
    this.#problem.hidden = true;
    this.#actions.replaceChildren(
      button("Download Arrow", {}, () => this.#download("arrows", download)),
      button("Download CSV", {}, () => this.#download("csv", download)),
      drop,
    );
  }

  /** Lets the browser download the table, once the server is found to give it. */
  async #download(format: string, grant: string): Promise<void> {
    this.#problem.hidden = true;
    try {
      await downloadTable(this.#name, format, grant);
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#problem.hidden = false;
      this.#problem.textContent = error.code === "UNAUTHENTICATED"
        ? "The link has expired. Load the page again."
        : error.message;
    }
  }

  #fillPager({ columnCount, found, from, columns }: TablePart): void {
    this.#pager.hidden = columnCount <= COLUMNS;
    const last = from + columns.length;
    const of = found === columnCount ? "" : " found";
    this.#place.textContent = columns.length === 0
      ? "No columns"
      : `${count(from + 1)}–${count(last)} of ${count(found)}${of}`;
    this.#before.disabled = from === 0;
    this.#after.disabled = last >= found;
  }
}

/** What the pictures are of. */
function noteOf({ sampleRows, rows }: TablePart, all: number): string {
  if (all === 0) return "This table has no rows.";
  if (sampleRows === 0) return "None of the rows are shown.";
  const sample = sampleRows < all
    ? `a sample: the first ${count(sampleRows)} of ${counted(all, "row")}.`
    : all === 1
    ? "the only row."
    : `all ${counted(all, "row")}.`;
  const first = rows.length < all
    ? ` Shown are the first ${counted(rows.length, "row")}.`
    : "";
  return `The pictures and figures are of ${sample}${first}`;
}

function gridOf(name: string, { columns, rows, sampleRows }: TablePart): HTMLElement {
  return el(
    "div",
    {
      class: "scroll",
      role: "region",
      tabindex: 0,
      "aria-label": `Columns and first rows of ${name}`,
    },
    el(
      "table",
      { class: "grid" },
      el(
        "thead",
        {},
        el("tr", {}, el("td", { class: "at" }), ...columns.map(headOf)),
        el(
          "tr",
          { class: "pictures" },
          el("td", { class: "at" }),
          ...columns.map((column) =>
            el(
              "td",
              { class: column.isNumeric ? "number" : undefined },
              pictureOf(column, sampleRows),
            )
          ),
        ),
      ),
      el("tbody", {}, ...rows.map((row, at) => rowOf(row, at, columns))),
    ),
  );
}

function headOf({ name, type, isNumeric }: ColumnAnswer): HTMLElement {
  return el(
    "th",
    { scope: "col", class: isNumeric ? "number" : undefined },
    el(
      "span",
      { class: "column", title: name },
      name === "" ? "(no name)" : oneLine(name),
    ),
    el("span", { class: "type", title: type }, type),
  );
}

function rowOf(
  row: readonly (string | null)[],
  at: number,
  columns: readonly ColumnAnswer[],
): HTMLElement {
  const cells = row.map((text, column) => {
    const { isNumeric, summary } = columns[column];
    if (summary === undefined) return el("td", { class: "null" }, "not shown");
    if (text === null) {
      return el("td", { class: isNumeric ? "null number" : "null" }, "null");
    }
    return el(
      "td",
      { class: isNumeric ? "number" : undefined, title: text },
      oneLine(text),
    );
  });
  return el("tr", {}, el("th", { scope: "row", class: "at" }, count(at + 1)), ...cells);
}
