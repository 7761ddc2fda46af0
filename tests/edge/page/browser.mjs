// A real browser at the page: what it does, what it refuses, and whom it asks is written down.

import { mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import puppeteer from "puppeteer-core";
import { findBrowser } from "../../../scripts/chromium.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
/** Longest wait for anything: a job with a slow model, on a machine that runs other tests too. */
const PATIENCE_MS = 60_000;

export const DESKTOP = { width: 1280, height: 860 };
export const PHONE = { width: 390, height: 844, isMobile: true, hasTouch: true, deviceScaleFactor: 2 };

/** Starts the browser; `close` ends it and takes its profile and downloads away. */
export async function launch() {
  const executablePath = findBrowser();
  if (!executablePath) throw new Error("no browser is found: make chromium installs one");
  const downloads = mkdtempSync(join(tmpdir(), "footnote-page-"));
  // Chromium refuses to start as root with its sandbox.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  const browser = await puppeteer.launch({
    executablePath,
    args: [...args, "--disable-dev-shm-usage"],
    headless: true,
  });
  const session = await browser.target().createCDPSession();
  await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
  const close = async () => {
    await browser.close();
    rmSync(downloads, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  };
  return { browser, downloads, close };
}

/** A tab at the deployment `origin`, and what was seen in it that should not be there. */
export async function tab({ browser }, origin, viewport, scheme) {
  await browser
    .defaultBrowserContext()
    .overridePermissions(origin, ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"]);
  const page = await browser.newPage();
  const seen = { violations: [], errors: [], elsewhere: [], ran: [] };
  page.setDefaultTimeout(PATIENCE_MS);
  await page.setViewport(viewport);
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  await page.exposeFunction("__seen", (kind, what) => void seen[kind].push(what));
  await page.evaluateOnNewDocument(() => {
    addEventListener("securitypolicyviolation", (e) =>
      window.__seen("violations", `${e.violatedDirective}: ${e.blockedURI} ${e.sample}`),
    );
    addEventListener("unhandledrejection", (e) => window.__seen("errors", String(e.reason)));
    for (const name of ["alert", "confirm", "prompt", "open"])
      window[name] = (...said) => window.__seen("ran", `${name}(${said})`);
    // What hostile documents call.
    window.pwned = (...said) => window.__seen("ran", `pwned(${said})`);
  });
  page.on("console", (message) => {
    // The browser itself says that of every answer that is an error, and of every lost connection.
    if (message.type() === "error" && !/^Failed to load resource/.test(message.text()))
      seen.errors.push(message.text());
  });
  page.on("pageerror", (error) => seen.errors.push(error.message));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(`${origin}/`) && !url.startsWith("blob:") && !url.startsWith("data:")) seen.elsewhere.push(url);
  });
  return { page, seen };
}

/** Serious and critical violations of what the tab shows now, in words. */
export async function axe(page, where) {
  // Whatever still fades in has half its contrast.
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  );
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  return [
    ...grave.map(
      ({ id, nodes }) =>
        `${where}: ${id}: ${nodes
          .slice(0, 3)
          .map((node) => `${node.html} ${node.failureSummary}`)
          .join(" | ")}`,
    ),
    ...(wide > 0 ? [`${where}: ${wide} px wider than the screen`] : []),
  ];
}

/** Waits until something is shown whose text fits; gives it. */
export async function shown(page, selector, text = "") {
  const found = await page
    .waitForFunction(
      (selector, text) =>
        [...document.querySelectorAll(selector)].find(
          (node) => node.checkVisibility() && node.textContent.includes(text),
        ),
      {},
      selector,
      text,
    )
    .catch(() => {
      throw new Error(`nothing like ${selector} with "${text}" is shown`);
    });
  return found.asElement();
}

/** Presses the button or link with this text. */
export async function press(page, text, within = "body") {
  const found = await page
    .waitForFunction(
      (within, text) =>
        [...document.querySelectorAll(`${within} :is(button, a, summary)`)].find(
          (node) => node.checkVisibility() && node.textContent.trim() === text,
        ),
      {},
      within,
      text,
    )
    .catch(() => {
      throw new Error(`there is no "${text}" in ${within}`);
    });
  await found.asElement().evaluate((node) => node.scrollIntoView({ block: "center" }));
  await found.asElement().click();
}

/** Waits for a file with that ending and gives its text. */
export async function saved({ downloads }, ending) {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until;) {
    const name = readdirSync(downloads).find((name) => name.endsWith(`.${ending}`));
    const text = name && readFileSync(join(downloads, name), "utf8");
    if (text) return text;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`no .${ending} was saved`);
}
