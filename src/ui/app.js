// The page: which view an address means, and what all views share.

import { key, onLocked } from "./api.js";
import { alarm, fill, tell } from "./dom.js";
import { askForKey } from "./dialogs.js";
import { ask } from "./ask.js";
import { documentView } from "./documents.js";
import { jobs } from "./jobs.js";
import { library } from "./library.js";
import { research } from "./research.js";
import { schedules } from "./schedules.js";

const main = document.getElementById("main");
const links = [...document.querySelectorAll(".views a")];
/** The view that is shown: `goes` says whether it takes an address, `end` stops what it began. */
let shown = { path: null };

/** Views by the first parts of the address behind `#`. A view has a title, an element, and where the focus goes. */
const VIEWS = [
  [/^\/?$/, () => ask()],
  [/^\/research$/, () => jobs()],
  [/^\/research\/([\w-]+)(?:\/(.+))?$/, (id, place) => research(id, place)],
  [/^\/schedules$/, () => schedules()],
  [/^\/library$/, () => library()],
  [/^\/library\/([\w-]+)(?:\/(\d+)-(\d+))?$/, (id, start, end) => documentView(id, start, end)],
];

async function route() {
  // Another fragment is a place in the page, not a view.
  if (location.hash && !location.hash.startsWith("#/") && shown.path !== null) return;
  const path = decode(location.hash.startsWith("#/") ? location.hash.slice(1) : "/");
  const [pattern, make] = VIEWS.find(([pattern]) => pattern.test(path)) ?? [];
  for (const link of links) {
    const own = link.getAttribute("href").slice(1);
    const here = own === "/" ? path === "/" : path.startsWith(own);
    if (here) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const parts = pattern?.exec(path).slice(1) ?? [];
  // The same job at another place of its report: nothing is loaded again.
  if (shown.goes?.(...parts) && path.startsWith(shown.path)) return;
  shown.end?.();
  const mine = { path };
  shown = mine;
  const first = main.dataset.filled === undefined;
  main.dataset.filled = "";
  try {
    const view = make
      ? await make(...parts)
      : { title: "Not found", view: alarm({ title: "There is no such view", message: "Go on from the links above." }) };
    // Somebody went on while it was made.
    if (shown !== mine) return view.end?.();
    shown = { path: view.base ?? path, ...view };
    show(view, first);
  } catch (problem) {
    if (shown === mine) show({ title: "Trouble", view: alarm(problem) }, first);
  }
}

function show({ title, view, focus }, first) {
  document.title = title === "Ask" ? "Footnote" : `${title} – Footnote`;
  fill(main, view);
  if (!first) {
    scrollTo(0, 0);
    // To the heading, so that a reader hears where he is.
    (focus ?? main).focus({ preventScroll: true });
  }
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const keyButton = document.getElementById("key");
const showKey = () => {
  keyButton.textContent = key.get() ? "Key set" : "Key";
};
keyButton.addEventListener("click", async () => {
  if (await askForKey(null)) {
    tell(key.get() ? "The key is used from now on" : "The key is forgotten");
    shown = { path: null, end: shown.end };
    route();
  }
});
document.addEventListener("key", showKey);
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
onLocked(askForKey);
showKey();
addEventListener("hashchange", route);
// A link to where the address points already changes no address, but means the place again.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="#/"]');
  const plain = !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (link?.hash === location.hash && plain) route();
});
route();
