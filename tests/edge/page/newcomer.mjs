// A newcomer at the page: `newcomer.mjs URL QUESTION`. Asks, watches, steers, reads, looks at a citation, takes the report
// along, cancels another job and schedules the question; at a desk in the light, then on a phone in the dark. Prints what
// was seen as JSON.

import { DESKTOP, PHONE, axe, launch, press, saved, shown, tab } from "./browser.mjs";
import { lineTo } from "./line.mjs";

const [server, question] = process.argv.slice(2);
const line = await lineTo(server);
const { origin } = line;
const browser = await launch();
const grave = [];
const told = {};

try {
  told.desk = await visit("desk", DESKTOP, "light", true);
  told.phone = await visit("phone", PHONE, "dark", false);
  // What is the same everywhere was looked at; colours are not.
  for (const [name, viewport, scheme] of [
    ["desk, dark", DESKTOP, "dark"],
    ["phone, light", PHONE, "light"],
  ]) {
    const { page } = await tab(browser, origin, viewport, scheme);
    for (const place of ["", `research/${told.desk.id}`, "research", "schedules", "library"]) {
      await page.goto(`${origin}/#/${place}`);
      await page.reload();
      await shown(page, "main h1");
      grave.push(...(await axe(page, `${name}: ${place}`)));
    }
    await page.close();
  }
} finally {
  await browser.close();
  line.close();
}
console.log(JSON.stringify({ ...told, grave }));

