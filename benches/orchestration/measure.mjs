// Orchestration: how long a run takes in the mocked world beside the critical path of that world, and what it spends.

import { setTimeout as sleep } from "node:timers/promises";
import { completed, startFootnote } from "../lib/footnote.mjs";
import { figure, median, sum } from "../lib/figures.mjs";
import { givenWorld, pagesOfWorld, startWorld } from "../world.mjs";
import { lowerBound } from "./bound.mjs";

const QUESTIONS = [
  "How does Rust prevent data races, and what do Send and Sync guarantee?",
  "How does Rust guarantee memory safety without a garbage collector, and where does unsafe code fit in?",
  "How are traits and generics related in Rust, and what do they cost at run time?",
];
/** How the runs differ, and what is held against each. */
const KINDS = [
  { name: "two rounds", request: { max_iterations: 2 }, held: true },
  { name: "three rounds", request: { max_iterations: 3 }, held: true },
  { name: "deep", request: { deep: true }, held: false, questions: 1 },
];
const RATIO_MAX = 1.15;
const MODEL_CALLS_MAX = 20;
const TOKENS_IN_MAX = 45_000;
const CPU_S_MAX = 0.4;
const GROWTH_MB_MAX = 60;
const WORDS_MIN = 2_000;
const SOURCES_MIN = 10;
/** Before the run that counts the process makes a short one in a world without waits: its code is compiled then, as it is
 * in any process that has been at work. */
const WARM_UP = { query: "How does Cargo resolve versions and features of dependencies?", max_iterations: 1, max_sources: 4 };
const NO_WAITS = { search_ms: 0, page_ms: [0, 0], hang_share: 0, model_ms: 0, in_tps: 1e9, out_tps: 1e9 };
/** After a run the account is told, and what was compiled meanwhile takes its place. */
const SETTLE_MS = 1_000;

export async function measure(say) {
  const world = givenWorld();
  const index = pagesOfWorld();
  const figures = [];
  for (const kind of KINDS) {
    const questions = QUESTIONS.slice(0, kind.questions);
    say(`${kind.name}, ${questions.length} side by side`);
    // A process for each: their hosts' queues are apart, and each one's time and memory are its own.
    const runs = await Promise.all(questions.map((question) => one(world, question, kind.request)));
    say(runs.map(({ wall_s, job }) => `${job.status} in ${wall_s.toFixed(1)} s`).join(", "));
    figures.push(...told(kind, runs, world, index));
  }
  return figures;
}

async function one(world, question, request) {
  const place = await startWorld({ ...world, ...NO_WAITS });
  const footnote = await startFootnote({ ...place.env, PAGE_CACHE_S: "0" });
  const idle = footnote.use.rss();
  await ended(footnote.client, WARM_UP);
  await place.ledger(world);
  await sleep(SETTLE_MS);
  const cpu_s = footnote.use.cpu_s();
  const memory = footnote.use.watch();
  const start = Date.now();
  const job = await ended(footnote.client, { query: question, ...request });
  const end = Date.now();
  const used = footnote.use.cpu_s() - cpu_s;
  const rows = await place.ledger();
  const growth_mb = (memory.end() - idle) / 1e6;
  await footnote.stop();
  await place.stop();
  return { question, job, wall_s: (end - start) / 1000, cpu_s: used, growth_mb, rows, path: path(rows, start, end) };
}

async function ended(client, body) {
  const { id } = await client.post("/v1/research", body);
  return completed(client, id);
}

/** Seconds by kind on the chain of last finishers, back from the end; `own` is when nothing was out. */
function path(rows, start, end) {
  const left = rows.filter((row) => !row.cut).sort((a, b) => a.end - b.end);
  const seconds = { search: 0, page: 0, model: 0, own: 0 };
  let at = end;
  while (left.length > 0) {
    const row = left.pop();
    if (row.end > at + 2) continue;
    seconds.own += Math.max(0, at - row.end) / 1000;
    seconds[row.kind] += (Math.min(row.end, at) - row.start) / 1000;
    at = row.start;
  }
  seconds.own += Math.max(0, at - start) / 1000;
  return seconds;
}

function told({ name, held }, runs, world, index) {
  const of = (what) => median(runs.map(what));
  const calls = ({ rows }) => rows.filter((row) => row.kind === "model");
  const when = (limits) => (held ? limits : {});
  const path = ["search", "page", "model", "own"].map((kind) => `${kind} ${of((run) => run.path[kind]).toFixed(1)}`).join(", ");
  const took = of(({ job }) => job.iterations);
  // Of the rounds that were taken: whoever asks for three and has enough after two did no third.
  const bounds = runs.map(({ question, job }) => lowerBound(world, index, question, job.iterations));
  const ratio = median(runs.map(({ wall_s }, place) => wall_s / bounds[place]));
  const stops = [...new Set(runs.map(({ job }) => `${job.status}, ${job.stop_reason}`))].join("; ");
  return [
    figure(`${name}: wall time`, of(({ wall_s }) => wall_s), "s", { rival: ["critical path", median(bounds)], note: `${path}; ${took} rounds; ${stops}` }),
    figure(`${name}: wall time / critical path`, ratio, "x", when({ most: RATIO_MAX })),
    figure(`${name}: model calls`, of((run) => calls(run).length), "", when({ most: MODEL_CALLS_MAX })),
    figure(`${name}: tokens in`, of((run) => sum(calls(run).map((row) => row.prompt_tokens))), "", when({ most: TOKENS_IN_MAX })),
    figure(`${name}: tokens out`, of((run) => sum(calls(run).map((row) => row.completion_tokens))), ""),
    figure(`${name}: words of the report`, of(({ job }) => (job.report ?? "").split(/\s+/).length), "", when({ least: WORDS_MIN })),
    figure(`${name}: sources cited`, of(({ job }) => job.sources_count), "", when({ least: SOURCES_MIN })),
    figure(`${name}: own CPU`, of(({ cpu_s }) => cpu_s), "s", when({ most: CPU_S_MAX })),
    figure(`${name}: memory above idle`, of(({ growth_mb }) => growth_mb), "MB", when({ most: GROWTH_MB_MAX })),
  ];
}
