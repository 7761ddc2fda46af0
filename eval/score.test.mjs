// What the scores of `make eval` mean, by example.

import assert from "node:assert/strict";
import { test } from "node:test";
import { admits } from "./admission.mjs";
import { checkMarks, citedSentences } from "./claims.mjs";
import { basesOf, goldNames, matchSites, pageName, plain, startOf, states } from "./facts.mjs";
import { measure, scoreJob } from "./score.mjs";
import { table } from "./table.mjs";

const question = {
  id: "t1",
  kind: "two_pages",
  corpus: ["db"],
  answers: [["8000 bytes"], ["re:\\bhot[- ]standby\\b"]],
  pages: ["db:notify.html", "db:standby.html"],
  pages_alt: { "db:standby.html": ["db:replica.html"] },
  unanswerable: false,
};
const page = (name) => `http://127.0.0.1:9001/${name}`;
const quote = "The payload must be shorter than 8,000 bytes by default.";
const finding = (fact, name, said, confidence = "medium") => ({
  fact,
  source_url: page(name),
  confidence,
  evidence: [{ source_url: page(name), quote: said }],
});
const job = {
  status: "completed",
  state: "completed",
  report: "# Limits\n\nThe payload stays below 8,000 bytes [1].\n",
  findings: [finding("A payload is shorter than 8000 bytes.", "notify.html", quote)],
  sources: [{ n: 1, url: page("notify.html") }],
  citations: [{ n: 1, url: page("notify.html"), quote }],
  citation_audit: { total: 2, verified: 1, repaired: 0, dropped: 1, unsupported_sentences: 0 },
  usage: { tokens: { input: 100, output: 10 }, cost_usd: 0.01 },
  elapsed_ms: 1500,
};
const world = { places: { db: page("") }, texts: new Map([[page("notify.html"), `# NOTIFY\n\n${quote}\n`]]) };
const score = (changes = {}, asked = question) => scoreJob({ ...question, ...asked }, { ...job, ...changes }, world);

test("typography does not hide a fact, and a number is not found within another", () => {
  assert.equal(plain("Up to “1,600”\u00a0*columns* – `max`"), 'up to "1600" columns - max');
  for (const text of ["1,600 columns", "is 1\u202f600.", "**1600**"]) assert.ok(states(plain(text), ["1600"]), text);
  for (const text of ["11600", "1600.5", "2.1600", "x1600"]) assert.ok(!states(plain(text), ["1600"]), text);
  assert.ok(states(plain("since 3.22.0 (2018)"), ["3.22.0"]));
  assert.ok(states(plain("use --filter=blob"), ["--filter"]));
  assert.ok(states(plain("a 64 KB limit"), ["nothing", "re:\\b64 ?(kb|kib)\\b"]));
});

test("a page is the same whatever the spelling of its address", () => {
  assert.equal(pageName("http://Host:80/a//b%20c/?q=1#top"), "host/a/b c/index.html");
  assert.equal(pageName("https://host/a.html"), pageName("http://host/a.html#x"));
  assert.equal(pageName("no address"), "no address");
  assert.deepEqual(goldNames(question, "db:standby.html", { db: page("docs/") }), [
    "127.0.0.1:9001/docs/standby.html",
    "127.0.0.1:9001/docs/replica.html",
  ]);
});

test("sites are matched to packages by the pages they hold", () => {
  const other = { pages: ["web:index.html", "web:mod/core.html"] };
  const sites = ["http://127.0.0.1:1/", "http://127.0.0.1:2/"];
  const stored = new Set(["127.0.0.1:1/index.html", "127.0.0.1:1/notify.html", "127.0.0.1:2/index.html", "127.0.0.1:2/mod/core.html"]);
  assert.deepEqual(matchSites([question, other], sites, stored), { db: sites[0], web: sites[1] });
  assert.deepEqual(matchSites([{ pages: ["none:gone.html"] }], sites, stored), {});
});

test("a site may be told by its host, a folder or a start page", () => {
  const bases = (address) => basesOf(startOf(address));
  assert.deepEqual(bases("http://h:1"), ["http://h:1/"]);
  assert.deepEqual(bases("http://h:1/docs"), ["http://h:1/docs/", "http://h:1/"]);
  assert.deepEqual(bases("http://h:1/docs/index.html"), ["http://h:1/docs/", "http://h:1/"]);
});

test("facts are looked for in findings and in the report, pages among the cited sources", () => {
  const half = score();
  assert.deepEqual([half.recall_findings, half.recall_report, half.pages_cited, half.all_facts], [0.5, 0.5, 0.5, false]);
  const sources = [...job.sources, { n: 2, url: `${page("replica.html")}#x` }];
  const whole = score({ sources, report: `${job.report}\nIt is a hot standby.` });
  assert.deepEqual([whole.recall_findings, whole.recall_report, whole.pages_cited, whole.all_facts], [0.5, 1, 1, true]);
  const apart = score({ findings: [finding("It is hot", "notify.html", "standby servers wait")] });
  assert.equal(apart.recall_findings, 0);
});

