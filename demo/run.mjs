// Research over the documentation of the installed Rust toolchain, without any key and without the network: what
// `make demo` runs.
//
//   Q="..."        another question
//   DEEP=1         a deep job
//   DOCS=folder    other pages: a folder of HTML files, or of such folders
//
// MODEL, OPENAI_*, SEARCH, the settings of search providers and ALLOW_PRIVATE_HOSTS are passed on to the Worker.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { root, startWorkerd, Trouble } from "../scripts/workerd.mjs";
import { run, say, toTheEnd } from "../scripts/run.mjs";
import { findBooks, PAGES_MAX, serveBooks } from "./books.mjs";
import { Client } from "./client.mjs";
import { count, Progress, seconds } from "./progress.mjs";

const QUESTION = "How does Rust prevent data races, and what do the Send and Sync traits guarantee?";
const PASSED_ON = /^(MODEL|SEARCH|OPENAI_\w+|(SEARXNG|BRAVE|TAVILY|SERPER|EXA|WIKIPEDIA|OPENALEX|ARXIV|HACKERNEWS|STACKEXCHANGE|GITHUB)_\w+)$/;

const folder = join(root, "target/demo");
const file = (name) => join(folder, name);

async function main() {
  const { DEEP, DOCS } = process.env;
  // Make and shells pass unset variables on as empty ones.
  const Q = process.env.Q || QUESTION;
  const { version, books } = findBooks(DOCS);
  mkdirSync(folder, { recursive: true });

  // The library knows pages by their URL, so the ports of the last run are taken again.
  const before = readJson(file("ports.json")) ?? {};
  const hosts = await serveBooks(books, before);
  run.ends.push(async () => hosts.forEach((host) => host.close()));
  const ports = Object.fromEntries(hosts.map(({ name, address, port }) => [name, { address, port }]));
  for (const { name, address, port } of hosts) {
    if (before[name] && (before[name].port !== port || before[name].address !== address)) {
      say(`${before[name].address}:${before[name].port} is taken now, so the pages have to be read again.`);
    }
  }
  writeFileSync(file("ports.json"), JSON.stringify(ports));

  // Another build may extract, or store, in another way.
  const wasm = join(root, "build/index_bg.wasm");
  const build = existsSync(wasm) && createHash("sha256").update(readFileSync(wasm)).digest("hex");
  const library = JSON.stringify({ version, build, hosts: hosts.map(({ origin, pages }) => ({ origin, pages })) });
  const ingested = existsSync(file("ingested.json")) && readFileSync(file("ingested.json"), "utf8") === library;
  if (!ingested) {
    rmSync(file("ingested.json"), { force: true });
    rmSync(file("data"), { recursive: true, force: true });
  }

  const allowed = [...hosts.map(({ address, port }) => `${address}:${port}`), process.env.ALLOW_PRIVATE_HOSTS];
  const workerd = await startWorkerd({
    config: "workerd.dev.capnp",
    address: "127.0.0.1:0",
    data: file("data"),
    env: {
      ...Object.fromEntries(Object.entries(process.env).filter(([name]) => PASSED_ON.test(name))),
      // Without the network there is nothing else to search.
      SEARCH: process.env.SEARCH || "library",
      ALLOW_ANONYMOUS: "1",
      // The books' server is this process: nobody else is burdened.
      SITE_DELAY_MS: "0",
      SITE_CONNECTIONS: "6",
      ALLOW_PRIVATE_HOSTS: allowed.filter(Boolean).join(","),
    },
    log: file("workerd.log"),
  });
  run.ends.push(workerd.stop);
  run.tail = () => workerd.tail(20);
  const client = new Client(workerd.url);

  if (ingested) {
    say(`The library still holds ${version}.`);
  } else {
    say(`Reading ${version} into the library, once.`);
    await ingest(client, hosts);
    writeFileSync(file("ingested.json"), library);
  }

  say(`\n${Q}\n`);
  const job = await research(client, Q, Boolean(DEEP) && DEEP !== "0");
  writeFileSync(file("report.md"), job.report);
  writeFileSync(file("research.json"), `${JSON.stringify(job, null, 2)}\n`);
  console.log(job.report);

  if (job.degraded) say(`Not all went as configured: ${job.degraded}`);
  const { verified, wrong, elsewhere } = await checkCitations(client, hosts, job);
  say(
    [
      count(job.sources_count ?? 0, "source"),
      count(job.findings_count ?? 0, "finding"),
      `${verified}/${verified + wrong.length} citations verified`,
      ...(elsewhere > 0 ? [`${elsewhere} on pages outside the library`] : []),
      seconds(job.elapsed_ms ?? 0),
    ].join(" · "),
  );
  say("The report is in target/demo/report.md, the whole reply in target/demo/research.json.");
  if (wrong.length > 0) throw new Trouble(`Citations that do not check out:\n${wrong.join("\n")}`);
}

