// Markdown as reports have it, as elements. Nothing in it can become markup: what is no Markdown stays the text it is, and
// links are those that `dom.js` lets through. A bare `[3]` is a citation; a page's own brackets come escaped.

import { away, el, plain, put } from "./dom.js";

/** Quotes within lists within quotes: deeper ones are shown as text. */
const DEPTH_MAX = 8;
const HEADING = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])\s+(.*)$/;
const FENCE = /^ {0,3}(`{3,}|~{3,})\s*([\w+-]*)[^`]*$/;
const RULE = /^ {0,3}([-*_])( *\1){2,} *$/;
const QUOTE = /^ {0,3}> ?/;
const COLUMNS = /^ *\|? *:?-+:? *(\| *:?-+:? *)*\|? *$/;
const ENTITIES = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'", nbsp: "\u00a0" };

/**
 * The chapters of a text: what stands before the first heading of the second level, and each of those with what follows.
 * @returns {{title: string, lines: string[]}[]}
 */
export function chapters(markdown) {
  const found = [{ title: "", lines: [] }];
  let fence = null;
  for (const line of markdown.split(/\r?\n/)) {
    const mark = FENCE.exec(line)?.[1];
    if (fence ? line.trim().startsWith(fence) : mark) fence = fence ? null : mark;
    const heading = fence ? null : HEADING.exec(line);
    if (heading && heading[1].length === 2) found.push({ title: heading[2], lines: [] });
    else found.at(-1).lines.push(line);
  }
  return found;
}

/** The anchor that renderers give a heading: lower case, blanks to hyphens, other signs dropped. */
export const anchor = (text) =>
  text
    .toLowerCase()
    .replace(/ /g, "-")
    .replace(/[^\p{L}\p{N}_-]/gu, "");

/** The words of a line of Markdown. */
export const words = (markdown) =>
  inline(markdown)
    .map((node) => node.textContent)
    .join("");

/** A page's words, which are stored as Markdown: their emphasis and code are shown, their links lead nowhere. */
export const quoted = (markdown) => el("bdi", {}, inline(markdown.replace(/\s+/g, " "), { links: false }));

/**
 * Lines as elements.
 * @param {object} [on]
 * @param {(n: number, before: string) => Node | null} [on.cite] makes a citation of source `n`, which stands behind these
 *   words; null when there is no such source
 * @param {(level: number, text: string) => object} [on.heading] properties of a heading
 * @param {boolean} [on.links] false: links are but their words
 */
export function blocks(lines, on = {}, depth = 0) {
  const made = [];
  let at = 0;
  const line = () => lines[at];
  const text = (words) => inline(words, on);
  while (at < lines.length) {
    const heading = HEADING.exec(line());
    const fence = FENCE.exec(line());
    const item = ITEM.exec(line());
    if (line().trim() === "") at += 1;
    else if (heading) {
      at += 1;
      const level = heading[1].length;
      made.push(el(`h${level}`, on.heading?.(level, words(heading[2])) ?? {}, text(heading[2])));
    } else if (fence) {
      const code = [];
      for (at += 1; at < lines.length && !line().trim().startsWith(fence[1]); at += 1) code.push(line());
      at += 1;
      made.push(el("pre", { tabindex: "0" }, el("code", {}, code.join("\n"))));
    } else if (RULE.test(line())) {
      at += 1;
      made.push(el("hr"));
    } else if (QUOTE.test(line()) && depth < DEPTH_MAX) {
      const inner = [];
      for (; at < lines.length && QUOTE.test(line()); at += 1) inner.push(line().replace(QUOTE, ""));
      made.push(el("blockquote", {}, blocks(inner, on, depth + 1)));
    } else if (item && depth < DEPTH_MAX) {
      const { list, next } = listed(lines, at, on, depth);
      made.push(list);
      at = next;
    } else if (line().includes("|") && COLUMNS.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-")) {
      const rows = [];
      for (; at < lines.length && line().trim() !== "" && line().includes("|"); at += 1) rows.push(cells(line()));
      made.push(table(rows, on));
    } else {
      const words = [];
      do {
        words.push(line());
        at += 1;
      } while (at < lines.length && !opens(line(), depth));
      made.push(el("p", {}, text(words.map((w) => w.replace(/^ +/, "")).join("\n"))));
    }
  }
  return made;
}

