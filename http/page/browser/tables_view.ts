/**
 * The list of the tables.
 *
 * @module
 */
import { button, el, say } from "./dom.ts";
import { ago, bytes, count, counted, oneLine } from "./format.ts";
import { chooseFiles } from "./put_dialog.ts";
import { isSignedIn, listTables, type ServerError } from "./server.ts";
import type { ListedTable } from "../told.ts";
import type { View } from "./view.ts";

/** So many tables are shown at first, and more when they are asked for. */
const ROWS = 100;

type Key = "name" | "rows" | "columns" | "bytes" | "modified";

const HEADINGS: readonly { key: Key; text: string; isNumeric: boolean }[] = [
  { key: "name", text: "Name", isNumeric: false },
  { key: "rows", text: "Rows", isNumeric: true },
  { key: "columns", text: "Columns", isNumeric: true },
  { key: "bytes", text: "Size", isNumeric: true },
  { key: "modified", text: "Last put", isNumeric: false },
];

/** Shows the tables; they can be searched and sorted. */
export class TablesView implements View {
  readonly root: HTMLElement = el("div");
  readonly #sums = el("p", { class: "facts" });
  readonly #content = el("div");
  readonly #find = el("input", {
    type: "search",
    "aria-label": "Find a table",
    placeholder: "Find a table",
    autocomplete: "off",
    spellcheck: "false",
  });
  #tables: readonly ListedTable[] | undefined;
  #key: Key = "name";
  #isDescending = false;
  #rows = ROWS;

  /** A list that is empty until it is updated. */
  constructor() {
    this.#find.addEventListener("input", () => {
      this.#rows = ROWS;
      this.#fill();
      say(counted(this.#found().length, "table"));
    });
    this.root.append(
      el(
        "div",
        { class: "heading" },
        el("div", {}, el("h1", { tabindex: -1 }, "Tables"), this.#sums),
        el(
          "div",
          { class: "actions" },
          this.#find,
          button("Put a file…", { class: "main" }, chooseFiles),
        ),
      ),
      this.#content,
    );
    this.#find.hidden = true;
    this.#content.append(el("p", { class: "waiting" }, "Reading the list…"));
  }

  async update(signal: AbortSignal): Promise<void> {
    this.#tables = await listTables(signal);
    this.#fill();
  }

  showError({ message }: ServerError): void {
    this.#content.replaceChildren(
      el("p", { class: "problem", role: "alert" }, message),
    );
  }

  #found(): ListedTable[] {
    const text = this.#find.value.toLowerCase();
    const found = (this.#tables ?? []).filter(({ name }) =>
      name.toLowerCase().includes(text)
    );
    const sign = this.#isDescending ? -1 : 1;
    const key = this.#key;
    // The list comes by name; sorting keeps the order of what is equal.
    if (key === "name") return this.#isDescending ? found.reverse() : found;
    return found.sort((one, other) =>
      sign *
      ((one[key] ?? 0) < (other[key] ?? 0)
        ? -1
        : Number((one[key] ?? 0) > (other[key] ?? 0)))
    );
  }

  #fill(): void {
    const all = this.#tables ?? [];
    const sum = all.reduce((sum, table) => sum + table.bytes, 0);
    this.#sums.textContent = all.length === 0
      ? ""
      : `${counted(all.length, "table")} · ${bytes(sum)}`;
    this.#find.hidden = all.length < 2;
    if (all.length === 0) return this.#content.replaceChildren(emptyServer());
    const found = this.#found();
    if (found.length === 0) {
      const text = `No table has “${this.#find.value}” in its name.`;
      return this.#content.replaceChildren(el("p", { class: "waiting" }, text));
    }
    const focused = this.#content.contains(document.activeElement)
      ? document.activeElement?.id
      : undefined;
    const shown = found.slice(0, this.#rows);
    this.#content.replaceChildren(
      el(
        "table",
        { class: "list" },
        el("thead", {}, el("tr", {}, ...HEADINGS.map((one) => this.#heading(one)))),
        el("tbody", {}, ...shown.map(rowOf)),
      ),
      ...this.#more(found.length - shown.length),
    );
    // Where the keyboard was, it stays.
    if (focused) document.getElementById(focused)?.focus();
  }

  #heading({ key, text, isNumeric }: (typeof HEADINGS)[number]): HTMLElement {
    const isSorted = key === this.#key;
    const order = this.#isDescending ? "descending" : "ascending";
    const sort = () => {
      this.#isDescending = isSorted ? !this.#isDescending : key !== "name";
      this.#key = key;
      this.#fill();
    };
    return el(
      "th",
      {
        scope: "col",
        class: `${isNumeric ? "number " : ""}${key}`,
        "aria-sort": isSorted ? order : undefined,
      },
      button(text, { id: `sort-${key}`, class: "sort" }, sort),
    );
  }

  #more(left: number): Node[] {
    if (left <= 0) return [];
    const text = `Show ${count(Math.min(left, ROWS))} more of ${count(left)}`;
    const more = button(text, { id: "more", class: "more" }, () => {
      this.#rows += ROWS;
      this.#fill();
    });
    return [more];
  }
}

function rowOf(table: ListedTable): HTMLElement {
  const { name, rows, columns } = table;
  const time = new Date(table.modified);
  const put = ago(time);
  const size = bytes(table.bytes);
  const shape = columns === undefined ? "?" : count(columns);
  const short = [
    counted(rows, "row"),
    columns === undefined ? "" : counted(columns, "column"),
    put,
  ];
  return el(
    "tr",
    {},
    el(
      "th",
      { scope: "row", class: "name" },
      el(
        "a",
        { href: `#table=${encodeURIComponent(name)}`, title: name },
        oneLine(name),
      ),
      // What narrow screens have no columns for.
      el("span", { class: "short" }, short.filter(Boolean).join(" · ")),
    ),
    el("td", { class: "number rows" }, count(rows)),
    el("td", { class: "number columns" }, shape),
    el("td", { class: "number bytes" }, size),
    el(
      "td",
      { class: "modified" },
      el("time", { datetime: table.modified, title: time.toLocaleString() }, put),
    ),
  );
}

/** What is shown when there is no table. */
function emptyServer(): HTMLElement {
  const url = new URL("tables/cities?as=csv", document.baseURI);
  url.hash = "";
  return el(
    "section",
    { class: "empty" },
    el("h2", {}, isSignedIn() ? "No tables that you may see" : "No tables yet"),
    el(
      "p",
      {},
      "Drop a CSV, Arrow or Parquet file anywhere on this page, or put one from a terminal:",
    ),
    el("pre", { tabindex: 0 }, el("code", {}, `curl -T cities.csv "${url.href}"`)),
    el(
      "p",
      { class: "note" },
      "Tables that programs put over Flight appear here, too.",
    ),
  );
}
