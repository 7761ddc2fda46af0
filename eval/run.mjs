// Questions with known answers through the real API in workerd: what `make eval` runs. docs/eval.md says what is measured.
//
//   QUESTIONS=file.jsonl       the questions
//   SITES=url,url              the sites that hold the answers, each `url` or `package=url`
//   ONLY=q001,q003             these questions alone
//   RESUME=1                   keep the jobs of the last run and ask only what is missing
//   CRAWL=1                    read the sites anew
//   AT_ONCE=2                  jobs that run side by side
//   DEEP=1                     deep jobs
//   REQUEST='{"max_sources":3}' more members for every request
//   UPDATE_FIGURES=1           write the figures into eval/figures.json
//
// MODEL, the settings of models and ALLOW_PRIVATE_HOSTS are passed on to the Worker.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { Client } from "../demo/client.mjs";
import { count, Progress, seconds } from "../demo/progress.mjs";
import { root, startWorkerd, Trouble } from "../scripts/workerd.mjs";
import { run, say, toTheEnd } from "../scripts/run.mjs";
import { basesOf, goldNames, matchSites, pageName, startOf } from "./facts.mjs";
import { measure, scoreJob } from "./score.mjs";
import { table } from "./table.mjs";
import { sentAndRead, tokensOf } from "./tokens.mjs";

const PASSED_ON = /^(MODEL(_\w+)?|CONTEXT_TOKENS|PRICES|(OPENAI|ANTHROPIC|GEMINI)_\w+)$/;
const COLLECTION = "eval";
/** As many as a crawl may read. */
const SITE_PAGES_MAX = 2_000;
const SITE_DEPTH_MAX = 20;
const CRAWL_MS = 60 * 60_000;
/** A small model on a small machine. */
const JOB_MS = 2 * 60 * 60_000;
const AT_ONCE_MAX = 16;
/** What makes the stored text of a page: when it changes the pages are read anew. */
const STORED_BY = ["reading/src", "src/library", "src/library.rs", "src/edge/library_store", "src/edge/library_store.rs"];

const folder = join(root, "target/eval");
const figuresFile = join(root, "eval/figures.json");
async function main() {
  const given = process.env;
  const questions = readQuestions(given.QUESTIONS, given.ONLY);
  const sites = readSites(given.SITES);
  const library = join(folder, `library-${short(sites.map(({ url }) => url).join(" "))}`);
  const standing = await fingerprint(sites);
  const crawled = !isSet(given.CRAWL) && readJson(join(library, "crawled.json"))?.standing === standing;
  if (!crawled) rmSync(library, { recursive: true, force: true });
  mkdirSync(library, { recursive: true });

  const workerd = await startWorkerd({
    config: "workerd.dev.capnp",
    address: "127.0.0.1:0",
    data: join(library, "data"),
    env: {
      ...Object.fromEntries(Object.entries(given).filter(([name]) => PASSED_ON.test(name))),
      SEARCH: "library",
      ALLOW_ANONYMOUS: "1",
      SITE_DELAY_MS: "0",
      SITE_CONNECTIONS: "6",
      ALLOW_PRIVATE_HOSTS: [...sites.map(({ url }) => new URL(url).host), given.ALLOW_PRIVATE_HOSTS].filter(Boolean).join(","),
    },
    log: join(folder, "workerd.log"),
  });
  run.ends.push(workerd.stop);
  run.tail = () => workerd.tail(20);
  const client = new Client(workerd.url);
  if (!crawled) {
    await crawl(client, sites);
    writeFileSync(join(library, "crawled.json"), JSON.stringify({ standing, sites }));
  }
  const documents = await storedDocuments(client);
  const places = placesOf(questions, sites, new Set([...documents.keys()].map(pageName)));

  const name = given.MODEL || "extractive";
  const jobsFolder = jobsOf(name);
  if (!isSet(given.RESUME)) rmSync(jobsFolder, { recursive: true, force: true });
  mkdirSync(jobsFolder, { recursive: true });
  const jobs = await ask(client, questions, jobsFolder);

  const texts = await textsOf(client, documents, jobs);
  const raw = new Map();
  const scores = [];
  for (const [i, question] of questions.entries()) {
    scores.push({ ...scoreJob(question, jobs[i], { places, texts }), ...(await promptsAndPages(client, jobs[i], raw)) });
  }
  report(name, given, questions, scores);
}

