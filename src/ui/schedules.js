// Questions that are asked again and again: when next, and what changed last time.

import { call, path } from "./api.js";
import { alarm, busy, button, el, fill, said, tell } from "./dom.js";
import { sure } from "./dialogs.js";
import { moment, relative, rhythm, usd } from "./words.js";

/** Schedules whose last changes are looked up at once. */
const LOOKED_UP_MAX = 10;
const KINDS = ["changed", "contradicted", "new", "gone"];

export async function schedules() {
  const list = el("ul", { class: "schedules" });
  const none = el(
    "p",
    { hidden: true },
    "Nothing is scheduled. ",
    el("a", { href: "#/" }, "Ask a question"),
    " and choose “Schedule …”.",
  );
  const trouble = el("div");
  const show = (problem) => fill(trouble, alarm(problem));
  const load = async () => {
    const { schedules: all } = await call("GET", "/v1/schedules");
    none.hidden = all.length > 0;
    const had = list.contains(document.activeElement);
    fill(
      list,
      all.map((one, place) => entry(one, place < LOOKED_UP_MAX, load, show)),
    );
    // The button that was pressed is gone with its entry.
    if (had) title.focus();
  };
  const title = el("h1", { tabindex: "-1" }, "Schedules");
  await load();
  return {
    title: "Schedules",
    focus: title,
    view: el(
      "div",
      { class: "listing" },
      el("header", { class: "heading" }, title, el("a", { href: "#/", class: "button" }, "New schedule")),
      trouble,
      none,
      list,
    ),
  };
}

function entry(one, look, reload, show) {
  const changed = el("div", { class: "last-changes" });
  const act = (run, says) => (event) =>
    busy(
      event.currentTarget,
      async () => {
        await run();
        tell(says);
        await reload();
      },
      show,
    );
  const name = one.name || one.query;
  const at = path`/v1/schedules/${one.id}`;
  const labelled = (what) => ({ class: "quiet", "aria-label": `${what}: ${name}` });
  if (look && one.last_run?.research_id) lastChanges(one, changed);
  return el(
    "li",
    { class: "schedule" },
    el("h2", {}, said(name)),
    one.name && el("p", { class: "soft" }, said(one.query)),
    el(
      "dl",
      { class: "when" },
      el("div", {}, el("dt", {}, "Rhythm"), el("dd", {}, rhythm(one))),
      el(
        "div",
        {},
        el("dt", {}, "Next run"),
        el(
          "dd",
          {},
          one.paused
            ? "paused"
            : one.next_run_at
              ? [el("time", { datetime: one.next_run_at }, moment(one.next_run_at)), ` (${relative(one.next_run_at)})`]
              : "none",
        ),
      ),
      el("div", {}, el("dt", {}, "Last run"), el("dd", {}, run(one.last_run))),
    ),
    changed,
    el(
      "div",
      { class: "actions" },
      button(
        "Run now",
        act(() => call("POST", `${at}/run`), "A run was started"),
        labelled("Run now"),
      ),
      button(
        one.paused ? "Resume" : "Pause",
        act(() => call("PATCH", at, { json: { paused: !one.paused } }), one.paused ? "Resumed" : "Paused"),
        labelled(one.paused ? "Resume" : "Pause"),
      ),
      button(
        "Delete",
        () =>
          sure("Delete this schedule?", "What its runs found stays.", "Delete", async () => {
            await call("DELETE", at);
            tell("Deleted");
            await reload();
          }),
        labelled("Delete"),
      ),
    ),
    runs(one, at),
  );
}

const run = (last) => {
  if (!last) return "none yet";
  const when = [el("time", { datetime: last.nominal_at, title: moment(last.nominal_at) }, relative(last.nominal_at))];
  if (last.research_id)
    return [
      el("a", { href: path`#/research/${last.research_id}` }, when),
      last.state !== "started" && ` (${last.state})`,
    ];
  return [when, `: ${last.state}`, last.reason && `, ${last.reason}`];
};

/** What the last run found that the one before had not. */
async function lastChanges({ last_run: last, runs_count: runs }, box) {
  const id = last.research_id;
  const job = await call("GET", path`/v1/research/${id}`, { quiet: true }).catch(
    (problem) => void fill(box, alarm(problem)),
  );
  if (!job) return;
  const found = job.changes;
  const words =
    found && KINDS.filter((kind) => found[kind].length > 0).map((kind) => `${found[kind].length} ${kind}`);
  const says =
    job.status === "processing"
      ? "The last run is still going on."
      : job.status === "failed"
        ? `The last run has no report: ${job.error}`
      : !found
        ? runs > 1
          ? "The last run was not compared with the one before."
          : "The first run: there is nothing to compare it with."
        : words.length > 0
          ? ["Changes: ", el("a", { href: path`#/research/${id}/changes` }, words.join(", ")), "."]
          : "Nothing changed in the last run.";
  fill(
    box,
    el("p", {}, says),
    job.usage.cost_usd > 0 && el("p", { class: "soft" }, `It cost ${usd(job.usage.cost_usd)}.`),
  );
}

/** All runs, once somebody wants to see them. */
function runs(one, at) {
  const list = el("ul", { class: "plain" });
  const details = el(
    "details",
    {
      ontoggle: () => {
        if (!details.open) return;
        call("GET", `${at}/runs`).then(
          (all) =>
            fill(
              list,
              all.runs.length === 0
                ? el("li", {}, "None yet.")
                : all.runs.map((one) =>
                    el(
                      "li",
                      {},
                      moment(one.nominal_at),
                      ": ",
                      one.research_id
                        ? el("a", { href: path`#/research/${one.research_id}` }, one.state)
                        : `${one.state}${one.reason ? `, ${one.reason}` : ""}`,
                    ),
                  ),
            ),
          (problem) => fill(list, el("li", {}, alarm(problem))),
        );
      },
    },
    el("summary", {}, "All runs"),
    list,
  );
  return details;
}
