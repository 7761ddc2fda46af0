// A finished job: its report to be read, checked and taken along.

import { path, request } from "./api.js";
import { alarm, busy, button, copied, el, fill, put, said, save, tell } from "./dom.js";
import { marks } from "./cite.js";
import { followUp } from "./ask.js";
import { changes, gaps, ledger, rejected, sourceList, structured } from "./evidence.js";
import { pill } from "./jobs.js";
import { anchor, blocks, chapters, words } from "./markdown.js";
import { schedule } from "./schedule.js";
import { course } from "./timeline.js";
import { count, duration, moment, stop, usd } from "./words.js";

/** The forms in which a report leaves the page. */
const FORMS = [
  ["Markdown", "md", "?format=md"],
  ["HTML", "html", "?format=html"],
  ["JSON", "json", ""],
  ["Evidence bundle", "jsonl", "/bundle"],
];
/** Limits of a job that a schedule of it keeps, by their names in `budget`. */
const BUDGET = ["max_cost_usd", "max_tokens", "max_seconds", "max_pages"];
/** Longest name of a file, before its ending. */
const NAME_CHARS_MAX = 60;

/** @returns {{view: Element, focus: Element, go: (place?: string) => boolean, end: () => void}} */
export function report(job, place) {
  const trouble = el("div");
  const fails = (problem) => fill(trouble, alarm(problem));
  const cards = marks(job);
  const how = course(job);
  const title = el("h1", { tabindex: "-1", class: "question" }, said(job.query));
  const toc = el("ol", { class: "toc-list" });
  const body = el("div", { class: "body" });

  const add = (id, name, content, level = 2) => {
    toc.append(
      el(
        "li",
        { class: `toc-${level}` },
        el("a", { href: `#/research/${job.id}/${encodeURIComponent(id)}` }, said(name)),
      ),
    );
    return content;
  };
  if (job.report) put(body, prose(job, cards, add));
  else
    put(
      body,
      el(
        "div",
        { class: "empty" },
        el(
          "p",
          {},
          job.state === "cancelled"
            ? "This research was cancelled before a report was written."
            : `There is no report: ${job.error ?? "unknown"}.`,
        ),
        job.findings.length > 0 && el("p", {}, `${count(job.findings.length, "finding")} had been made by then.`),
      ),
    );
  const parts = [
    ["output", "Structured answer", structured(job)],
    ["conflicts", "Conflict ledger", ledger(job)],
    ["gaps", "What was not found out", gaps(job)],
    ["changes", "Changes since the last run", changes(job)],
    ["sources", `Sources (${job.sources.length})`, sourceList(job)],
    ["rejected", `Rejected pages (${job.rejected_sources.length})`, rejected(job)],
  ];
  for (const [id, name, content] of parts) {
    if (!content) continue;
    put(
      body,
      add(
        id,
        name,
        el(
          "section",
          { id: `part-${id}`, class: `part part-${id}`, tabindex: "-1", "aria-labelledby": `part-${id}-name` },
          el("h2", { id: `part-${id}-name` }, name),
          content,
        ),
      ),
    );
  }
  put(body, how.view);

  const markdown = () => request("GET", path`/v1/research/${job.id}` + "?format=md").then((reply) => reply.text());
  const copy = button("Copy as Markdown", () =>
    busy(
      copy,
      async () => {
        await copied(await markdown());
        tell("The report was copied as Markdown");
        copy.textContent = "Copied";
        setTimeout(() => {
          copy.textContent = "Copy as Markdown";
        }, 2_000);
      },
      fails,
    ),
  );
  const download = ([name, ending, suffix]) =>
    button(
      name,
      (event) =>
        busy(
          event.currentTarget,
          async () => {
            const headers = { accept: ending === "html" ? "text/html" : "application/json" };
            const reply = await request("GET", path`/v1/research/${job.id}` + suffix, { headers });
            save(await reply.blob(), `${fileName(job)}.${ending}`);
            tell(`${name} was saved`);
          },
          fails,
        ),
      { class: "quiet", "data-download": ending },
    );
  const asked = () => {
    const { max_iterations, max_sources, ...limits } = job.limits;
    const budget = Object.fromEntries(BUDGET.filter((name) => limits[name] !== null).map((name) => [name, limits[name]]));
    return { query: job.query, deep: job.deep, max_iterations, max_sources, budget };
  };
  const actions = el(
    "div",
    { class: "actions" },
    job.report && copy,
    el(
      "details",
      { class: "menu" },
      el("summary", {}, "Download"),
      el("div", { class: "menu-items" }, (job.report ? FORMS : FORMS.slice(2)).map(download)),
    ),
    job.report && button("Follow up", () => followUp(job), { class: "quiet" }),
    button("Schedule …", (event) => busy(event.currentTarget, () => schedule(asked()), fails), { class: "quiet" }),
  );

  const view = el(
    "article",
    { class: "reading" },
    el(
      "header",
      { class: "heading-job" },
      el("p", { class: "kicker" }, pill(job.state), job.deep && " Deep research"),
      title,
      facts(job),
      actions,
      trouble,
    ),
    notes(job),
    el(
      "div",
      { class: "columns-read" },
      el(
        "details",
        { class: "toc", open: !matchMedia("(max-width: 60rem)").matches },
        el("summary", {}, "Contents"),
        el("nav", { "aria-label": "Contents" }, toc),
      ),
      body,
    ),
  );
  const go = (to) => {
    if (to === undefined) return true;
    const target = view.querySelector(`[id="${CSS.escape(`part-${to}`)}"]`);
    if (target?.tagName === "LI") target.querySelector("details")?.setAttribute("open", "");
    target?.scrollIntoView({ block: "start" });
    target?.focus({ preventScroll: true });
    return true;
  };
  if (place) requestAnimationFrame(() => go(place));
  return {
    view,
    focus: title,
    go,
    end: () => {
      cards.end();
      how.end();
    },
  };
}