/** Every question's job, from `jobsFolder` where it is kept there already. */
async function ask(client, questions, jobsFolder) {
  run.progress = new Progress();
  const jobs = questions.map(({ id, question }) => {
    const kept = readJson(join(jobsFolder, `${id}.json`));
    return kept?.query === question ? kept : undefined;
  });
  const open = questions.map((_, i) => i).filter((i) => jobs[i] === undefined);
  const deep = isSet(process.env.DEEP);
  const more = readRequest(process.env.REQUEST);
  const askNext = async () => {
    for (let i = open.shift(); i !== undefined && !run.interrupted; i = open.shift()) {
      const { id, question } = questions[i];
      jobs[i] = await research(client, { query: question, deep, sources: [`library:${COLLECTION}`], ...more });
      writeFileSync(join(jobsFolder, `${id}.json`), `${JSON.stringify(jobs[i], null, 2)}\n`);
      const done = jobs.filter((job) => job !== undefined).length;
      run.progress.show("asking", done / jobs.length, `${done} of ${count(jobs.length, "question")}`);
    }
  };
  const atOnce = Math.min(Math.max(Number(process.env.AT_ONCE) || 2, 1), AT_ONCE_MAX);
  await Promise.all(Array.from({ length: atOnce }, askNext));
  run.progress.end();
  return jobs;
}

/** A job that fails is an answer too, a bad one. */
async function research(client, request) {
  const { id } = await client.post("/v1/research", request);
  return client.ended(`/v1/research/${encodeURIComponent(id)}`, () => {}, JOB_MS);
}

async function crawl(client, sites) {
  say(`Reading ${count(sites.length, "site")} into the library, once.`);
  run.progress = new Progress();
  const read = new Map();
  const crawls = sites.map(async ({ url }) => {
    const asked = { url, collection: COLLECTION, max_pages: SITE_PAGES_MAX, max_depth: SITE_DEPTH_MAX, sitemap: true };
    const { id } = await client.post("/v1/library/crawls", asked);
    const crawl = await client.ended(`/v1/library/crawls/${encodeURIComponent(id)}`, (at) => {
      read.set(url, at);
      const sum = (member) => [...read.values()].reduce((all, one) => all + (one[member] ?? 0), 0);
      const known = sum("pages_read") + sum("pages_failed") + sum("queued");
      run.progress.show("reading", (known - sum("queued")) / Math.max(known, 1), `${sum("pages_read")} of ${count(known, "page")} known`);
    }, CRAWL_MS);
    if (crawl.pages_read === 0) throw new Trouble(`No page of ${url} could be read: ${JSON.stringify(crawl.error ?? crawl.failures)}`);
    return { url, ...crawl };
  });
  for (const { url, pages_read, pages_failed, left_out } of await Promise.all(crawls)) {
    say(`\n${url}: ${count(pages_read, "page")}, ${pages_failed} no sources, ${left_out} left out`);
  }
  run.progress.end();
}

/** Identifiers of all documents by their URL. */
async function storedDocuments(client) {
  const documents = new Map();
  for (let cursor = ""; cursor !== undefined; ) {
    const list = await client.get(`/v1/library/documents?collection=${COLLECTION}&limit=100${cursor}`);
    for (const { url, id } of list.documents) documents.set(url, id);
    cursor = list.next_cursor ? `&cursor=${encodeURIComponent(list.next_cursor)}` : undefined;
  }
  return documents;
}

/** The stored text of every page that a job quotes. */
async function textsOf(client, documents, jobs) {
  const texts = new Map();
  const quoted = jobs.flatMap((job) => [...(job.citations ?? []).map(({ url }) => url), ...(job.findings ?? []).map((f) => f.source_url)]);
  for (const url of new Set(quoted.map((address) => address.split("#")[0]))) {
    const id = documents.get(url);
    if (id !== undefined) texts.set(url, (await client.get(`/v1/library/documents/${encodeURIComponent(id)}`)).markdown);
  }
  return texts;
}

/** Tokens that a job with a model sent, and those of the HTML of the pages it read; `raw` keeps what was fetched. */
async function promptsAndPages(client, job, raw) {
  if (!job.usage?.tokens?.input) return {};
  // Jobs kept from a run on an earlier library have no bundle any more.
  const bundle = await client.text(`/v1/research/${encodeURIComponent(job.id)}/bundle`).catch((error) => {
    if (/answered 404$/.test(error.message)) return undefined;
    throw error;
  });
  if (bundle === undefined) return {};
  const { sent, calls, pages } = sentAndRead(bundle);
  for (const url of pages.filter((page) => !raw.has(page))) {
    const reply = await fetch(url).catch(() => undefined);
    raw.set(url, reply?.ok ? tokensOf((await reply.text()).length) : 0);
  }
  return { prompt_tokens: sent, model_calls: calls, raw_tokens: pages.reduce((all, url) => all + raw.get(url), 0) };
}

