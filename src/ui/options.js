// What a question may say beyond itself: its fields, and the request that they make.

import { Problem, call } from "./api.js";
import { el, fill } from "./dom.js";
import { field } from "./dialogs.js";
import { number } from "./words.js";

const input = (name, props = {}) => el("input", { name, type: "text", autocomplete: "off", ...props });
const area = (name, props = {}) => el("textarea", { name, rows: "2", spellcheck: "false", ...props });
const figure = (name, props = {}) => input(name, { type: "number", inputmode: "decimal", min: "0", ...props });

const RECENCY = [
  ["", "Any time"],
  ["day", "Past day"],
  ["week", "Past week"],
  ["month", "Past month"],
  ["year", "Past year"],
];

/** Names of providers as their owners write them. */
const PROVIDERS = {
  library: "Library",
  searxng: "SearXNG",
  brave: "Brave",
  tavily: "Tavily",
  serper: "Serper",
  exa: "Exa",
  wikipedia: "Wikipedia",
  openalex: "OpenAlex",
  arxiv: "arXiv",
  hackernews: "Hacker News",
  stackexchange: "Stack Exchange",
  github: "GitHub",
};
export const provider = (name) => PROVIDERS[name] ?? name;

/** Mode: how far a question goes. */
export const modes = () =>
  el(
    "fieldset",
    { class: "modes" },
    el("legend", {}, "Depth"),
    [
      ["normal", "Normal", "up to 3 rounds, about 10 sources"],
      ["deep", "Deep", "up to 5 rounds, about 50 sources"],
    ].map(([value, name, says]) =>
      el(
        "label",
        { class: "choice" },
        el("input", { type: "radio", name: "mode", value, checked: value === "normal" }),
        el("span", { class: "choice-name" }, name),
        el("span", { class: "choice-says" }, says),
      ),
    ),
  );

/** Where to look: what this deployment has, once it has said so. */
export function sources() {
  const chips = el("div", { class: "chips" });
  const box = el(
    "fieldset",
    { class: "sources" },
    el("legend", {}, "Sources"),
    chips,
    el("p", { class: "hint" }, "Choose none to look everywhere this deployment can."),
  );
  const chip = (value, name) =>
    el("label", { class: "chip" }, el("input", { type: "checkbox", name: "sources", value }), el("span", {}, name));
  /** @param {string[]} configured @param {{name: string, documents: number}[]} collections */
  const offer = (configured, collections, chosen) => {
    const web = configured.filter((name) => name !== "library");
    fill(
      chips,
      chip("library", "Whole library"),
      collections.map(({ name, documents }) => chip(`library:${name}`, `${name} (${number(documents)})`)),
      web.length > 1 && chip("web", "All of the web"),
      web.map((name) => chip(name, provider(name))),
    );
    for (const box of chips.querySelectorAll("input")) box.checked = chosen.includes(box.value);
  };
  offer([], [], []);
  return { box, offer };
}

/** What it may take at most. */
export const budget = () =>
  el(
    "fieldset",
    { class: "budget" },
    el("legend", {}, "Limits"),
    el(
      "div",
      { class: "row" },
      field("US dollars", figure("max_cost_usd", { step: "0.01", placeholder: "none" })),
      field("Minutes", figure("max_seconds", { step: "0.5", placeholder: "none" })),
      field("Pages", figure("max_pages", { inputmode: "numeric", placeholder: "none" })),
    ),
    el("p", { class: "hint" }, "Reaching one ends in a shorter report, not in a failure."),
  );