async function visit(name, viewport, scheme, mouse) {
  const { page, seen } = await tab(browser, origin, viewport, scheme);
  const look = async (where) => grave.push(...(await axe(page, `${name}: ${where}`)));
  const saw = { seen };

  await page.goto(origin);
  await shown(page, ".chip", "default");
  await look("ask");
  // Nothing typed is an error that says what to do, and what is typed stays through one.
  await press(page, "Start research");
  saw.refused = await (await shown(page, ".alarm")).evaluate((node) => node.textContent);
  await page.type("#query", question);
  await press(page, "More options");
  await page.type("[name=output_schema]", "{oops");
  await press(page, "Start research");
  await shown(page, ".alarm", "output_schema");
  saw.kept = await page.$eval("#query", (field) => field.value);
  saw.marked = await page.$eval("[name=output_schema]", (field) => field.getAttribute("aria-invalid"));
  await look("ask, refused");
  await page.$eval("[name=output_schema]", (field) => {
    field.value = "";
  });
  await page.reload();
  saw.keptOverReload = await page.$eval("#query", (field) => field.value);
  await page.$eval("[name=output_schema]", (field) => {
    field.value = "";
  });
  await page.type("[name=max_cost_usd]", "0.50");
  await press(page, "Estimate");
  saw.estimate = await (await shown(page, ".estimate", "At most")).evaluate((node) => node.textContent);

  // From the keyboard, as those do who write.
  await page.focus("#query");
  await page.keyboard.down("Control");
  await page.keyboard.press("Enter");
  await page.keyboard.up("Control");
  await shown(page, ".timeline", "Planned");
  saw.focus = await page.evaluate(() => document.activeElement.tagName);
  await press(page, "Steer");
  await look("steer");
  await page.type("dialog [name=questions]", "How loud is the ferry Lysling?");
  await press(page, "Steer", "dialog");
  await shown(page, ".timeline .steered", "How loud");
  await shown(page, ".findings .badge");
  await shown(page, ".page[data-verdict=read]");
  await look("watching");
  saw.queries = await page.$$eval("[aria-label='Queries of round 1'] q", (all) => all.map((q) => q.textContent));
  // The line is cut and comes back: nothing is shown twice.
  await page.evaluate(() => {
    window.repeated = 0;
    const watch = () => {
      const heads = [...document.querySelectorAll(".watching .timeline > li > h3")].map((head) => head.textContent);
      window.repeated = Math.max(window.repeated, heads.length - new Set(heads).size);
    };
    new MutationObserver(watch).observe(document.querySelector("main"), { childList: true, subtree: true });
  });
  line.cut();
  await shown(page, ".watching .hint", "The connection was lost");
  line.mend();
  await shown(page, ".reading .cite");
  await look("report");
  saw.repeated = await page.evaluate(() => window.repeated);

  saw.id = await page.evaluate(() => location.hash.split("/")[2]);
  const mark = await page.$(".prose p .cite");
  await mark.evaluate((node) => node.scrollIntoView({ block: "center" }));
  if (mouse) await mark.hover();
  else await mark.tap();
  saw.card = await card();
  await look("card");
  await page.keyboard.press("Escape");
  saw.cardGone = (await page.$(".card")) === null;
  if (mouse) {
    // By keyboard: the focus opens the card, Tab leads into it, Escape back to the mark.
    await page.mouse.move(0, 0);
    await page.focus(".actions .quiet");
    for (let n = 0; n < 60 && !(await page.$(".card")); n += 1) await page.keyboard.press("Tab");
    saw.cardByKey = await card();
    await page.keyboard.press("Tab");
    saw.inCard = await page.evaluate(() => document.activeElement.closest(".card") !== null);
    await page.keyboard.press("Escape");
    saw.backAtMark = await page.evaluate(() => document.activeElement.classList.contains("cite"));
    await press(page, "Copy as Markdown");
    await shown(page, "button", "Copied");
    saw.copied = await page.evaluate(() => navigator.clipboard.readText());
    for (const [label, ending] of [
      ["Markdown", "md"],
      ["HTML", "html"],
      ["JSON", "json"],
      ["Evidence bundle", "jsonl"],
    ]) {
      if (!(await page.$(".menu[open]"))) await press(page, "Download");
      await press(page, label, ".menu");
      saw[ending] = await saved(browser, ending);
    }
    await press(page, "Download");
  }
  saw.contents = await page.$$eval(".toc-list a", (links) => links.map((link) => link.textContent));
  saw.sources = await page.$$eval(".source-list > li", (items) => items.length);
  await page.type(".filters [name=words]", "no such words anywhere");
  saw.sifted = await page.$$eval(".source-list > li", (items) => items.filter((item) => !item.hidden).length);
  await page.$eval(".course > summary", (summary) => summary.click());
  await shown(page, ".course .timeline", "Complete");
  saw.rounds = await page.$$eval(".course .round h3", (names) => names.map((name) => name.textContent));
  await look("course");

  // Another one, on second thoughts not.
  await page.goto(`${origin}/#/`);
  await shown(page, "#query");
  await page.type("#query", `${question} And who paid for it?`);
  await page.click("[name=mode][value=deep]");
  await press(page, "Start research");
  await press(page, "Cancel");
  await look("cancel");
  await press(page, "Cancel the research", "dialog");
  saw.cancelled = await (await shown(page, ".reading .pill", "Cancelled")).evaluate((node) => node.textContent);
  await look("cancelled");

  await page.goto(`${origin}/#/`);
  await shown(page, ".latest .row-name");
  await page.type("#query", question);
  await press(page, "Schedule …");
  await page.type("dialog [name=name]", `Weekly, ${name}`);
  await page.select("dialog [name=rhythm]", "0 7 * * 1");
  await look("schedule");
  await press(page, "Schedule", "dialog");
  saw.schedule = await (await shown(page, ".schedule", `Weekly, ${name}`)).evaluate((node) => node.textContent);
  await look("schedules");
  await press(page, "Pause", ".schedule");
  await shown(page, ".schedule", "paused");

  await page.goto(`${origin}/#/library`);
  await shown(page, ".row-name");
  await press(page, "Add a text");
  await page.type(".way[open] [name=title]", `Note, ${name}`);
  await page.type(".way[open] [name=markdown]", "The **Lysling** was painted green in spring.");
  await press(page, "Add the text");
  await press(page, `Note, ${name}`, ".way");
  saw.stored = await (await shown(page, ".stored-text")).evaluate((node) => node.textContent);
  await look("document");
  await page.goto(`${origin}/#/library`);
  await shown(page, "[name=q]");
  await page.type("[name=q]", "battery");
  await page.keyboard.press("Enter");
  await shown(page, ".hit");
  await look("library");
  await page.goto(`${origin}/#/research`);
  saw.listed = await (await shown(page, ".row-job", "Complete")).evaluate((node) => node.textContent);
  await look("list");
  await page.close();
  return saw;

  async function card() {
    const found = await shown(page, ".card", "");
    return found.evaluate((node) => ({
      quote: node.querySelector(".card-quote")?.textContent,
      badge: node.querySelector(".badge")?.textContent,
      facts: node.querySelector(".card-facts").textContent,
      links: [...node.querySelectorAll("a")].map((link) => link.href),
    }));
  }
}
