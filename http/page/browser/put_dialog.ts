/**
 * Puts files that were dropped on the page, or chosen.
 *
 * @module
 */
import { button, byId, el, say } from "./dom.ts";
import { bytes } from "./format.ts";
import { listTables, ServerError } from "./server.ts";
import { ENDINGS, formatOf, nameFor, type Progress, upload } from "./upload.ts";

/** Told of the name of a table that was put. */
let onPut: (name: string) => void = () => {};

/** Takes files that are dropped on this element. */
export function acceptFiles(target: HTMLElement, onDone: (name: string) => void): void {
  onPut = onDone;
  const over = byId("over");
  const hasFiles = ({ dataTransfer }: DragEvent) =>
    dataTransfer?.types.includes("Files") ?? false;
  target.addEventListener("dragover", (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    over.hidden = document.querySelector("dialog[open]") !== null;
  });
  target.addEventListener("dragleave", ({ relatedTarget }) => {
    if (relatedTarget === null) over.hidden = true;
  });
  target.addEventListener("drop", (event) => {
    over.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    // Before it is over, the files that are being put are not replaced by others.
    if (document.querySelector("dialog[open]") !== null) return;
    askForNames([...event.dataTransfer?.files ?? []]);
  });
}

/** Lets the user choose files. */
export function chooseFiles(): void {
  const input = el("input", {
    type: "file",
    multiple: true,
    accept: ENDINGS.join(","),
  });
  input.addEventListener("change", () => askForNames([...input.files ?? []]));
  input.click();
}

/** Asks under which names files are to be put, and puts them. */
function askForNames(files: readonly File[]): void {
  if (files.length === 0) return;
  const items = files.map((file, at) => new PutItem(file, at));
  let cancel: AbortController | undefined;
  const put = el("button", { type: "submit", class: "main" }, "Put");
  const close = button("Cancel", {}, () => {
    if (cancel === undefined) dialog.close();
    else cancel.abort();
  });
  const form = el(
    "form",
    {},
    el(
      "h2",
      { id: "put-title" },
      files.length === 1 ? "Put a file" : `Put ${files.length} files`,
    ),
    ...items.map(({ root }) => root),
    el("div", { class: "buttons" }, close, put),
  );
  const dialog = el("dialog", { class: "put", "aria-labelledby": "put-title" }, form);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    put.disabled = true;
    cancel = new AbortController();
    for (const item of items) await item.put(cancel.signal);
    cancel = undefined;
    const names = items.flatMap(({ putName }) => putName ?? []);
    if (names.length === items.length) {
      dialog.close();
      say(`${names.join(", ")} ${names.length === 1 ? "is" : "are"} on the server`);
      onPut(names[0]);
      return;
    }
    put.disabled = items.every(({ canPut }) => !canPut);
    put.textContent = "Try again";
    close.textContent = "Close";
  });
  dialog.addEventListener("cancel", () => cancel?.abort());
  dialog.addEventListener("close", () => dialog.remove());
  put.disabled = items.every(({ canPut }) => !canPut);
  document.body.append(dialog);
  dialog.showModal();
  items[0].focus();
  const closed = new AbortController();
  dialog.addEventListener("close", () => closed.abort());
  listTables(closed.signal).then(
    (tables) => {
      const names = new Set(tables.map(({ name }) => name));
      for (const item of items) item.warnOf(names);
    },
    // Without the list there is no warning.
    () => {},
  );
}

/** A file that is going to be put. */
class PutItem {
  readonly root: HTMLElement;
  readonly #file: File;
  readonly #format: string | undefined;
  readonly #name: HTMLInputElement;
  readonly #bar = el("progress", { max: 1, value: 0, hidden: true });
  readonly #told = el("p", { class: "told" });
  /** The name under which it was put; undefined before. */
  putName: string | undefined;

  constructor(file: File, at: number) {
    this.#file = file;
    this.#format = formatOf(file.name);
    this.#name = el("input", {
      id: `put-name-${at}`,
      value: nameFor(file.name),
      required: true,
      autocomplete: "off",
      spellcheck: "false",
    });
    this.#bar.setAttribute("aria-label", `How much of ${file.name} was sent`);
    this.root = el(
      "div",
      { class: "item" },
      el("p", { class: "file" }, el("b", {}, file.name), ` ${bytes(file.size)}`),
      el("label", { for: `put-name-${at}` }, "Name of the table"),
      this.#name,
      this.#bar,
      this.#told,
    );
    if (this.#format === undefined) {
      this.#fail(
        "This is not a CSV, JSON, Arrow or Parquet file, by the end of its name.",
      );
    }
  }

  /** Whether it can be put, and was not yet. */
  get canPut(): boolean {
    return this.#format !== undefined && this.putName === undefined;
  }

  /** Warns when the name is one of these. */
  warnOf(names: ReadonlySet<string>): void {
    const warn = () => {
      if (!this.canPut || this.#told.classList.contains("problem")) return;
      const isThere = names.has(this.#name.value);
      this.#told.textContent = isThere ? "Replaces the table of this name." : "";
    };
    this.#name.addEventListener("input", warn);
    warn();
  }

  focus(): void {
    this.#name.select();
  }

  /** Puts it, unless it was put before or cannot be. */
  async put(signal: AbortSignal): Promise<void> {
    if (this.#format === undefined || !this.canPut || signal.aborted) return;
    const name = this.#name.value;
    const started = performance.now();
    this.#name.readOnly = true;
    this.#bar.hidden = false;
    this.#told.className = "told";
    this.#told.removeAttribute("role");
    try {
      await upload(this.#file, {
        name,
        format: this.#format,
        signal,
        onProgress: (progress) => this.#show(progress, started),
      });
      this.putName = name;
      this.#bar.value = 1;
      this.#told.textContent = "On the server";
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      this.#name.readOnly = false;
      this.#bar.hidden = true;
      this.#fail(error.message);
    }
  }

  #fail(message: string): void {
    this.#told.className = "told problem";
    this.#told.setAttribute("role", "alert");
    this.#told.textContent = message;
  }

  #show({ sent, all }: Progress, started: number): void {
    if (sent < all) this.#bar.value = sent / all;
    else this.#bar.removeAttribute("value");
    const seconds = (performance.now() - started) / 1000;
    const rate = bytes(sent / Math.max(seconds, 0.1));
    this.#told.textContent = sent < all
      ? `${bytes(sent)} of ${bytes(all)}, ${rate} a second`
      : "Sent; the server reads it…";
  }
}
