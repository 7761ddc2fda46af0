// Citations: a small button behind a sentence, with a card that shows the words it rests on.

import { away, el, fill, host, said } from "./dom.js";
import { quoted } from "./markdown.js";
import { sourceClass } from "./words.js";

/** A pointer must rest this long before a card opens, and may leave it for as long without closing it, in milliseconds. */
const OPEN_MS = 120;
const CLOSE_MS = 220;
const MARGIN_PX = 12;
/** Words of languages that put no blanks between them count sign by sign. */
const TERMS = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]|[\p{L}\p{N}]+/gu;

/** How far a statement can be trusted, as a small label. */
export const badge = (confidence, reason) =>
  el(
    "span",
    { class: "badge", "data-confidence": confidence, title: reason },
    confidence,
    el("span", { class: "unseen" }, " confidence"),
  );

/** An address of a stored document in this API, as a place in this page; the address itself for everything else. */
export function place(citation) {
  const own = storedAt(citation.url);
  if (own) return `#/library/${own}${citation.end === undefined ? "" : `/${citation.start}-${citation.end}`}`;
  return citation.text_fragment_url ?? citation.url;
}

/** The id of a library document that the address names, when it is this deployment's. */
export function storedAt(url) {
  try {
    const { origin, pathname } = new URL(url);
    return origin === location.origin
      ? (/^\/v1\/library\/documents\/(doc_[0-9a-f]+)$/.exec(pathname)?.[1] ?? null)
      : null;
  } catch {
    return null;
  }
}

/** A link to a source or a quote, wherever it lies. */
export const linkTo = (citation, text, props = {}) => {
  const target = place(citation);
  return target.startsWith("#") ? el("a", { ...props, href: target }, said(text)) : away(target, text, props);
};

const terms = (text) => new Set(text.toLowerCase().match(TERMS) ?? []);

