// Pictures of the page for README: what `make screenshots` runs. Real Worker, real browser, real documents (the Rust
// books of the installed toolchain, under their public addresses).

import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import http from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { findBooks } from "../demo/books.mjs";
import { DESKTOP, PHONE, launch, press, shown, tab } from "../tests/edge/page/browser.mjs";
import { root, startWorkerd } from "./workerd.mjs";

const QUESTION = "How do async runtimes in Rust schedule tasks, and what are the trade-offs?";
const BOOKS = ["book", "nomicon", "reference"];
/** Chapters of a book that are read: the others say little of the question. */
const CHAPTERS_MAX = 120;
/** Largest picture, in bytes: README is read over telephones, too. */
const PICTURE_BYTES_MAX = 150_000;
/** A search engine that knows nothing answers the first round at once and lets the second wait, to be looked at. */
const FIRST_ROUND_QUERIES = 4;
const SECOND_ROUND_MS = 6_000;

const folder = join(root, "docs/images");
mkdirSync(folder, { recursive: true });
const data = mkdtempSync(join(tmpdir(), "footnote-screenshots-"));
let queries = 0;
const engine = http.createServer((_, response) => {
  queries += 1;
  const answer = () => response.writeHead(200, { "content-type": "application/json" }).end('{"results":[]}');
  setTimeout(answer, queries > FIRST_ROUND_QUERIES ? SECOND_ROUND_MS : 0);
});
await new Promise((resolve) => engine.listen(0, "127.0.0.1", resolve));
const known = `127.0.0.1:${engine.address().port}`;
const worker = await startWorkerd({
  config: "workerd.dev.capnp",
  address: "127.0.0.1:0",
  data,
  env: { ALLOW_ANONYMOUS: "1", SEARCH: "library,searxng", SEARXNG_URL: `http://${known}`, ALLOW_PRIVATE_HOSTS: known },
  log: join(data, "workerd.log"),
});
const browser = await launch();
try {
  await fill();
  const desk = (await tab(browser, worker.url, { ...DESKTOP, deviceScaleFactor: 1.5 }, "light")).page;
  await desk.goto(worker.url);
  await shown(desk, ".chip", "book");
  await desk.type("#query", QUESTION);
  await take(desk, "ask");
  await press(desk, "Start research");
  await shown(desk, ".findings .badge");
  await shown(desk, ".doing", "round 2");
  await desk.mouse.move(0, 0);
  await take(desk, "watch");
  await shown(desk, ".reading .cite");
  const address = desk.url();
  await desk.evaluate(() => document.activeElement.blur());
  const mark = (await desk.$$(".prose p .cite")).at(3);
  await mark.hover();
  await shown(desk, ".card");
  await take(desk, "report");
  await desk.close();
  const phone = (await tab(browser, worker.url, PHONE, "light")).page;
  await phone.goto(address);
  const small = await shown(phone, ".prose p .cite");
  await phone.evaluate(() => document.querySelector(".prose").scrollIntoView());
  await small.tap();
  await shown(phone, ".card");
  await take(phone, "report-phone");
} finally {
  await browser.close();
  await worker.stop();
  engine.close();
  rmSync(data, { recursive: true, force: true });
}

/** Puts chapters into the library, each under the address that it has on the web. */
async function fill() {
  for (const { name, folder, pages } of findBooks().books.filter(({ name }) => BOOKS.includes(name))) {
    for (const page of pages.slice(0, CHAPTERS_MAX)) {
      const url = `https://doc.rust-lang.org/${name}/${page}`;
      const query = new URLSearchParams({ collection: name, url });
      const body = readFileSync(join(folder, page));
      // A chapter that only leads on to another is no document.
      const reply = await fetch(`${worker.url}/v1/library/documents?${query}`, {
        method: "POST",
        headers: { "content-type": "text/html" },
        body,
      });
      if (!reply.ok && reply.status !== 422) throw new Error(`${url}: ${reply.status}`);
    }
  }
}

async function take(page, name) {
  await page.evaluate(() =>
    Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))),
  );
  const path = join(folder, `${name}.webp`);
  await page.screenshot({ path, type: "webp", quality: 70 });
  const { size } = statSync(path);
  console.log(`${basename(path)}  ${Math.round(size / 1_000)} KB`);
  if (size > PICTURE_BYTES_MAX) throw new Error(`${path} is larger than ${PICTURE_BYTES_MAX} bytes`);
}
