// The course of a job, fact by fact: rounds, their queries, the pages with what became of each, the writing.

import { alarm, away, el, fill, host, put, said } from "./dom.js";
import { follow } from "./events.js";
import { provider } from "./options.js";
import { count, moment, number, stop } from "./words.js";

const VERDICTS = { waiting: "chosen", reading: "being read", read: "read", rejected: "rejected", failed: "not read" };

/** An ordered list that grows. It is changed in place, so that nobody loses his place in it. */
export class Timeline {
  constructor() {
    this.view = el("ol", { class: "timeline" });
    this.rounds = new Map();
    this.pages = new Map();
    this.sections = [];
  }

  /** One fact of the journal. Those of kinds that a newer release has are left out. */
  add(name, data) {
    const step = data.step ? data.step.split(".") : [];
    switch (name) {
      case "accepted":
        return this.note("Accepted", `looks in ${data.providers.map(provider).join(", ")}`, data.at);
      case "forked":
        return this.note("Forked", `from round ${data.round} of an earlier job`, data.at);
      case "inherited":
        return this.note("Follows up", `begins with ${count(data.pages, "page")} of the earlier job`);
      case "planned":
        return this.note(
          "Planned",
          el(
            "ul",
            { class: "plain" },
            data.sub_questions.map((q) => el("li", {}, said(q))),
          ),
        );
      case "steered":
        return this.note("Steered", said(steered(data)), data.at, "steered");
      case "foreseen":
        return this.open({ round: 1, queries: data.queries });
      case "round_opened":
        return this.open(data);
      case "pages_chosen":
        return this.chosen(data);
      case "round_closed":
        return this.round(data.round).facts.replaceChildren(`${count(data.findings, "finding")} in this round`);
      case "research_stopped":
        return this.note("Enough", stop(data.reason), data.at);
      case "outlined":
        return this.outlined(data.sections);
      case "completed":
        return this.note(
          "Complete",
          `${count(data.sources, "source")} cited, ${count(data.citations, "quote")} checked`,
          data.at,
          "end",
        );
      case "cancelled":
        return this.note("Cancelled", "", data.at, "end");
      case "failed":
        return this.note("Failed", said(data.cause), data.at, "end");
      default:
        return this.step(name, step, data);
    }
  }

  note(title, text, at, kind = "note") {
    this.view.append(
      el(
        "li",
        { class: kind },
        el("h3", {}, title),
        el("div", { class: "note-text" }, text),
        at && el("time", { datetime: at, class: "unseen" }, moment(at)),
      ),
    );
  }

  round(n) {
    if (!this.rounds.has(n)) {
      const round = {
        queries: el("ul", { class: "queries", "aria-label": `Queries of round ${n}` }),
        pages: el("ul", { class: "pages", "aria-label": `Pages of round ${n}` }),
        facts: el("p", { class: "round-facts" }),
        asked: [],
      };
      this.rounds.set(n, round);
      this.view.append(
        el("li", { class: "round" }, el("h3", {}, `Round ${n}`), round.queries, round.pages, round.facts),
      );
    }
    return this.rounds.get(n);
  }

  open({ round: n, queries, added_sub_questions: added }) {
    const round = this.round(n);
    // Those of the first round that were foreseen are there.
    for (const query of queries.slice(round.asked.length)) {
      const hits = el("span", { class: "hits" });
      round.asked.push({ hits, by: new Map() });
      round.queries.append(el("li", {}, el("q", {}, said(query)), " ", hits));
    }
    if (added?.length > 0)
      this.note(
        "Also asked",
        el(
          "ul",
          { class: "plain" },
          added.map((q) => el("li", {}, said(q))),
        ),
      );
  }

  chosen({ round: n, pages }) {
    const round = this.round(n);
    for (const { page, url, title } of pages) {
      const says = el("span", { class: "verdict" });
      const name = el("span", { class: "page-name" }, away(url, title || url));
      const item = el("li", { class: "page" }, name, el("p", { class: "page-facts" }, said(host(url)), " · ", says));
      round.pages.append(item);
      const known = { item, says, name };
      this.pages.set(String(page).replace(/^p/, ""), known);
      judge(known, "waiting");
    }
  }

  step(name, [kind, ...rest], data) {
    const over = name === "step_succeeded";
    const lost = name === "step_failed";
    if (kind === "read" || kind === "analyze") {
      const page = this.pages.get(rest[0]?.replace(/^p/, ""));
      if (page) this.page(page, kind, name, data);
    } else if (rest[0] === "search") {
      const asked = this.round(Number(kind.slice(1))).asked[Number(rest[1]) - 1];
      if (!asked || !(over || lost)) return;
      asked.by.set(rest[2], over ? number(data.hits) : "no answer");
      asked.hits.textContent = [...asked.by].map(([who, hits]) => `${provider(who)} ${hits}`).join(" · ");
    } else if (kind === "section" && (over || lost)) {
      this.written(Number(rest[0]) - 1, over ? count(data.words ?? 0, "word") : "by the built-in analyst");
    } else if (kind === "summary" && over) this.note("Summed up", "");
  }

  page(page, kind, name, data) {
    if (kind === "read") {
      if (name === "step_started") judge(page, "reading");
      else if (name === "step_succeeded" && data.rejected !== undefined) judge(page, "rejected", data.rejected);
      else if (name === "step_succeeded") judge(page, "read", count(data.words, "word"));
      else if (name === "step_failed") judge(page, "failed", data.cause);
      else if (name === "step_retried") judge(page, "reading", "again in a moment");
    } else if (name === "step_succeeded" && page.verdict === "read") {
      judge(page, "read", `${page.text}, ${count(data.findings?.length ?? 0, "finding")}`);
    }
  }

  outlined(titles) {
    const list = el("ul", { class: "plain" });
    this.sections = titles.map((title) => {
      const state = el("span", { class: "hits" });
      list.append(el("li", {}, said(title), " ", state));
      return state;
    });
    this.note("Writing", list);
  }

  written(place, text) {
    if (this.sections[place]) this.sections[place].textContent = text;
  }
}

function judge(page, verdict, text = "") {
  Object.assign(page, { verdict, text });
  page.item.dataset.verdict = verdict;
  page.says.replaceChildren();
  put(page.says, VERDICTS[verdict], text && [": ", said(text)]);
}

function steered({ focus, questions = [], include_domains: only = [], exclude_domains: never = [] }) {
  return [
    focus && `more at ${focus}`,
    ...questions,
    only.length > 0 && `only ${only.join(", ")}`,
    never.length > 0 && `never ${never.join(", ")}`,
  ]
    .filter(Boolean)
    .join("; ");
}

/** The course of a job that is over: its journal, read again when somebody wants to see it. */
export function course(job) {
  const timeline = new Timeline();
  const trouble = el("div");
  const stopped = new AbortController();
  const details = el(
    "details",
    {
      class: "course",
      ontoggle: () => {
        if (!details.open || details.dataset.read) return;
        details.dataset.read = "1";
        follow(job.id, { fact: (name, data) => timeline.add(name, data), connection: () => {} }, stopped.signal).catch(
          (problem) => fill(trouble, alarm(problem)),
        );
      },
    },
    el(
      "summary",
      {},
      `How it was researched: ${count(job.iterations, "round")}, ${count(job.progress.queries, "query", "queries")}, ${count(job.progress.pages_read, "page")}`,
    ),
    trouble,
    timeline.view,
  );
  return { view: details, end: () => stopped.abort() };
}
