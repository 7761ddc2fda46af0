// The API reference: `reference.mjs URL`, or `reference.mjs URL FOLDER` to keep pictures. Prints what was seen as JSON.

import { join } from "node:path";
import { DESKTOP, PHONE, axe, launch, press, shown, tab } from "./browser.mjs";

const [origin, folder] = process.argv.slice(2);
const browser = await launch();
const told = { grave: [], seen: [] };
try {
  for (const [name, viewport, scheme] of [
    ["desk", DESKTOP, "light"],
    ["phone", PHONE, "dark"],
  ]) {
    const { page, seen } = await tab(browser, origin, viewport, scheme);
    told.seen.push(seen);
    await page.goto(`${origin}/docs#steerResearch`);
    await shown(page, "#steerResearch h3");
    if (folder) await page.screenshot({ path: join(folder, `docs-${name}.png`) });
    told.grave.push(...(await axe(page, `${name}: reference`)));
    await page.keyboard.press("/");
    await page.keyboard.type("idempotency research_started_by_nobody");
    told.none = await page.$$eval("main article:not([hidden])", (found) => found.length);
    await page.keyboard.press("Escape");
    await page.keyboard.type("exclude_domains steer");
    told.filtered = await page.$$eval("main article:not([hidden])", (found) => found.map((article) => article.id));
    told.counted = await page.$eval("output", (output) => output.textContent);
    await press(page, "Copy", "#steerResearch");
    await shown(page, "#steerResearch .copy", "Copied");
    told.copied = await page.evaluate(() => navigator.clipboard.readText());
    // A link to what the filter hides shows it.
    await page.$eval("main a[href='#errors']", (link) => link.click());
    told.reached = await (await shown(page, "#errors")).evaluate((section) => section.checkVisibility());
    await page.close();
  }
  const { page } = await tab(browser, origin, DESKTOP, "light");
  await page.setJavaScriptEnabled(false);
  await page.goto(`${origin}/docs`);
  told.without = await page.$$eval("main article", (found) => found.length);
  await page.close();
} finally {
  await browser.close();
}
console.log(JSON.stringify(told));