test("giving up is honest where there is no answer, and wrong where there is one", () => {
  const none = "No answer to this question was found.";
  const open = { answers: [], pages: [], unanswerable: true };
  assert.equal(score({ report: none }, open).honest, true);
  assert.equal(score({}, open).honest, false);
  assert.equal(score({ report: none, findings: [finding("x", "notify.html", quote, "high")] }, open).honest, false);
  assert.equal(score({ report: null, status: "failed", state: "failed" }, open).honest, false);
  assert.equal(score({ report: none }).wrong_abstention, true);
  assert.equal(score({ report: `${none} Yet a payload has 8000 bytes.` }).wrong_abstention, false);
});

test("only a negation admits that sources lack the answer", () => {
  for (const text of [
    "The documentation does not say how many.",
    "These pages, read in full, don’t mention HTTP/3.",
    "It could not be determined.",
    "There is no information on this.",
    "The port is **not documented** anywhere.",
  ]) {
    assert.ok(admits(text), text);
  }
  for (const text of ["The documentation does say so.", "The server did answer.", "Pages cover all of it.", "It is not fast."]) {
    assert.ok(!admits(text), text);
  }
});

test("marks belong to the sentence before them, and code, links, escaped brackets and the list of sources hold none", () => {
  const report = "One is true [1][2]. Two is not. (Three is.) [3]\n\n| four | [4] |\n```\na [5]\n```\n`b[6]` \\[7\\] [8](x)\n[9] [Source](y)";
  assert.deepEqual(citedSentences(report), [
    { text: "One is true .", marks: [1, 2] },
    { text: "(Three is.)", marks: [3] },
    { text: "| four |  |", marks: [4] },
  ]);
});

test("a citation is right when its quote holds the sentence's numbers, names and most of its words", () => {
  const quotes = new Map([
    [1, ["The payload must be shorter than 8,000 bytes.", "Another `pg_stat_io` matter."]],
    [2, ["It counts cancelled statements in pg_stat_io."]],
    [3, []],
  ]);
  const right = (report) => {
    const { marks, right, dangling } = checkMarks(report, quotes);
    return [right, marks, dangling];
  };
  assert.deepEqual(right("Payloads are shorter than 8000 bytes [1]."), [1, 1, 0]);
  assert.deepEqual(right("Payloads are shorter than 9000 bytes [1]."), [0, 1, 0]);
  assert.deepEqual(right("Payloads are shorter than 8000 bytes [2]."), [0, 1, 0]);
  assert.deepEqual(right("Cancelled statements are counted in pg\\_stat\\_io [2]."), [1, 1, 0]);
  assert.deepEqual(right("Cancelled statements are counted in pg_stat_ssl [2]."), [0, 1, 0]);
  assert.deepEqual(right("Below 8000 bytes payload, cancelled statements are counted [1][2]."), [2, 2, 0]);
  assert.deepEqual(right("Cancelled statements are counted [2][3]."), [1, 2, 0]);
  assert.deepEqual(right("Cancelled statements are counted [9]."), [0, 1, 1]);
});

test("a quote has to be in the stored text of the page it names", () => {
  assert.deepEqual([score().quotes, score().missing_quotes.length], [2, 0]);
  const altered = [{ n: 1, url: page("notify.html"), quote: quote.replace("8,000", "9,000") }];
  assert.equal(score({ citations: altered }).missing_quotes.length, 1);
  const elsewhere = [{ n: 1, url: page("standby.html"), quote }];
  assert.equal(score({ citations: elsewhere }).missing_quotes.length, 1);
});

test("figures are means over the questions they are about", () => {
  const honest = score({ report: "No answer was found." }, { answers: [], pages: [], unanswerable: true });
  const figures = measure([score(), score({ elapsed_ms: 500 }), honest]);
  assert.equal(figures.questions, 3);
  assert.equal(measure([score({ degraded: "openai:x was left out" }), score({ degraded: null })]).degraded, 1);
  assert.equal(figures.recall_findings, 0.5);
  assert.equal(figures.honest_on_unanswerable, 1);
  assert.equal(figures.citation_precision, 1);
  assert.equal(figures.audit_total, 6);
  assert.equal(figures.seconds, 1.1667);
  assert.equal(measure([score()]).honest_on_unanswerable, null);
  const lines = table("extractive", figures, { ...figures, words: 7 }, [score(), honest]).split("\n");
  assert.ok(lines.some((line) => /^facts in findings +0\.500 +0\.500$/.test(line)));
  assert.deepEqual(lines.filter((line) => line.startsWith("t1")), ["t1  two_pages     50 % of the facts in findings, 50 % of the pages"]);
});