/** The last sentence of what was said before a mark. */
export function sentence(before) {
  const ends = [...before.trimEnd().matchAll(/[.!?][)"'”’]?\s+|[。！？]/g)];
  const last = ends.at(-1);
  return last ? before.slice(last.index + last[0].length) : before;
}

/** The citation of source `n` whose quote shares most with the words before the mark. */
function best(citations, before) {
  const wanted = terms(sentence(before));
  const shared = ({ quote }) => [...terms(quote)].filter((term) => wanted.has(term)).length;
  return citations.reduce((best, one) => (best === undefined || shared(one) > shared(best) ? one : best), undefined);
}

/**
 * Makes the marks of one report. There is one card at a time, which stands in the text right behind its mark, so that Tab
 * leads into it.
 */
export function marks(job) {
  const sources = new Map(job.sources.map((source) => [source.n, source]));
  const findings = new Map(job.findings.map((finding) => [finding.id, finding]));
  const bySource = grouped(job.citations);
  const card = el("span", { class: "card", role: "group", popover: "manual" });
  let owner = null;
  let pinned = false;
  let timer = 0;

  const hide = () => {
    clearTimeout(timer);
    // Taking the card away takes the focus out of it, which comes here again.
    if (!owner) return;
    owner.setAttribute("aria-expanded", "false");
    owner = null;
    pinned = false;
    card.remove();
  };
  const show = (mark, n, before) => {
    clearTimeout(timer);
    if (owner === mark) return;
    hide();
    owner = mark;
    mark.setAttribute("aria-expanded", "true");
    const source = sources.get(n);
    const citation = best(bySource.get(n) ?? [], before);
    fill(card, content(job, source, citation, findings.get(citation?.finding), (bySource.get(n) ?? []).length));
    card.setAttribute("aria-label", `Source ${n}`);
    mark.after(card);
    card.showPopover();
    stand(card, mark);
  };
  const later = (run, ms) => {
    clearTimeout(timer);
    timer = setTimeout(run, ms);
  };
  const leave = () => {
    if (!pinned) later(hide, CLOSE_MS);
  };
  card.addEventListener("pointerenter", () => clearTimeout(timer));
  card.addEventListener("pointerleave", leave);
  card.addEventListener("focusout", (event) => {
    if (event.relatedTarget !== owner && !card.contains(event.relatedTarget)) hide();
  });

  const cite = (n, before) => {
    const source = sources.get(n);
    if (!source) return null;
    const open = () => show(mark, n, before);
    const mark = el(
      "button",
      {
        type: "button",
        class: "cite",
        "data-cite": n,
        "aria-expanded": "false",
        "aria-label": `Source ${n}: ${source.title || host(source.url)}`,
        onpointerenter: (event) => {
          if (event.pointerType === "mouse") later(open, OPEN_MS);
        },
        onpointerleave: leave,
        onfocus: () => {
          if (mark.matches(":focus-visible")) open();
        },
        onblur: (event) => {
          if (!card.contains(event.relatedTarget)) leave();
        },
        onclick: () => {
          if (owner === mark && pinned) return hide();
          open();
          pinned = true;
        },
      },
      String(n),
    );
    return mark;
  };
  const onKey = (event) => {
    if (event.key !== "Escape" || !owner) return;
    const mark = owner;
    const inside = card.contains(document.activeElement);
    hide();
    if (inside) mark.focus();
  };
  const onPointer = (event) => {
    if (owner && !card.contains(event.target) && event.target !== owner) hide();
  };
  const onScroll = () => {
    if (owner) stand(card, owner);
  };
  document.addEventListener("keydown", onKey);
  document.addEventListener("pointerdown", onPointer);
  addEventListener("scroll", onScroll, { passive: true });
  addEventListener("resize", onScroll);
  const end = () => {
    hide();
    document.removeEventListener("keydown", onKey);
    document.removeEventListener("pointerdown", onPointer);
    removeEventListener("scroll", onScroll);
    removeEventListener("resize", onScroll);
  };
  return { cite, end };
}

function grouped(citations) {
  const groups = new Map();
  for (const citation of citations) groups.set(citation.n, [...(groups.get(citation.n) ?? []), citation]);
  return groups;
}

function content(job, source, citation, finding, quotes) {
  const facts = [
    sourceClass(source.source_class),
    source.published && `published ${source.published}`,
    citation?.page && `page ${citation.page}`,
  ]
    .filter(Boolean)
    .join(" · ");
  return [
    el(
      "span",
      { class: "card-head" },
      el("span", { class: "card-n" }, String(source.n)),
      linkTo({ ...source, url: source.url }, source.title || source.url, { class: "card-title" }),
    ),
    el("span", { class: "card-facts" }, said(host(source.url)), ` · ${facts}`),
    citation && el("q", { class: "card-quote" }, quoted(citation.quote)),
    finding && el("span", { class: "card-why" }, badge(finding.confidence), " ", said(finding.confidence_reason)),
    el(
      "span",
      { class: "card-foot" },
      citation && linkTo(citation, storedAt(citation.url) ? "See it in the stored text" : "See it in the page"),
      el(
        "a",
        { href: `#/research/${job.id}/source-${source.n}` },
        quotes > 1 ? `All ${quotes} quotes` : "In the source list",
      ),
    ),
  ];
}

/** Under the mark, or above it where there is no room; on a small screen the style sheet puts it at the bottom. */
function stand(card, mark) {
  if (matchMedia("(max-width: 40rem)").matches) {
    card.style.left = card.style.top = "";
    return;
  }
  const at = mark.getBoundingClientRect();
  const { width, height } = card.getBoundingClientRect();
  const left = Math.max(MARGIN_PX, Math.min(at.left + at.width / 2 - width / 2, innerWidth - width - MARGIN_PX));
  const below = at.bottom + 8;
  const top = below + height + MARGIN_PX > innerHeight && at.top - height - 8 > MARGIN_PX ? at.top - height - 8 : below;
  card.style.left = `${left}px`;
  card.style.top = `${top}px`;
}
