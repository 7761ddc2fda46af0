// One piece of research: watched while it runs, read when it is over.

import { call, path, request } from "./api.js";
import { alarm, button, el, fill, host, put, said, tell } from "./dom.js";
import { field, open, sure } from "./dialogs.js";
import { badge } from "./cite.js";
import { follow, isFinal } from "./events.js";
import { pill } from "./jobs.js";
import { blocks, quoted } from "./markdown.js";
import { report } from "./report.js";
import { Timeline } from "./timeline.js";
import { duration, phase, usd } from "./words.js";

/** The job is looked at this long after a fact, so that a burst of them costs one look, in milliseconds. */
const LOOK_MS = 400;
/** Findings that are shown while the research runs, the latest first: older ones make room. */
const FINDINGS_MAX = 150;

export async function research(id, place) {
  const job = await call("GET", path`/v1/research/${id}`);
  const view = el("div");
  const title = el("h1", { tabindex: "-1", class: "question" }, said(job.query));
  const base = path`/research/${id}`;
  let end = () => {};
  let went = () => {};

  const over = (job) => {
    end();
    const read = report(job, place);
    end = read.end;
    went = read.go;
    fill(view, read.view);
    return read;
  };
  if (job.status !== "processing") {
    const read = over(job);
    return {
      title: job.query,
      view,
      focus: read.focus,
      base,
      end: () => end(),
      goes: (other, place) => other === id && went(place),
    };
  }
  const watching = watch(job, title, (ended) => {
    tell(ended.report ? "The report is ready" : `The research has ended: ${ended.state}`);
    const inside = view.contains(document.activeElement);
    const read = over(ended);
    if (inside) read.focus.focus({ preventScroll: true });
  });
  end = watching.end;
  put(view, watching.view);
  return {
    title: job.query,
    view,
    focus: title,
    base,
    end: () => end(),
    goes: (other, place) => other === id && went(place),
  };
}

