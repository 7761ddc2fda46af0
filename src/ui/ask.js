// The first view: a question, how far to go for it, where to look, what it may cost.

import { call, request as send, path } from "./api.js";
import { alarm, button, busy, el, fill, said, tell } from "./dom.js";
import { askForKey, refuse } from "./dialogs.js";
import { budget, draftOf, estimate, modes, more, provider, requestOf, restore, sources } from "./options.js";
import { row } from "./jobs.js";
import { schedule } from "./schedule.js";
import { count, duration, usd } from "./words.js";

/** Where what was typed is kept over a reload; gone with the tab. */
const DRAFT = "footnote.draft";
/** Latest jobs below the form. */
const LATEST = 5;

/** The form, made once: what was typed stays while other views are looked at. */
let kept = null;

export function ask() {
  kept ??= make();
  kept.refresh();
  return { title: "Ask", view: kept.view, focus: kept.view.querySelector("h1") };
}

/** Opens the form for a question that follows up an earlier job. */
export function followUp(job) {
  kept ??= make();
  kept.follow(job);
  location.hash = "#/";
}

function make() {
  const question = el("textarea", {
    name: "query",
    id: "query",
    rows: "3",
    maxlength: "4000",
    required: true,
    placeholder: "Ask something that sources can answer",
    onkeydown: (event) => {
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
    },
  });
  const where = sources();
  const trouble = el("div");
  const taking = el("p", { class: "estimate", role: "status" });
  const following = el("div");
  const latest = el("section", { class: "latest", "aria-label": "Latest research" });
  const health = el("div");
  const begin = el("button", { type: "submit", class: "primary" }, "Start research");
  let previous = null;
  let chosen = [];
  let offered = false;

  const wanted = () => ({ ...requestOf(form), ...(previous ? { previous_id: previous } : {}) });
  const fails = (problem) => {
    refuse(form, trouble, problem);
    tell(problem.message);
  };
  const form = el(
    "form",
    {
      class: "ask",
      novalidate: true,
      oninput: () => sessionStorage.setItem(DRAFT, JSON.stringify(draftOf(form))),
      onsubmit: (event) => {
        event.preventDefault();
        busy(
          begin,
          async () => {
            fill(trouble);
            const reply = await send("POST", "/v1/research", {
              json: wanted(),
              headers: { "idempotency-key": idempotency() },
            });
            const { id } = await reply.json();
            used = null;
            previous = null;
            question.value = "";
            fill(following);
            fill(taking);
            sessionStorage.setItem(DRAFT, JSON.stringify(draftOf(form)));
            location.hash = `#/research/${id}`;
          },
          fails,
        );
      },
    },
    el(
      "div",
      { class: "sheet" },
      el("label", { for: "query", class: "unseen" }, "Your question"),
      question,
      el(
        "div",
        { class: "actions" },
        begin,
        button(
          "Estimate",
          (event) =>
            busy(
              event.currentTarget,
              async () => {
                fill(trouble);
                fill(taking, told(await estimate(wanted())));
              },
              fails,
            ),
          { class: "quiet" },
        ),
        button(
          "Schedule …",
          (event) =>
            busy(
              event.currentTarget,
              async () => {
                fill(trouble);
                await schedule(wanted());
              },
              fails,
            ),
          { class: "quiet" },
        ),
      ),
    ),
    trouble,
    taking,
    following,
    el("div", { class: "settings" }, modes(), budget(), where.box),
    more(),
  );
  // A request that is sent again after its answer was lost starts nothing twice; another question is another request.
  let used = null;
  const idempotency = () => {
    const text = JSON.stringify(wanted());
    if (used?.text !== text) used = { text, key: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}` };
    return used.key;
  };

  const view = el(
    "div",
    { class: "asking" },
    el(
      "header",
      { class: "opening" },
      el("h1", { tabindex: "-1" }, "What do you want to know?"),
      el("p", { class: "lead" }, "You get a report in which every number leads to the very words it rests on."),
    ),
    health,
    form,
    latest,
  );
  chosen = restore(form, JSON.parse(sessionStorage.getItem(DRAFT) ?? "[]"));

  const refresh = async () => {
    const trouble = (problem) => {
      fill(
        health,
        problem.status === 401
          ? el(
              "div",
              { class: "notes" },
              "This deployment is locked. ",
              button("Enter the key", () => askForKey(null), { class: "quiet small" }),
            )
          : alarm(problem),
      );
    };
    fill(health);
    const here = await call("GET", "/health").catch(trouble);
    const about =
      here &&
      `Searches ${here.search.map(provider).join(", ")}; ${here.analyst === "extractive" ? "the built-in analyst" : here.analyst} reads.`;
    fill(document.getElementById("deployment"), about);
    // Nobody asked for these: they open no dialog.
    const collections = await call("GET", "/v1/library/collections", { quiet: true }).then(
      (list) => list.collections,
      () => [],
    );
    // Chosen before the last visit, or meanwhile.
    const picked = offered ? [...form.querySelectorAll("[name=sources]:checked")].map((box) => box.value) : chosen;
    offered = true;
    where.offer(here?.search ?? [], collections, picked);
    const jobs = (await call("GET", `/v1/research?limit=${LATEST}`, { quiet: true }).catch(trouble))?.research ?? [];
    fill(
      latest,
      jobs.length > 0 && [
        el("h2", {}, "Latest"),
        el(
          "ul",
          { class: "rows" },
          jobs.map((job) => row(job)),
        ),
        el("p", {}, el("a", { href: "#/research" }, "All research")),
      ],
    );
  };
  const follow = (job) => {
    previous = job.id;
    question.value = "";
    fill(
      following,
      el(
        "p",
        { class: "following" },
        "Follows up ",
        el("a", { href: path`#/research/${job.id}` }, said(job.query)),
        " ",
        button(
          "Ask afresh instead",
          () => {
            previous = null;
            fill(following);
            question.focus();
          },
          { class: "quiet small" },
        ),
      ),
    );
    setTimeout(() => question.focus(), 0);
  };
  document.addEventListener("key", refresh);
  return { view, refresh, follow };
}

function told({ expected, at_most: most }) {
  return [
    el("strong", {}, "Probably "),
    `${count(expected.searches, "search", "searches")}, ${count(expected.pages, "page")}, `,
    `${duration(expected.seconds * 1_000)}, ${usd(expected.cost_usd)}. `,
    el("strong", {}, "At most "),
    `${count(most.pages, "page")}, ${duration(most.seconds * 1_000)}, ${usd(most.cost_usd)}.`,
  ];
}