/** Everything else. */
export const more = () =>
  el(
    "details",
    { class: "more" },
    el("summary", {}, "More options"),
    el(
      "div",
      { class: "grid" },
      field("Only these domains", area("include_domains"), "One a line, such as example.org"),
      field("Never these domains", area("exclude_domains"), "One a line"),
      field("Published after", input("after_date", { type: "date" })),
      field("Published before", input("before_date", { type: "date" })),
      field(
        "Recency",
        el(
          "select",
          { name: "recency" },
          RECENCY.map(([value, name]) => el("option", { value }, name)),
        ),
      ),
      field("Language", input("language", { placeholder: "en" }), "A tag such as de or pt-BR"),
      field("Country", input("country", { placeholder: "DE" }), "Two letters, or its English name"),
      field("Topic", input("topic"), "A hint such as medicine or software"),
      field("Sources at most", figure("max_sources", { inputmode: "numeric" })),
      field("Rounds at most", figure("max_iterations", { inputmode: "numeric" })),
      field("Tokens at most", figure("max_tokens", { inputmode: "numeric" })),
      field("Webhook", input("webhook_url", { type: "url", placeholder: "https://" }), "Told when the research ends"),
      field("Read these pages first", area("start_urls"), "One address a line"),
      field(
        "Answer in this shape",
        area("output_schema", { rows: "3" }),
        "A JSON Schema of an object; the reply has it filled in",
      ),
    ),
  );

const lines = (text) =>
  text
    .split(/[\n,]+/)
    .map((line) => line.trim())
    .filter(Boolean);
const LISTS = ["include_domains", "exclude_domains", "start_urls"];
const TEXTS = ["after_date", "before_date", "recency", "language", "country", "topic", "webhook_url"];
const COUNTS = ["max_sources", "max_iterations"];

/** The request that the form makes; only what is set. Fails with a Problem that names the field. */
export function requestOf(form) {
  // What the browser cannot read has no value, and would count as nothing said.
  for (const { name, validity } of form.elements)
    if (validity?.badInput) throw new Problem(400, `\`${name}\` cannot be read: use digits and a point`);
  const value = (name) => form.elements.namedItem(name)?.value?.trim() ?? "";
  const made = { query: value("query"), deep: form.querySelector("[name=mode]:checked")?.value === "deep" };
  const chosen = [...form.querySelectorAll("[name=sources]:checked")].map((box) => box.value);
  if (chosen.length > 0) made.sources = chosen;
  for (const name of TEXTS) if (value(name)) made[name] = value(name);
  for (const name of COUNTS) if (value(name)) made[name] = Number(value(name));
  for (const name of LISTS) if (lines(value(name)).length > 0) made[name] = lines(value(name));
  const limits = {};
  if (value("max_cost_usd")) limits.max_cost_usd = Number(value("max_cost_usd"));
  if (value("max_seconds")) limits.max_seconds = Math.round(Number(value("max_seconds")) * 60);
  if (value("max_pages")) limits.max_pages = Number(value("max_pages"));
  if (value("max_tokens")) limits.max_tokens = Number(value("max_tokens"));
  if (Object.keys(limits).length > 0) made.budget = limits;
  if (value("output_schema")) {
    try {
      made.output_schema = JSON.parse(value("output_schema"));
    } catch (error) {
      throw new Problem(400, `\`output_schema\` is no JSON: ${error.message}`);
    }
  }
  return made;
}

/** What stands in the form, for keeping it over a reload. */
export const draftOf = (form) =>
  [...form.elements]
    .filter((field) => field.name)
    .map((field) => [
      field.name,
      ["checkbox", "radio"].includes(field.type) ? [field.value, field.checked] : field.value,
    ]);

/** Puts it back; gives the sources that were chosen, which are offered later. */
export function restore(form, draft) {
  const chosen = [];
  for (const [name, kept] of draft) {
    if (Array.isArray(kept)) {
      if (name === "sources" && kept[1]) chosen.push(kept[0]);
      const box = form.querySelector(`[name="${CSS.escape(name)}"][value="${CSS.escape(kept[0])}"]`);
      if (box) box.checked = kept[1];
    } else {
      const field = form.elements.namedItem(name);
      if (field && "value" in field) field.value = kept;
    }
  }
  return chosen;
}

/** What a request will probably take. */
export const estimate = (request) => call("POST", "/v1/research/estimate", { json: request });
