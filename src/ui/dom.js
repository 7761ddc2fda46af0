// Elements without markup: every text becomes a text node, every address is looked at before it becomes a link.

/** Control characters, and those that turn the direction of a text around: they make one thing look like another. */
const UNSEEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
/** Attributes that would run or load something, whatever they hold. */
const NEVER = /^(on|src|style$|xlink)/i;

/** A text from outside as it may be shown. */
export const plain = (text) => String(text ?? "").replace(UNSEEN, "");

/**
 * An address as it may be followed: a place in this page, or http(s). Null for everything else, `javascript:` above all.
 */
export function address(url) {
  const text = plain(url).trim();
  if (text.startsWith("#")) return text;
  try {
    const { protocol, href } = new URL(text, location.origin);
    return protocol === "https:" || protocol === "http:" ? href : null;
  } catch {
    return null;
  }
}

/** Makes an element. Properties: `onclick` and the like take functions, `href` is looked at, true means a bare attribute. */
export function el(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === undefined || value === null || value === false) continue;
    if (typeof value === "function") node.addEventListener(name.replace(/^on/, ""), value);
    else if (NEVER.test(name)) throw new Error(`${name} is not set from here`);
    else if (name === "href") {
      const href = address(value);
      if (href !== null) node.setAttribute("href", href);
    } else if (name === "value" || name === "checked") node[name] = value;
    else node.setAttribute(name, value === true ? "" : plain(value));
  }
  put(node, ...children);
  return node;
}

/** Appends texts, nodes and lists of them; nothing for null, undefined and false. */
export function put(node, ...children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : plain(child));
  }
  return node;
}

/** Puts these in place of what is there. */
export function fill(node, ...children) {
  node.replaceChildren();
  return put(node, ...children);
}

/** A text from outside, kept to its own direction. */
export const said = (text, props = {}) => el("bdi", props, text);

/** A link to somewhere else, which opens beside this page; the bare text when the address is none. */
export function away(url, text, props = {}) {
  const href = address(url);
  if (href === null || href.startsWith("#")) return said(text, props);
  return el(
    "a",
    { ...props, href, target: "_blank", rel: "noopener noreferrer nofollow" },
    said(text),
    el("span", { class: "unseen" }, " (opens a new tab)"),
  );
}

/** The host of an address, for showing where something comes from. */
export function host(url) {
  try {
    return new URL(url).host.replace(/^www\./, "");
  } catch {
    return "";
  }
}

/** Says something to those who do not see the page change. */
export function tell(text) {
  const told = document.getElementById("told");
  told.textContent = "";
  // A reader notices what comes into an empty region, not what was in it.
  setTimeout(() => {
    told.textContent = plain(text);
  }, 50);
}

/** A button. */
export const button = (text, onclick, props = {}) => el("button", { type: "button", onclick, ...props }, text);

/** Runs something that a button began: it cannot be pressed again meanwhile, and what goes wrong is shown. */
export async function busy(control, run, failed) {
  if (control.getAttribute("aria-disabled") === "true") return;
  control.setAttribute("aria-disabled", "true");
  try {
    return await run();
  } catch (problem) {
    failed(problem);
  } finally {
    control.removeAttribute("aria-disabled");
  }
}

/** What went wrong, each thing to change on a line of its own. */
export function alarm(problem, props = {}) {
  const lines = problem.lines ?? [problem.message];
  return el(
    "div",
    { class: "alarm", role: "alert", ...props },
    el("p", { class: "alarm-title" }, problem.title ?? "That did not work"),
    lines.length > 1
      ? el(
          "ul",
          {},
          lines.map((line) => el("li", {}, said(line))),
        )
      : el("p", {}, said(lines[0])),
  );
}

/** Hands the reader a file. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Puts a text on the clipboard. Browsers have one only for pages that came by https or from this machine. */
export async function copied(text) {
  if (!navigator.clipboard)
    throw new Error("This browser copies only from pages that came by https: download the report instead.");
  await navigator.clipboard.writeText(text);
}
