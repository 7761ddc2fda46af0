// A deployment that wants a key: `locked.mjs URL KEY`. Prints what was seen as JSON.

import { PHONE, launch, press, shown, tab } from "./browser.mjs";

const [origin, key] = process.argv.slice(2);
const browser = await launch();
const told = {};
try {
  const { page, seen } = await tab(browser, origin, PHONE, "light");
  told.seen = seen;
  await page.goto(origin);
  await shown(page, ".notes", "locked");
  await page.type("#query", "A locked question?");
  await press(page, "Start research");
  await shown(page, "dialog [name=key]");
  await page.type("dialog [name=key]", "not-the-key-at-all");
  await page.$eval("dialog", (dialog) => {
    dialog.id = "first";
  });
  await press(page, "Use this key", "dialog");
  // The same request was sent again with it, and refused again.
  told.wrong = await (await shown(page, "dialog:not(#first)", "locked")).evaluate((node) => node.textContent);
  told.asked = await page.$eval("#query", (field) => field.value);
  await page.$eval("dialog [name=key]", (field) => {
    field.value = "";
  });
  await page.type("dialog [name=key]", key);
  await press(page, "Use this key", "dialog");
  await shown(page, ".reading, .watching");
  told.kept = await page.evaluate(() => ({
    session: sessionStorage.getItem("footnote.key"),
    local: localStorage.getItem("footnote.key"),
    cookie: document.cookie,
  }));
  const other = await tab(browser, origin, PHONE, "light");
  await other.page.goto(origin);
  told.kept.other_tab = await other.page.$eval("main", () => sessionStorage.getItem("footnote.key") ?? "");
} finally {
  await browser.close();
}
console.log(JSON.stringify(told));
