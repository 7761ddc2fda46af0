// The list of research.

import { call, path, query } from "./api.js";
import { alarm, button, busy, el, fill, put, said, tell } from "./dom.js";
import { sure } from "./dialogs.js";
import { count, moment, relative, state, usd } from "./words.js";

const PAGE = 20;
const STATES = [
  ["", "All"],
  ["running", "Running"],
  ["completed", "Complete"],
  ["partial", "Partial"],
  ["failed", "Failed"],
  ["cancelled", "Cancelled"],
];

/** One job in a list. */
export const row = (job, ...more) =>
  el(
    "li",
    { class: "row-job" },
    el("a", { href: path`#/research/${job.id}`, class: "row-name" }, said(job.query || "…")),
    el(
      "p",
      { class: "row-facts" },
      pill(job.state),
      job.deep && " · deep",
      " · ",
      el("time", { datetime: job.created_at, title: moment(job.created_at) }, relative(job.created_at)),
      job.cost_usd > 0 && ` · ${usd(job.cost_usd)}`,
      job.schedule_id && [" · ", el("a", { href: "#/schedules" }, "scheduled")],
    ),
    more,
  );

/** A state as a small label. */
export const pill = (word) => el("span", { class: "pill", "data-state": word }, state(word));

export function jobs() {
  const list = el("ul", { class: "rows" });
  const foot = el("p");
  const trouble = el("div");
  const only = el(
    "select",
    { id: "state", onchange: () => load() },
    STATES.map(([value, name]) => el("option", { value }, name)),
  );
  let cursor = null;

  const load = async (after = null) => {
    fill(trouble);
    try {
      const page = await call("GET", `/v1/research${query({ limit: PAGE, state: only.value, cursor: after })}`);
      if (after === null) fill(list);
      const rows = page.research.map((job) =>
        row(
          job,
          button("Delete", (event) => remove(job, event.currentTarget.closest("li")), {
            class: "quiet small",
            "aria-label": `Delete: ${job.query}`,
          }),
        ),
      );
      put(list, rows);
      cursor = page.next_cursor;
      const none = list.childElementCount === 0;
      fill(
        foot,
        none
          ? only.value
            ? "None like that."
            : ["Nothing yet. ", el("a", { href: "#/" }, "Ask a question"), "."]
          : cursor && button("Show more", (event) => busy(event.currentTarget, () => load(cursor), show)),
      );
      if (after !== null) {
        rows[0]?.querySelector("a")?.focus();
        tell(`${count(rows.length, "more job")}`);
      }
    } catch (problem) {
      show(problem);
    }
  };
  const show = (problem) => fill(trouble, alarm(problem));
  const remove = async (job, item) => {
    const intro = `“${job.query}” goes with its report and all its evidence.`;
    const next = item.nextElementSibling ?? item.previousElementSibling;
    const done = await sure("Delete this research?", intro, "Delete", async () => {
      await call("DELETE", path`/v1/research/${job.id}`);
      item.remove();
      tell("Deleted");
      return true;
    });
    // Once the dialog is closed: while it is open nothing behind it takes the focus.
    if (done) (next?.querySelector("a") ?? only).focus();
  };

  const title = el("h1", { tabindex: "-1" }, "Research");
  load();
  return {
    title: "Research",
    focus: title,
    view: el(
      "div",
      { class: "listing" },
      el(
        "header",
        { class: "heading" },
        title,
        el("div", { class: "filter" }, el("label", { for: "state" }, "Show"), only),
      ),
      trouble,
      list,
      foot,
    ),
  };
}
