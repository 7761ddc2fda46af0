// What a job takes of what Cloudflare bills, counted in real workerd, and what a thousand of them cost at the published
// prices: `make cost`. Pages are those of the installed Rust documentation, six books as six hosts, each visited once a
// second; a search engine of a few lines knows their titles.

import { createServer } from "node:http";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findBooks, serveBooks } from "../../demo/books.mjs";
import { Client } from "../../demo/client.mjs";
import { run, say, toTheEnd } from "../../scripts/run.mjs";
import { startWorkerd } from "../../scripts/workerd.mjs";

/** Workers Paid beyond what its $5 a month include, in US dollars: developers.cloudflare.com, November 2026. */
const PRICES = {
  worker_requests: 0.3 / 1e6,
  object_requests: 0.15 / 1e6,
  rows_written: 1 / 1e6,
  rows_read: 0.001 / 1e6,
  gb_s: 12.5 / 1e6,
  cpu_ms: 0.02 / 1e6,
};
/** An object is billed as if it held this much, whatever it holds. */
const OBJECT_GB = 0.128;
const QUESTIONS = [
  "How does Rust prevent data races, and what do Send and Sync guarantee?",
  "How do lifetimes keep references valid in Rust?",
  "What may unsafe Rust do, and what stays the programmer's duty?",
  "How does Cargo resolve versions and features of dependencies?",
  "How are traits and generics related in Rust, and what do they cost at run time?",
];
const OBJECTS = ["JobObject", "SiteObject", "AccountObject", "SchedulerObject", "LibraryObject", "KeyringObject"];

await toTheEnd(async () => {
  const { books, version } = findBooks("");
  const hosts = await serveBooks(books, {});
  run.ends.push(async () => hosts.forEach((host) => host.close()));
  const search = await searchEngine(books, hosts);
  run.ends.push(async () => search.close());
  const data = mkdtempSync(join(tmpdir(), "footnote-cost-"));
  run.ends.push(async () => rmSync(data, { recursive: true, force: true }));
  const allowed = [...hosts.map(({ address, port }) => `${address}:${port}`), `127.0.0.1:${search.address().port}`];
  const workerd = await startWorkerd({
    config: "benches/cost/worker.capnp",
    address: "127.0.0.1:0",
    data,
    env: {
      ALLOW_ANONYMOUS: "1",
      SEARCH: "searxng",
      SEARXNG_URL: `http://127.0.0.1:${search.address().port}`,
      ALLOW_PRIVATE_HOSTS: allowed.join(","),
      PAGE_CACHE_S: "0",
    },
    log: join(data, "workerd.log"),
  });
  run.ends.push(workerd.stop);
  run.tail = () => workerd.tail(20);
  const client = new Client(workerd.url);
  say(`Over ${version}.`);
  let stored = 0;
  for (const deep of [false, true]) {
    await client.get("/__cost");
    const before = cpuMs(workerd.pid);
    const jobs = [];
    for (const query of QUESTIONS) {
      const { id } = await client.post("/v1/research", { query, deep });
      let job;
      do job = await client.get(`/v1/research/${id}?wait=10`);
      while (job.status === "processing");
      jobs.push(job);
      await sleep(500); // The account is told after the poller.
    }
    const told = await client.get("/__cost");
    show(deep, jobs, told, cpuMs(workerd.pid) - before);
    const now = storedBytes(join(data, "footnote-job"));
    console.log(`\nEach left ${((now - stored) / jobs.length / 1e6).toFixed(1)} MB.`);
    stored = now;
  }
}, "the log of workerd");

function show(deep, jobs, told, cpu_ms) {
  const n = jobs.length;
  const mean = (what) => jobs.reduce((sum, job) => sum + what(job), 0) / n;
  const pages = mean((job) => job.usage.pages);
  const seconds = mean((job) => (Date.parse(job.completed_at ?? job.updated_at) - Date.parse(job.created_at)) / 1000);
  const total = { worker_requests: told.Worker.worker_requests, object_requests: 0, rows_written: 0, rows_read: 0, gb_s: 0, cpu_ms };
  console.log(`\n${deep ? "Deep" : "Usual"} jobs: ${n}, ${pages.toFixed(1)} pages and ${seconds.toFixed(0)} s each\n`);
  console.log("| per job | requests | rows written | rows read | s active |\n| --- | --- | --- | --- | --- |");
  for (const name of OBJECTS) {
    const part = told[name];
    if (part === undefined) continue;
    const row = [part.object_requests, part.rows_written, part.rows_read, part.active_ms / 1000].map((x) => (x / n).toFixed(1));
    console.log(`| \`${name}\` | ${row.join(" | ")} |`);
    for (const what of ["object_requests", "rows_written", "rows_read"]) total[what] += part[what];
    total.gb_s += (part.active_ms / 1000) * OBJECT_GB;
  }
  console.log("\n| for 1,000 jobs | | US dollars |\n| --- | --- | --- |");
  let sum = 0;
  for (const [what, price] of Object.entries(PRICES)) {
    const amount = (total[what] / n) * 1000;
    sum += amount * price;
    console.log(`| ${what.replace("_", " ")} | ${Math.round(amount).toLocaleString("en")} | ${(amount * price).toFixed(3)} |`);
  }
  console.log(`| together | | ${sum.toFixed(2)} |`);
}

/** Bytes of the jobs' databases, with what is still in their write-ahead logs. */
function storedBytes(folder) {
  return readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
}

/** CPU time of the whole process so far: more than Cloudflare counts, since connections and storage are in it. */
function cpuMs(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1].split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10; // ticks of 10 ms
}

/** SearXNG's JSON over the books' titles: pages that have most words of the query in title and path. */
function searchEngine(books, hosts) {
  const entries = books.flatMap(({ name, folder, pages }) => {
    const { origin } = hosts.find((host) => host.name === name);
    return pages.map((page) => {
      const title = /<title>([^<]*)/.exec(readFileSync(join(folder, page), "utf8"))?.[1] ?? page;
      return { url: `${origin}/${name}/${page}`, title, words: new Set(words(`${title} ${page}`)) };
    });
  });
  const server = createServer((request, response) => {
    const query = words(new URL(request.url, "http://x").searchParams.get("q") ?? "");
    const scored = entries.map((entry) => [query.filter((word) => entry.words.has(word)).length, entry]);
    scored.sort(([a, x], [b, y]) => b - a || x.url.localeCompare(y.url));
    const results = scored.slice(0, 20).filter(([score]) => score > 0);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ results: results.map(([, { url, title }]) => ({ url, title, content: title })) }));
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}

function words(text) {
  return text.toLowerCase().match(/[a-z]{3,}/g) ?? [];
}
