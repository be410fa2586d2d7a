/**
 * Asks who the user is.
 *
 * @module
 */
import { el } from "./dom.ts";
import { ServerError, signIn } from "./server.ts";

/** A form that signs in, and calls back when it has. */
export function showSignIn(
  reason: string,
  onSignedIn: () => Promise<void>,
): HTMLElement {
  const problem = el(
    "p",
    { class: "problem", role: "alert", hidden: reason === "" },
    reason,
  );
  const byPassword = choice("password", "Name and password", true);
  const byToken = choice("token", "Token", false);
  const user = field("user", "Name", "text", "username");
  const password = field("password", "Password", "password", "current-password");
  const token = field("token", "Token", "password", "off");
  const submit = el("button", { type: "submit", class: "main" }, "Sign in");
  const form = el(
    "form",
    { class: "sign-in" },
    el("h1", { tabindex: -1 }, "Sign in"),
    el("p", {}, "This server asks who you are."),
    el(
      "fieldset",
      { class: "choices" },
      el("legend", { class: "spoken" }, "How to sign in"),
      byPassword.label,
      byToken.label,
    ),
    user.root,
    password.root,
    token.root,
    problem,
    submit,
  );
  const choose = () => {
    const isToken = byToken.input.checked;
    for (const { root, input } of [user, password]) {
      root.hidden = isToken;
      input.required = !isToken;
    }
    token.root.hidden = !isToken;
    token.input.required = isToken;
  };
  byPassword.input.addEventListener("change", choose);
  byToken.input.addEventListener("change", choose);
  choose();
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    try {
      await signIn(
        byToken.input.checked
          ? `Bearer ${token.input.value.trim()}`
          : basic(user.input.value, password.input.value),
      );
      await onSignedIn();
    } catch (error) {
      if (!(error instanceof ServerError)) throw error;
      problem.textContent = error.code === "UNAUTHENTICATED"
        ? byToken.input.checked
          ? "The server does not accept this token."
          : "The server does not accept this name and password."
        : error.message;
      problem.hidden = false;
    } finally {
      submit.disabled = false;
    }
  });
  return form;
}

function choice(value: string, text: string, checked: boolean) {
  const input = el("input", { type: "radio", name: "how", value, checked });
  return { input, label: el("label", {}, input, text) };
}

function field(id: string, text: string, type: string, autocomplete: string) {
  const input = el("input", { id, type, autocomplete, spellcheck: "false" });
  const root = el("div", { class: "field" }, el("label", { for: id }, text), input);
  return { input, root };
}

/** The header for a name and a password (RFC 7617). */
function basic(user: string, password: string): string {
  const bytes = new TextEncoder().encode(`${user}:${password}`);
  return `Basic ${
    btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
  }`;
}
