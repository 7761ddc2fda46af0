// A question that is asked again and again: the dialog that makes a schedule of it.

import { call } from "./api.js";
import { el, said, tell } from "./dom.js";
import { field, open } from "./dialogs.js";
import { relative } from "./words.js";

const RHYTHMS = [
  ["0 7 * * *", "Every day at 7:00"],
  ["0 7 * * 1-5", "On weekdays at 7:00"],
  ["0 7 * * 1", "Mondays at 7:00"],
  ["0 * * * *", "Every hour"],
  ["", "Another rhythm …"],
];

/** Makes a schedule of a request; whether one was made. */
export async function schedule(request) {
  const cron = el("input", {
    name: "cron",
    type: "text",
    value: RHYTHMS[0][0],
    spellcheck: "false",
    autocomplete: "off",
  });
  const own = field("Rhythm", cron, "Five fields: minute, hour, day of the month, month, weekday");
  own.hidden = true;
  const rhythm = el(
    "select",
    {
      name: "rhythm",
      onchange: () => {
        own.hidden = rhythm.value !== "";
        if (rhythm.value) cron.value = rhythm.value;
        else cron.focus();
      },
    },
    RHYTHMS.map(([value, name]) => el("option", { value }, name)),
  );
  const zone = el("input", {
    name: "time_zone",
    type: "text",
    value: Intl.DateTimeFormat().resolvedOptions().timeZone,
    spellcheck: "false",
    autocomplete: "off",
  });
  const notify = el(
    "select",
    { name: "notify" },
    el("option", { value: "always" }, "Of every run"),
    el("option", { value: "on_change" }, "Only when something changed"),
  );
  const made = await open({
    title: "Schedule this question",
    intro: request.query ? said(`“${request.query}”`) : "Type the question first: close this, and come back.",
    fields: [
      field("Name", el("input", { name: "name", type: "text", maxlength: "100", placeholder: "optional" })),
      field("When", rhythm),
      own,
      field("Time zone", zone),
      request.webhook_url && field("Tell the webhook", notify),
    ],
    confirm: "Schedule",
    submit: (form) => {
      const name = form.elements.namedItem("name").value.trim();
      return call("POST", "/v1/schedules", {
        json: {
          ...request,
          ...(name ? { name } : {}),
          cron: cron.value.trim(),
          time_zone: zone.value.trim(),
          notify: notify.value,
        },
      });
    },
  });
  if (!made) return false;
  tell(`Scheduled: the first run is ${relative(made.next_run_at)}`);
  location.hash = "#/schedules";
  return true;
}
