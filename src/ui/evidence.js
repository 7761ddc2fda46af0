// What stands behind a report: sources with their quotes, findings that disagree, what is missing.

import { el, fill, host, said } from "./dom.js";
import { badge, linkTo } from "./cite.js";
import { field } from "./dialogs.js";
import { quoted } from "./markdown.js";
import { CLASS_ORDER, count, number, sourceClass } from "./words.js";

const CONFIDENCE = ["high", "medium", "low"];

/** The list of sources, with filters by words, class and confidence. */
export function sourceList(job) {
  if (job.sources.length === 0) return null;
  const best = bestConfidence(job);
  const findings = new Map(job.findings.map((finding) => [finding.id, finding]));
  const entries = job.sources.map((source) => {
    const quotes = job.citations.filter((citation) => citation.n === source.n);
    const item = el(
      "li",
      { id: `part-source-${source.n}`, class: "source", tabindex: "-1" },
      el("span", { class: "source-n", "aria-hidden": "true" }, String(source.n)),
      el(
        "div",
        { class: "source-body" },
        el(
          "p",
          { class: "source-title" },
          el("span", { class: "unseen" }, `Source ${source.n}: `),
          linkTo(source, source.title || source.url),
        ),
        el(
          "p",
          { class: "source-facts" },
          said(host(source.url)),
          ` · ${sourceClass(source.source_class)}`,
          source.author && [" · ", said(source.author)],
          source.published && ` · ${source.published}`,
          ` · ${number(source.words)} words`,
          source.rendered && " · read with a browser",
          best.get(source.n) && [" ", badge(best.get(source.n))],
        ),
        source.injection_flags.length > 0 &&
          el(
            "p",
            { class: "flagged" },
            `This page spoke to models (${count(source.injection_flags.length, "time")}); that was cut out before it was read.`,
          ),
        quotes.length > 0 &&
          el(
            "details",
            {},
            el("summary", {}, count(quotes.length, "quote")),
            el(
              "ul",
              { class: "quotes" },
              quotes.map((quote) =>
                el(
                  "li",
                  {},
                  el("blockquote", {}, el("p", {}, quoted(quote.quote))),
                  el(
                    "p",
                    { class: "quote-foot" },
                    findings.has(quote.finding) && [
                      badge(findings.get(quote.finding).confidence, findings.get(quote.finding).confidence_reason),
                      " ",
                    ],
                    quote.page && `page ${quote.page} · `,
                    linkTo(quote, "See it in its place"),
                  ),
                ),
              ),
            ),
          ),
      ),
    );
    return {
      item,
      source,
      text: `${source.title} ${source.url} ${source.author ?? ""} ${quotes.map((q) => q.quote).join(" ")}`.toLowerCase(),
    };
  });
  const list = el(
    "ol",
    { class: "source-list" },
    entries.map(({ item }) => item),
  );
  const shown = el("p", { class: "hint", role: "status" });
  const words = el("input", { type: "search", name: "words", oninput: () => sift() });
  const choice = (name, all, options) =>
    el(
      "select",
      { name, onchange: () => sift() },
      el("option", { value: "" }, all),
      options.map(([value, text]) => el("option", { value }, text)),
    );
  const classes = CLASS_ORDER.filter((name) => job.sources.some((source) => source.source_class === name));
  const kind = choice(
    "class",
    "Every kind",
    classes.map((name) => [name, sourceClass(name)]),
  );
  const trust = choice(
    "confidence",
    "Any confidence",
    CONFIDENCE.filter((name) => [...best.values()].includes(name)).map((name) => [name, `Has ${name}`]),
  );
  const sift = () => {
    const wanted = words.value.trim().toLowerCase();
    let left = 0;
    for (const { item, source, text } of entries) {
      const fits =
        text.includes(wanted) &&
        (!kind.value || source.source_class === kind.value) &&
        (!trust.value || best.get(source.n) === trust.value);
      item.hidden = !fits;
      if (fits) left += 1;
    }
    fill(shown, left === entries.length ? "" : `${left} of ${count(entries.length, "source")}`);
  };
  return [
    entries.length > 3 &&
      el("div", { class: "filters" }, field("Find", words), field("Kind", kind), field("Confidence", trust)),
    shown,
    list,
  ];
}

/** The best confidence of any finding that each source bears out. */
function bestConfidence(job) {
  const best = new Map();
  for (const finding of job.findings) {
    for (const { n } of finding.evidence) {
      const so_far = best.get(n);
      if (n !== null && (so_far === undefined || CONFIDENCE.indexOf(finding.confidence) < CONFIDENCE.indexOf(so_far)))
        best.set(n, finding.confidence);
    }
  }
  return best;
}