/** Whether a line ends the paragraph before it. */
const opens = (line, depth) =>
  line.trim() === "" ||
  HEADING.test(line) ||
  FENCE.test(line) ||
  RULE.test(line) ||
  (depth < DEPTH_MAX && (QUOTE.test(line) || ITEM.test(line)));

function listed(lines, start, on, depth) {
  const [, indent, sign] = ITEM.exec(lines[start]);
  const ordered = /\d/.test(sign);
  const list = el(ordered ? "ol" : "ul", ordered && parseInt(sign, 10) !== 1 ? { start: parseInt(sign, 10) } : {});
  let at = start;
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]);
    if (!item || item[1].length !== indent.length || /\d/.test(item[2]) !== ordered) break;
    const inner = [item[3]];
    for (at += 1; at < lines.length; at += 1) {
      const deeper = lines[at].startsWith(" ".repeat(indent.length + 2));
      const blank = lines[at].trim() === "" && (lines[at + 1] ?? "").startsWith(" ".repeat(indent.length + 2));
      if (!deeper && !blank && (opens(lines[at], depth) || lines[at].trim() === "")) break;
      inner.push(deeper ? lines[at].slice(indent.length + 2) : lines[at]);
    }
    const content = blocks(inner, on, depth + 1);
    // One paragraph needs no element of its own.
    const [only] = content;
    list.append(put(el("li"), content.length === 1 && only.tagName === "P" ? [...only.childNodes] : content));
    if (lines[at]?.trim() === "" && ITEM.exec(lines[at + 1] ?? "")?.[1].length === indent.length) at += 1;
  }
  return { list, next: at };
}

function cells(line) {
  const parts = [];
  let cell = "";
  const row = line.trim().replace(/^\|/, "");
  for (let at = 0; at < row.length; at += 1) {
    if (row[at] === "\\" && row[at + 1] === "|") {
      cell += "\\|";
      at += 1;
    } else if (row[at] === "|") {
      parts.push(cell.trim());
      cell = "";
    } else cell += row[at];
  }
  if (cell.trim() !== "") parts.push(cell.trim());
  return parts;
}

function table([head, , ...rows], on) {
  const row = (name, columns, props = {}) =>
    el(
      "tr",
      {},
      head.map((_, place) => el(name, props, inline(columns[place] ?? "", on))),
    );
  return el(
    "div",
    { class: "scroll", role: "region", tabindex: "0", "aria-label": `Table: ${head.map(words).join(", ")}` },
    el(
      "table",
      {},
      el("thead", {}, row("th", head, { scope: "col" })),
      el(
        "tbody",
        {},
        rows.map((columns) => row("td", columns)),
      ),
    ),
  );
}

