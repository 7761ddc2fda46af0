// Numbers, moments and the API's words, as a person reads them.

const NUMBER = new Intl.NumberFormat("en");
const MOMENT = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const UNITS = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export const number = (n) => NUMBER.format(n ?? 0);

/** `3 pages`, `1 page` */
export const count = (n, one, many = `${one}s`) => `${number(n)} ${n === 1 ? one : many}`;

export const moment = (rfc3339) => (rfc3339 ? MOMENT.format(new Date(rfc3339)) : "");

/** `in 3 hours`, `yesterday` */
export function relative(rfc3339, now = Date.now()) {
  const seconds = (new Date(rfc3339).getTime() - now) / 1_000;
  const [unit, size] = UNITS.find(([, size]) => Math.abs(seconds) >= size) ?? [null, 1];
  if (unit === null) return seconds > 0 ? "in a moment" : "just now";
  return RELATIVE.format(Math.round(seconds / size), unit);
}

/** `48 s`, `3 min 5 s` */
export function duration(ms) {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const [minutes, rest] = [Math.floor(seconds / 60), seconds % 60];
  return rest === 0 ? `${minutes} min` : `${minutes} min ${rest} s`;
}

/** US dollars; what costs next to nothing still shows that it costs. */
export function usd(amount) {
  if (!amount) return "$0";
  return amount < 0.01 ? `$${amount.toFixed(4)}` : `$${amount.toFixed(2)}`;
}

const STATES = {
  queued: "Waiting",
  running: "Running",
  processing: "Running",
  completed: "Complete",
  partial: "Partial",
  failed: "Failed",
  cancelled: "Cancelled",
};
export const state = (word) => STATES[word] ?? word;

const PHASES = {
  planning: "Taking the question apart",
  searching: "Searching",
  reading: "Reading",
  reflecting: "Thinking about what is missing",
  writing: "Writing the report",
  done: "Done",
};
export const phase = (word) => PHASES[word] ?? word;

const CLASSES = {
  primary: "First-hand source",
  peer_reviewed: "Peer-reviewed",
  reference: "Reference work",
  publisher: "Publisher",
  website: "Unlisted website",
  community: "Community",
  user_generated: "User-generated",
};
export const CLASS_ORDER = Object.keys(CLASSES);
export const sourceClass = (word) => CLASSES[word] ?? word;

const STOPS = {
  covered: "every part of the question is covered",
  nothing_new: "nothing new turned up",
  rounds: "the rounds are used up",
  sources: "enough sources were read",
  budget: "the budget is used up",
  deadline: "time ran out",
};
export const stop = (word) => STOPS[word] ?? word;

/** A rhythm in words: the usual ones of a cron expression, else the expression itself. */
export function rhythm({ cron, time_zone, interval_seconds }) {
  if (interval_seconds) return `every ${duration(interval_seconds * 1_000)}`;
  const found = /^(\d{1,2}) (\d{1,2}|\*) \* \* (\*|1-5|[0-7])$/.exec(cron ?? "");
  if (!found) return `${cron} (${time_zone})`;
  const [, minute, hour, day] = found;
  if (hour === "*") return day === "*" ? `every hour, ${minute} past` : `${cron} (${time_zone})`;
  const at = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")} (${time_zone})`;
  if (day === "*") return `every day at ${at}`;
  if (day === "1-5") return `on weekdays at ${at}`;
  const days = ["Sundays", "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays"];
  return `${days[Number(day) % 7]} at ${at}`;
}
