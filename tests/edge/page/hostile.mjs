// A hostile corpus in a browser: `hostile.mjs URL JOB,OTHER`. Looks at every view that shows something of it, then gives the
// page's own Markdown reader tricks that the API would not let through. Prints what is there as JSON.

import { DESKTOP, axe, launch, press, shown, tab } from "./browser.mjs";

const [origin, jobs] = process.argv.slice(2);
const [job, other] = jobs.split(",");
/** Elements that the page makes; anything else came from a document. */
const OWN = new Set(
  (
    "a article aside bdi blockquote body button code datalist dd del details dialog div dl dt em fieldset figcaption figure footer form h1 h2 h3 h4 " +
    "header hr head html input ins label legend li link main mark meta nav noscript ol option p pre progress q s script section select span strong sup " +
    "summary table tbody td textarea th thead time title tr ul br"
  ).split(" "),
);
const TRICKS = [
  "<script>pwned(1)</script>",
  "<img src=x onerror=pwned(2)>",
  "<svg/onload=pwned(3)>",
  "<iframe srcdoc='<script>parent.pwned(4)</script>'></iframe>",
  "[click](javascript:pwned(5))",
  "[click](JaVaScRiPt:pwned(6))",
  "[click](java\nscript:pwned(7))",
  "[click](\u0001javascript:pwned(8))",
  "[click](data:text/html,<script>pwned(9)</script>)",
  "[click](vbscript:pwned(10))",
  "![x](https://evil.example/pixel.png)",
  '![x" onerror="pwned(11)](x)',
  "<https://evil.example/auto>",
  '[a](https://evil.example/"onmouseover="pwned(12))',
  "[a]: javascript:pwned(13)\n[a]",
  "`<script>pwned(14)</script>`",
  "| a |\n| --- |\n| <img src=x onerror=pwned(15)> |",
  "> <style>@import 'https://evil.example/'</style>",
  "&lt;script&gt;pwned(16)&lt;/script&gt;",
  "&#106;avascript:pwned(17)",
  "[&#106;avascript](&#106;avascript:pwned(18))",
  '<a href="javascript:pwned(19)">x</a>',
  "# <base href=https://evil.example/>",
  "\u202egnp.exe\u2066",
  "*".repeat(5000),
  "[".repeat(5000),
  "> ".repeat(500),
  "`".repeat(3001),
  "- ".repeat(400),
  "<form action=https://evil.example><input name=key></form>",
  "[\\[1\\]](https://evil.example)",
];

/** Nothing that another view has left counts for the next one. */
const afresh = (page) => page.evaluate(() => document.querySelector("main").replaceChildren());

const browser = await launch();
const { page, seen } = await tab(browser, origin, DESKTOP, "light");
const foreign = [];
const told = { grave: [], texts: {} };
try {
  await page.goto(origin);
  await shown(page, ".latest .row-name");
  await look("ask");
  for (const [place, sign] of [
    ["research", ".row-job"],
    ["schedules", ".schedule"],
    ["library", ".row-job"],
    [`research/${job}`, ".reading .cite"],
  ]) {
    await afresh(page);
    await page.goto(`${origin}/#/${place}`);
    await shown(page, sign);
    await look(place);
  }
  await page.$$eval("details", (all) =>
    all.forEach((one) => {
      one.open = true;
    }),
  );
  for (const mark of (await page.$$(".cite")).slice(0, 8)) {
    await mark.evaluate((node) => node.scrollIntoView({ block: "center" }));
    await mark.hover();
    await shown(page, ".card");
    await look("card");
    await page.keyboard.press("Escape");
  }
  await look("report");
  await press(page, "Follow up");
  await shown(page, ".following");
  await look("follow-up");
  await page.goto(`${origin}/#/library`);
  await shown(page, "[name=q]");
  await page.type("[name=q]", "lantern");
  await page.keyboard.press("Enter");
  await shown(page, ".hit");
  await look("search");
  await page.goto(
    `${origin}/#/library/${await page.$eval(".rows .row-job .row-name", (link) => link.getAttribute("href").split("/").at(-1))}`,
  );
  await shown(page, ".stored-text");
  await look("document");
  for (const place of [
    "research/<img src=x onerror=pwned(0)>",
    "javascript:pwned(0)",
    "research/res_0/<script>",
    "library/doc_0/9-1",
    "research/%E0%A4%A",
  ]) {
    await afresh(page);
    await page.goto(`${origin}/#/${place}`);
    await shown(page, ".alarm");
    await look(`address ${place}`);
  }
  await page.goto(`${origin}/#/research/${other}/conflicts`);
  await shown(page, ".ledger .side");
  await look("ledger");
  told.ledger = await page.$$eval(".ledger > li", (entries) =>
    entries.map((entry) => entry.querySelectorAll(".side").length),
  );
  told.output = await page.$eval(".part-output pre", (pre) => JSON.parse(pre.textContent));
  // The reader itself, with what no report holds.
  const made = await page.evaluate(async (tricks) => {
    const folder = document.querySelector("script[src]").src.replace("app.js", "");
    const { blocks } = await import(`${folder}markdown.js`);
    const box = document.createElement("div");
    document.querySelector("main").replaceChildren(box);
    const started = performance.now();
    for (const trick of tricks)
      box.append(
        ...blocks(trick.split("\n"), { cite: () => null }),
        ...blocks([`- ${trick}`, `> ${trick}`, `## ${trick}`]),
      );
    return { ms: performance.now() - started, text: box.textContent };
  }, TRICKS);
  told.tricks = made;
  await look("tricks");
  await new Promise((resolve) => setTimeout(resolve, 300));
} finally {
  await browser.close();
}
console.log(JSON.stringify({ ...told, seen, foreign }));

/** Notes every element, attribute and address that is none of the page's own. */
async function look(where) {
  const found = await page.evaluate(
    (own) =>
      [...document.querySelectorAll("*")].flatMap((node) => {
        const name = node.localName;
        const bad = [...node.attributes].filter(
          (a) =>
            /^on|^srcdoc$|^style$/i.test(a.name) ||
            (["href", "src", "action", "formaction", "xlink:href"].includes(a.name) &&
              !/^(https?:\/\/|#|\/)/i.test(a.value)),
        );
        // What the card's place needs is set by a script of the page.
        return [
          ...(own.includes(name) ? [] : [name]),
          ...bad
            .filter((a) => !(a.name === "style" && node.classList.contains("card")))
            .map((a) => `${name} ${a.name}=${a.value}`),
        ];
      }),
    [...OWN],
  );
  foreign.push(...found.map((what) => `${where}: ${what}`));
  told.texts[where] = await page.evaluate(() => document.body.innerText);
  if (!told.texts[where].trim()) foreign.push(`${where}: nothing is shown`);
  if (["report", "ledger"].includes(where)) told.grave.push(...(await axe(page, where)));
}