/** Where each package is served, as told or as found; gold pages that were not read are said aloud. */
function placesOf(questions, sites, stored) {
  const places = matchSites(questions, sites.flatMap(({ url }) => basesOf(url)), stored);
  for (const { name, url } of sites) if (name !== undefined) places[name] = basesOf(url)[0];
  const lost = new Set(questions.flatMap(({ corpus = [] }) => corpus).filter((name) => places[name] === undefined));
  if (lost.size > 0) say(`No page was found of: ${[...lost].join(", ")}. Questions about it cannot be answered.`);
  const unread = questions.flatMap((question) =>
    (question.pages ?? []).filter((page) => !goldNames(question, page, places).some((one) => stored.has(one))),
  );
  if (unread.length > 0) say(`Pages with answers that are not in the library: ${unread.join(", ")}`);
  return places;
}

function report(name, given, questions, scores) {
  const figures = measure(scores);
  if (figures.degraded > 0) say(`${figures.degraded} of ${count(scores.length, "job")} did not go as configured: see \`degraded\` in them.`);
  const committed = readJson(figuresFile) ?? {};
  writeFileSync(join(folder, "eval.json"), `${JSON.stringify({ model: name, figures, scores }, null, 2)}\n`);
  console.log(table(name, figures, committed[name], scores));
  say(`The jobs are in ${relative(root, jobsOf(name))}, every question's score in target/eval/eval.json.`);
  if (isSet(given.UPDATE_FIGURES)) {
    if (given.ONLY) throw new Trouble("UPDATE_FIGURES wants all questions: leave ONLY out");
    writeFileSync(figuresFile, `${JSON.stringify({ ...committed, [name]: figures }, null, 2)}\n`);
    say("eval/figures.json is written.");
  }
}

function readQuestions(file, only) {
  if (!file) throw new Trouble("Which questions? make eval QUESTIONS=file.jsonl SITES=http://127.0.0.1:9001,... (docs/eval.md)");
  if (!existsSync(resolve(file))) throw new Trouble(`QUESTIONS: there is no file ${file}`);
  const wanted = only ? new Set(only.split(",")) : undefined;
  const lines = readFileSync(resolve(file), "utf8").split("\n").filter((line) => line.trim() !== "");
  const questions = lines.map((line, i) => {
    try {
      const { id, question } = JSON.parse(line);
      if (!/^[\w.-]+$/.test(id) || typeof question !== "string") throw new Error("`id` and `question` are needed");
      return JSON.parse(line);
    } catch (error) {
      throw new Trouble(`${file}, line ${i + 1}: ${error.message}`);
    }
  });
  const chosen = questions.filter(({ id }) => wanted?.has(id) ?? true);
  if (chosen.length === 0) throw new Trouble(`${file} has none of the questions asked for`);
  return chosen;
}

function readRequest(text) {
  try {
    return JSON.parse(text || "{}");
  } catch (error) {
    throw new Trouble(`REQUEST is no JSON: ${error.message}`);
  }
}

/** `name=url` or `url`, with commas. */
function readSites(text) {
  const sites = (text ?? "").split(/[,\s]+/).filter(Boolean).map((part) => {
    const [, name, url] = /^(?:([^=/:]+)=)?(https?:\/\/.+)$/.exec(part) ?? [];
    if (!URL.canParse(url)) throw new Trouble(`SITES: ${part} is neither a URL nor name=URL`);
    return { name, url: startOf(url) };
  });
  if (sites.length === 0) throw new Trouble("Which sites hold the answers? SITES=http://127.0.0.1:9001,... (docs/eval.md)");
  return sites;
}

/** Changes when a site's start page does, or what stores pages. */
async function fingerprint(sites) {
  const hash = createHash("sha256");
  for (const path of STORED_BY) hashFiles(hash, join(root, path));
  for (const { url } of sites) {
    const reply = await fetch(url).catch((error) => {
      throw new Trouble(`${url} does not answer: ${error.cause?.message ?? error.message}`);
    });
    hash.update(url).update(await reply.text());
  }
  return hash.digest("hex");
}

function hashFiles(hash, path) {
  if (!existsSync(path)) return;
  let names;
  try {
    names = readdirSync(path).sort();
  } catch {
    hash.update(readFileSync(path));
    return;
  }
  for (const name of names) hashFiles(hash, join(path, name));
}

const jobsOf = (name) => join(folder, name.replace(/[^\w.-]+/g, "_"), "jobs");
const short = (text) => createHash("sha256").update(text).digest("hex").slice(0, 8);
const isSet = (value) => Boolean(value) && value !== "0";

function readJson(path) {
  return existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : undefined;
}

await toTheEnd(main, "target/eval/workerd.log");
