/**
 * The page: shows what its address says, and goes on as the server changes.
 *
 * @module
 */
import { byId, say } from "./dom.ts";
import { acceptFiles } from "./put_dialog.ts";
import { isSignedIn, ServerError, signOut } from "./server.ts";
import { showSignIn } from "./sign_in.ts";
import { TableView } from "./table_view.ts";
import { TablesView } from "./tables_view.ts";
import { followTraffic } from "./traffic_strip.ts";
import type { View } from "./view.ts";

/** How long to wait before the server is asked again, in milliseconds. */
const RETRY_MS = 3000;

let view: View | undefined;
/** The list keeps what was searched and how it was sorted, and where it was scrolled to. */
let list = new TablesView();
let listScroll = 0;
let leaving = new AbortController();
let retry: number | undefined;

/** The table in the address; undefined for the list. */
function tableInAddress(): string | undefined {
  const [, name] = /^#table=(.*)$/s.exec(location.hash) ?? [];
  try {
    return name && decodeURIComponent(name);
  } catch {
    return undefined;
  }
}

/** Shows what the address says. */
async function show(): Promise<void> {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const name = tableInAddress();
  if (view === list) listScroll = scrollY;
  view = name === undefined ? list : new TableView(name, update);
  document.title = `${name ?? "Tables"} · Tiny Flight`;
  byId("main").replaceChildren(view.root);
  scrollTo(0, name === undefined ? listScroll : 0);
  await update();
  if (signal.aborted) return;
  byId("main").querySelector<HTMLElement>("h1")?.focus({ preventScroll: true });
}

/** Asks the server for what is shown. */
async function update(): Promise<void> {
  const { signal } = leaving;
  const shown = view;
  byId("sign-out").hidden = !isSignedIn();
  try {
    await shown?.update(signal);
    byId("unreachable").hidden = true;
  } catch (error) {
    if (signal.aborted) return;
    if (!(error instanceof ServerError)) throw error;
    if (error.code === "UNREACHABLE") return unreachable(error.message);
    if (error.code !== "UNAUTHENTICATED") return shown?.showError(error);
    askWhoItIs(error.message);
  }
}

/** Asks who the user is, and then shows what the address says. */
function askWhoItIs(reason: string): void {
  leaving.abort();
  leaving = new AbortController();
  view = undefined;
  document.title = "Sign in · Tiny Flight";
  const message = isSignedIn() ? reason : "";
  signOut();
  list = new TablesView();
  byId("sign-out").hidden = true;
  const form = showSignIn(message, async () => {
    say("You are signed in");
    await show();
    traffic.stop();
    traffic.start();
  });
  byId("main").replaceChildren(form);
  form.querySelector<HTMLElement>("h1")?.focus();
}

function unreachable(message: string): void {
  const told = byId("unreachable");
  if (told.hidden) told.textContent = `${message} The page tries again.`;
  told.hidden = false;
  clearTimeout(retry);
  retry = setTimeout(update, RETRY_MS);
}

const traffic = followTraffic(byId("traffic"), () => update());
byId("sign-out").addEventListener("click", () => {
  signOut();
  list = new TablesView();
  traffic.stop();
  say("You are signed out");
  show();
});
byId("skip").addEventListener("click", (event) => {
  event.preventDefault();
  byId("main").focus();
});
acceptFiles(document.body, (name) => {
  const address = `#table=${encodeURIComponent(name)}`;
  if (location.hash === address) update();
  else location.hash = address;
});
addEventListener("hashchange", show);
// A tab that comes back may have missed something.
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) update();
});
await show();
traffic.start();