/** Findings that cannot both be right, side by side. */
export function ledger(job) {
  if (job.conflicts.length === 0) return null;
  const side = (one, conflict) => {
    const preferred = one.finding === conflict.preferred;
    return el(
      "figure",
      { class: "side", "data-preferred": preferred },
      el("blockquote", {}, el("p", {}, quoted(one.quote))),
      el(
        "figcaption",
        {},
        linkTo({ ...one, url: one.source_url }, host(one.source_url) || "source"),
        ` · ${sourceClass(one.source_class)}`,
        one.published && ` · ${one.published}`,
        " ",
        badge(one.confidence),
        preferred &&
          el("p", { class: "goes-by" }, el("strong", {}, "The report goes by this: "), said(conflict.reason)),
      ),
    );
  };
  const entry = (conflict) =>
    el(
      "li",
      {},
      el("p", { class: "ledger-kind" }, el("span", { class: "pill" }, conflict.kind.replaceAll("_", " "))),
      el(
        "div",
        { class: "sides" },
        conflict.sides.map((one) => side(one, conflict)),
      ),
      !conflict.preferred && el("p", { class: "soft" }, "The report goes by neither: ", said(conflict.reason)),
    );
  return el("ul", { class: "ledger" }, job.conflicts.map(entry));
}

/** What was not found out. */
export function gaps(job) {
  const open = job.unanswered.map(({ sub_question, reason, unconfirmed }) =>
    el(
      "li",
      {},
      el("strong", {}, said(sub_question)),
      " ",
      unconfirmed && el("span", { class: "pill" }, "unconfirmed"),
      el("p", { class: "soft" }, said(reason)),
    ),
  );
  const rest = job.gaps
    .filter((gap) => !job.unanswered.some(({ reason }) => gap.includes(reason)))
    .map((gap) => el("li", {}, said(gap)));
  return open.length + rest.length === 0 ? null : el("ul", { class: "gaps" }, open, rest);
}

/** What differs from the last run of the same schedule. */
export function changes(job) {
  const found = job.changes;
  if (!found) return null;
  const one = (finding) =>
    el("li", {}, el("p", {}, quoted(finding.fact)), el("p", { class: "soft" }, said(host(finding.url))));
  const two = ({ old, new: now }) =>
    el(
      "li",
      {},
      el("p", {}, el("del", {}, quoted(old.quote))),
      el("p", {}, el("ins", {}, quoted(now.quote))),
      el("p", { class: "soft" }, said(host(now.url))),
    );
  const group = (name, items, make) =>
    items.length > 0 &&
    el(
      "details",
      { open: items.length <= 5 },
      el("summary", {}, `${name} (${items.length})`),
      el("ul", {}, items.map(make)),
    );
  const groups = [
    group("Changed", found.changed, two),
    group("Contradicted", found.contradicted, two),
    group("New", found.new, one),
    group("Gone", found.gone, one),
  ].filter(Boolean);
  return el(
    "div",
    { class: "changes" },
    groups.length === 0 ? el("p", {}, "Nothing has changed.") : groups,
    el("p", { class: "hint" }, `${count(found.unchanged, "finding")} stayed the same.`),
  );
}

/** Pages that were chosen and brought nothing. */
export function rejected(job) {
  if (job.rejected_sources.length === 0) return null;
  return el(
    "ul",
    { class: "rejected" },
    job.rejected_sources.map(({ url, reason }) =>
      el("li", {}, linkTo({ url }, url), " ", el("span", { class: "soft" }, said(reason))),
    ),
  );
}

/** The answer in the shape that was asked for, and what each of its fields rests on. */
export function structured(job) {
  if (!job.output) return null;
  const { content, basis } = job.output;
  const field = ({ field, confidence, reason, citations }) =>
    el(
      "li",
      {},
      el("p", {}, el("code", {}, field), " ", confidence ? badge(confidence) : el("span", { class: "pill" }, "empty")),
      el("p", { class: "soft" }, said(reason)),
      citations.map((one) =>
        el("p", { class: "quote-foot" }, el("q", {}, quoted(one.quote)), " ", linkTo(one, host(one.url) || "source")),
      ),
    );
  return [
    el("pre", { tabindex: "0", "aria-label": "Structured answer" }, JSON.stringify(content, null, 2)),
    el(
      "details",
      {},
      el("summary", {}, `What it rests on: ${count(basis.length, "field")}`),
      el("ul", { class: "fields" }, basis.map(field)),
    ),
  ];
}
