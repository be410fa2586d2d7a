/**
 * Elements of the page. Texts become text nodes, whatever is in them.
 *
 * @module
 */

/** What an element has in it; undefined for nothing. */
export type Child = Node | string | undefined;

/** Attributes by their names; those that are false or undefined are left out. */
export type Attributes = Readonly<
  Record<string, string | number | boolean | undefined>
>;

const SVG = "http://www.w3.org/2000/svg";

/** An element of HTML. */
export function el<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  return filled(document.createElement(tag), attributes, children);
}

/** An element of SVG. */
export function svg(
  tag: keyof SVGElementTagNameMap,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElement {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

/** A button that does something. */
export function button(
  text: string,
  attributes: Attributes,
  onClick: () => void,
): HTMLButtonElement {
  const made = el("button", { type: "button", ...attributes }, text);
  made.addEventListener("click", onClick);
  return made;
}

/** The element of the page's HTML with this id. */
export function byId(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`Cannot find the element #${id}`);
  return found;
}

/** Says something to people who hear the page. */
export function say(text: string): void {
  byId("spoken").textContent = text;
}

function filled<Made extends Element>(
  element: Made,
  attributes: Attributes,
  children: readonly Child[],
): Made {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === false) continue;
    element.setAttribute(name, value === true ? "" : `${value}`);
  }
  element.append(...children.filter((child) => child !== undefined));
  return element;
}
