// A stored document as it was read, with the quote that led here.

import { call, path } from "./api.js";
import { el, said } from "./dom.js";
import { linkTo, storedAt } from "./cite.js";
import { count, moment, number } from "./words.js";

/** @param {string} [start] byte offset of the quote in the stored text @param {string} [end] the same behind it */
export async function documentView(id, start, end) {
  const one = await call("GET", path`/v1/library/documents/${id}`);
  const title = el("h1", { tabindex: "-1", class: "question" }, said(one.title || one.url));
  const [before, quote, after] = cut(one.markdown, Number(start ?? 0), Number(end ?? 0));
  const mark = quote === "" ? null : el("mark", { tabindex: "-1" }, said(quote));
  if (mark) requestAnimationFrame(() => mark.scrollIntoView({ block: "center" }));
  return {
    title: one.title,
    focus: mark ?? title,
    view: el(
      "article",
      { class: "stored" },
      el(
        "header",
        { class: "heading-job" },
        el("p", { class: "kicker" }, el("a", { href: "#/library" }, "Library"), ` · ${one.collection}`),
        title,
        el(
          "p",
          { class: "facts" },
          `${number(one.words)} words`,
          one.pages > 0 && ` · ${count(one.pages, "page")}`,
          one.author && [" · ", said(one.author)],
          one.published && ` · ${one.published}`,
          ` · added ${moment(one.added_at)}`,
          !storedAt(one.url) && [" · ", linkTo({ url: one.url }, "Open the page")],
        ),
      ),
      el("pre", { class: "stored-text", tabindex: "0", "aria-label": "Stored text" }, before, mark, after),
    ),
  };
}

/** The text before, in and behind a range of its bytes. */
function cut(text, start, end) {
  const bytes = new TextEncoder().encode(text);
  if (end <= start || end > bytes.length) return [text, "", ""];
  const decoder = new TextDecoder();
  return [bytes.slice(0, start), bytes.slice(start, end), bytes.slice(end)].map((part) => decoder.decode(part));
}