/** The report's chapters; contents and sources are shown by this page in its own way. */
function prose(job, cards, add) {
  const used = new Set();
  const named = (level, text) => {
    let id = anchor(text);
    while (used.has(id)) id += "-";
    used.add(id);
    if (level === 2 || level === 3) add(id, text, null, level);
    return { id: `part-${id}`, tabindex: "-1" };
  };
  const on = { cite: cards.cite, heading: named };
  return chapters(job.report)
    .filter(({ title, lines }, place) => place > 0 && !isContents(title) && !isSources(lines))
    .map(({ title, lines }) =>
      el("section", { class: "prose" }, el("h2", named(2, words(title)), words(title)), blocks(lines, on)),
    );
}

/** The contents are the chapter without a number. */
const isContents = (title) => !/^\d/.test(title);
const isSources = (lines) => {
  const filled = lines.filter((line) => line.trim() !== "");
  return filled.length > 0 && /^\[1\] /.test(filled[0]);
};

function facts(job) {
  const audit = job.citation_audit;
  const parts = [
    moment(job.completed_at ?? job.created_at),
    job.report && count(job.sources.length, "source"),
    job.report && count(job.findings.length, "finding"),
    audit && `${audit.verified + audit.repaired} of ${count(audit.total, "citation")} verified`,
    duration(job.elapsed_ms),
    usd(job.usage.cost_usd),
  ];
  return el(
    "p",
    { class: "facts" },
    parts.filter(Boolean).map((part, place) => [place > 0 && " · ", part]),
    job.previous_id && [" · ", el("a", { href: path`#/research/${job.previous_id}` }, "follows up earlier research")],
  );
}

/** What a reader must know before he believes the report. */
function notes(job) {
  const lines = [
    job.partial_reason && `Less than was asked for: ${job.partial_reason}.`,
    job.degraded && `Not as configured: ${job.degraded}`,
    ...job.warnings,
  ].filter(Boolean);
  if (lines.length === 0) return null;
  return el(
    "div",
    { class: "notes", role: "note" },
    el(
      "ul",
      {},
      lines.map((line) => el("li", {}, said(line))),
    ),
    job.stop_reason && el("p", { class: "hint" }, `The search ended because ${stop(job.stop_reason)}.`),
  );
}

const fileName = (job) =>
  job.query
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .slice(0, NAME_CHARS_MAX) || job.id;