function watch(first, title, ended) {
  const { id } = first;
  const stopped = new AbortController();
  const timeline = new Timeline();
  const bar = el("progress", { max: "100", value: 0, "aria-label": "How far the research is" });
  const doing = el("p", { class: "doing" });
  const figures = el("dl", { class: "figures" });
  const findings = el("ul", { class: "findings" });
  const none = el("p", { class: "soft" }, "They appear here as pages are read.");
  const soFar = el(
    "details",
    { class: "so-far", hidden: true },
    el("summary", {}, "What is known so far, as a report"),
    el("div", { class: "prose" }),
  );
  const kicker = el("p", { class: "kicker" });
  const trouble = el("div");
  const line = el("p", { class: "hint", role: "status" });
  const known = new Map();
  let version = null;
  let timer = 0;
  let told = "";
  let started = Date.now() - first.elapsed_ms;

  const show = (job) => {
    bar.value = job.progress.percent;
    bar.textContent = `${job.progress.percent} %`;
    const round = job.progress.round > 0 ? `, round ${job.progress.round} of at most ${job.progress.rounds_max}` : "";
    const now = phase(job.phase) + (["searching", "reading", "reflecting"].includes(job.phase) ? round : "");
    fill(doing, el("strong", {}, now));
    if (now !== told) tell(now);
    told = now;
    started = Date.now() - job.elapsed_ms;
    const { progress, usage } = job;
    const rows = [
      ["Time", duration(job.elapsed_ms), "time"],
      ["Queries", progress.queries],
      ["Pages read", progress.pages_read],
      ["Rejected", progress.pages_rejected],
      ["Findings", progress.findings],
      ["Spent", usd(usage.cost_usd)],
    ];
    fill(
      figures,
      rows.map(([name, value, key]) =>
        el("div", {}, el("dt", {}, name), el("dd", key ? { id: key } : {}, String(value))),
      ),
    );
    for (const finding of job.findings) arrive(finding);
    while (findings.childElementCount > FINDINGS_MAX) findings.lastElementChild.remove();
    fill(kicker, pill(job.state), job.deep && " Deep research");
    none.hidden = known.size > 0;
    if (job.partial_report) {
      soFar.hidden = false;
      const body = soFar.querySelector(".prose");
      if (body.dataset.of !== String(job.iterations))
        fill(body, blocks(job.partial_report.split("\n").filter((line) => !line.startsWith("# "))));
      body.dataset.of = String(job.iterations);
    }
  };
  const arrive = (finding) => {
    const there = known.get(finding.id);
    if (there?.confidence === finding.confidence) return;
    const item = el(
      "li",
      { class: "finding" },
      el("p", {}, quoted(finding.fact)),
      el(
        "p",
        { class: "finding-foot" },
        badge(finding.confidence, finding.confidence_reason),
        " ",
        said(host(finding.source_url)),
      ),
    );
    if (there) there.item.replaceWith(item);
    else findings.prepend(item);
    known.set(finding.id, { confidence: finding.confidence, item });
  };
  const look = async () => {
    timer = 0;
    let job = null;
    try {
      const headers = version ? { "if-none-match": version } : {};
      const response = await request("GET", path`/v1/research/${id}`, { headers, signal: stopped.signal });
      if (response.status === 304 || stopped.signal.aborted) return;
      version = response.headers.get("etag");
      job = await response.json();
    } catch (problem) {
      if (stopped.signal.aborted) return;
      if (isFinal(problem)) fill(trouble, alarm(problem));
      else later(LOOK_MS * 10);
      return;
    }
    if (job.status === "processing") show(job);
    else ended(job);
  };
  const later = (ms = LOOK_MS) => {
    timer ||= setTimeout(look, ms);
  };
  const clock = setInterval(() => {
    const time = document.getElementById("time");
    if (time) time.textContent = duration(Date.now() - started);
  }, 1_000);
  const end = () => {
    stopped.abort();
    clearTimeout(timer);
    clearInterval(clock);
  };
  follow(
    id,
    {
      fact: (name, data) => {
        timeline.add(name, data);
        later();
      },
      connection: (up) =>
        fill(line, up ? "" : "The connection was lost. The research goes on; this page looks again in a moment."),
    },
    stopped.signal,
  ).then(
    () => later(0),
    (problem) => fill(trouble, alarm(problem)),
  );

  const steer = button("Steer", () =>
    open({
      title: "Steer the research",
      intro: "Counts from the next round on. One of these is enough.",
      fields: [
        field("Look more at", el("input", { name: "focus", type: "text" })),
        field("Answer this too", el("textarea", { name: "questions", rows: "2" }), "One question a line"),
        field(
          "Only these domains",
          el("textarea", { name: "include_domains", rows: "1", spellcheck: "false" }),
          "One a line",
        ),
        field(
          "Never these domains",
          el("textarea", { name: "exclude_domains", rows: "1", spellcheck: "false" }),
          "One a line",
        ),
      ],
      confirm: "Steer",
      submit: async (form) => {
        await call("POST", path`/v1/research/${id}/steer`, { json: steering(form) });
        tell("The research was steered");
      },
    }),
  );
  const stop = button(
    "Cancel",
    () =>
      sure(
        "Cancel this research?",
        "It ends at once and leaves no report. What was found so far stays visible.",
        "Cancel the research",
        async () => {
          await call("POST", path`/v1/research/${id}/cancel`);
          later(0);
        },
      ),
    { class: "quiet" },
  );
  show(first);
  const view = el(
    "article",
    { class: "watching" },
    el(
      "header",
      { class: "heading-job" },
      kicker,
      title,
      el("div", { class: "actions" }, steer, stop),
    ),
    el("div", { class: "progress" }, doing, bar, figures),
    line,
    trouble,
    el(
      "div",
      { class: "columns-watch" },
      el("section", { "aria-labelledby": "course" }, el("h2", { id: "course" }, "Course"), timeline.view),
      el(
        "section",
        { "aria-labelledby": "found", class: "found" },
        el("h2", { id: "found" }, "Findings"),
        soFar,
        none,
        findings,
      ),
    ),
  );
  return { view, end };
}

function steering(form) {
  const lines = (name) =>
    form.elements
      .namedItem(name)
      .value.split(name === "questions" ? /\n+/ : /[\n,]+/)
      .map((line) => line.trim())
      .filter(Boolean);
  const made = {};
  const focus = form.elements.namedItem("focus").value.trim();
  if (focus) made.focus = focus;
  for (const name of ["questions", "include_domains", "exclude_domains"])
    if (lines(name).length > 0) made[name] = lines(name);
  return made;
}