/** A line's words as nodes. */
export function inline(markdown, on = {}, depth = 0) {
  const nodes = [];
  let text = "";
  let at = 0;
  const flush = () => {
    if (text) nodes.push(document.createTextNode(plain(text)));
    text = "";
  };
  const push = (node, length) => {
    flush();
    nodes.push(node);
    at += length;
  };
  const before = () => nodes.map((node) => (node.dataset?.cite ? "" : node.textContent)).join("") + text;
  while (at < markdown.length) {
    const rest = markdown.slice(at);
    const c = markdown[at];
    let found;
    if (c === "\\" && /^\\[!-/:-@[-`{-~]/.test(rest)) {
      text += rest[1];
      at += 2;
    } else if (c === "\\" && rest[1] === "\n") push(el("br"), 2);
    else if ((found = /^ {2,}\n/.exec(rest))) push(el("br"), found[0].length);
    else if (c === "\n") {
      text += " ";
      at += 1;
    } else if (c === "`" && (found = codeSpan(rest))) push(el("code", {}, found.code), found.length);
    else if (c === "&" && (found = /^&(?:(\w+)|#(\d{1,7})|#x([\da-f]{1,6}));/i.exec(rest))) {
      text += entity(found) ?? found[0];
      at += found[0].length;
    } else if (c === "[" && (found = /^\[(\d{1,4})\](?!\()/.exec(rest))) {
      const mark = on.cite?.(Number(found[1]), before()) ?? null;
      // The mark stands at its word, however it was set apart.
      if (mark) text = text.replace(/ $/, "");
      if (mark) push(mark, found[0].length);
      else {
        text += found[0];
        at += found[0].length;
      }
    } else if (c === "[" && depth < DEPTH_MAX && (found = link(rest))) {
      push(on.links === false ? el("span", {}, words(found.label)) : away(found.url, words(found.label)), found.length);
    } else if ((found = depth < DEPTH_MAX ? emphasis(rest, markdown[at - 1]) : null)) {
      push(el(found.tag, {}, inline(found.inner, on, depth + 1)), found.length);
    } else {
      text += c;
      at += 1;
    }
  }
  flush();
  return nodes;
}

function codeSpan(rest) {
  const fence = /^`+/.exec(rest)[0];
  for (let at = fence.length; (at = rest.indexOf(fence, at)) !== -1;) {
    const run = /^`+/.exec(rest.slice(at))[0].length;
    if (run === fence.length) {
      const code = rest.slice(fence.length, at).replace(/\n/g, " ").replace(/\\\|/g, "|");
      const padded = code.startsWith(" ") && code.endsWith(" ") && code.trim() !== "";
      return { code: padded ? code.slice(1, -1) : code, length: at + run };
    }
    at += run;
  }
  return null;
}

function entity([, name, decimal, hex]) {
  if (name) return Object.hasOwn(ENTITIES, name) ? ENTITIES[name] : undefined;
  const point = decimal ? parseInt(decimal, 10) : parseInt(hex, 16);
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : undefined;
}

/** `[label](url)`, brackets in the label balanced. */
function link(rest) {
  let open = 0;
  for (let at = 0; at < rest.length; at += 1) {
    if (rest[at] === "\\") at += 1;
    else if (rest[at] === "[") open += 1;
    else if (rest[at] === "]" && (open -= 1) === 0) {
      const target = /^\(<?([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*)>?(?:\s+"[^"]*")?\)/.exec(rest.slice(at + 1));
      return target ? { label: rest.slice(1, at), url: target[1], length: at + 1 + target[0].length } : null;
    }
  }
  return null;
}

const STYLES = [
  ["**", "strong"],
  ["__", "strong"],
  ["~~", "s"],
  ["*", "em"],
  ["_", "em"],
];

function emphasis(rest, previous = " ") {
  const style = STYLES.find(([mark]) => rest.startsWith(mark));
  if (!style) return null;
  const [mark, tag] = style;
  const word = /[\p{L}\p{N}]/u;
  if (/^\s|^$/.test(rest.slice(mark.length)) || (mark[0] === "_" && word.test(previous))) return null;
  for (let at = mark.length; at < rest.length; at += 1) {
    if (rest[at] === "\\") at += 1;
    else if (rest[at] === "`") at += Math.max(0, (codeSpan(rest.slice(at))?.length ?? 1) - 1);
    else if (rest.startsWith(mark, at) && !/\s/.test(rest[at - 1]) && at > mark.length) {
      // `**` does not end a `*`.
      if (mark.length === 1 && rest[at + 1] === mark) {
        at += 1;
        continue;
      }
      if (mark[0] === "_" && word.test(rest[at + mark.length] ?? " ")) continue;
      return { tag, inner: rest.slice(mark.length, at), length: at + mark.length };
    }
  }
  return null;
}