/** Crawls every book, all side by side. */
async function ingest(client, hosts) {
  const total = hosts.reduce((sum, host) => sum + host.pages + 1, 0);
  const read = new Map();
  run.progress = new Progress();
  const crawls = hosts.map(async ({ origin, name, pages }) => {
    // The contents and one click from there; one page more for the contents themselves.
    const asked = { url: `${origin}/`, max_pages: Math.min(pages + 1, PAGES_MAX), max_depth: 1 };
    const { id } = await client.post("/v1/library/crawls", asked);
    return client.completed(`/v1/library/crawls/${encodeURIComponent(id)}`, (crawl) => {
      read.set(name, { read: crawl.pages_read ?? 0, failed: crawl.pages_failed ?? 0 });
      const sum = (member) => [...read.values()].reduce((all, one) => all + one[member], 0);
      const failed = sum("failed") > 0 ? ` · ${sum("failed")} refused` : "";
      const words = `${sum("read")} of ${count(total, "page")} from ${count(hosts.length, "book")}${failed}`;
      run.progress.show("reading", (sum("read") + sum("failed")) / total, words);
    });
  });
  await Promise.all(crawls);
  run.progress.end();
  const nothing = [...read].find(([, { read }]) => read === 0);
  if (nothing) throw new Trouble(`No page of ${nothing[0]} could be read.`);
}

async function research(client, query, deep) {
  run.progress = new Progress();
  const { id } = await client.post("/v1/research", { query, deep });
  const job = await client.completed(`/v1/research/${encodeURIComponent(id)}`, ({ phase, status, progress: at = {} }) => {
    const words = [
      `round ${at.round ?? 0}`,
      count(at.queries ?? 0, "query", "queries"),
      count(at.pages_read ?? 0, "page"),
      count(at.findings ?? 0, "finding"),
    ];
    const share = status === "completed" ? 1 : (at.percent ?? 0) / 100;
    run.progress.show(phase ?? status, share, words.join(" · "));
  });
  run.progress.end();
  return job;
}

/** Looks every quote up in the stored text of its page, without believing the job's own audit. */
async function checkCitations(client, hosts, job) {
  const words = (text) => text.split(/\s+/).filter(Boolean).join(" ");
  const ids = new Map();
  for (let cursor = ""; cursor !== undefined; ) {
    const list = await client.get(`/v1/library/documents${cursor}`);
    for (const { url, id } of list.documents ?? []) ids.set(url, id);
    cursor = list.next_cursor ? `?cursor=${encodeURIComponent(list.next_cursor)}` : undefined;
  }
  const texts = new Map();
  const wrong = [];
  let verified = 0;
  let elsewhere = 0;
  for (const { n, quote = "", url = "" } of job.citations ?? []) {
    const page = url.split("#")[0];
    const ours = hosts.some(({ origin }) => page.startsWith(`${origin}/`));
    if (!ids.has(page)) {
      if (ours) wrong.push(`[${n}] ${page} is not in the library`);
      else elsewhere += 1;
      continue;
    }
    if (!texts.has(page)) {
      const stored = await client.get(`/v1/library/documents/${encodeURIComponent(ids.get(page))}`);
      texts.set(page, words(stored.markdown ?? ""));
    }
    if (quote.trim() !== "" && texts.get(page).includes(words(quote))) verified += 1;
    else wrong.push(`[${n}] ${page} does not say: ${quote}`);
  }
  return { verified, wrong, elsewhere };
}

function readJson(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

await toTheEnd(main, "target/demo/workerd.log");
