// The front door: how soon a request is answered, beside Workers that do nothing or next to nothing, and what many
// watchers of one job cost that job.

import { completed, startFootnote } from "../lib/footnote.mjs";
import { figure, median, sum } from "../lib/figures.mjs";
import { Load, spread } from "../lib/load.mjs";
import { givenWorld, startWorld } from "../world.mjs";
import { Watchers } from "./watchers.mjs";

const RPS = 100;
const STEADY_S = 10;
const FULL_S = 4;
const LANES = 16;
/** Requests before anything counts: code is compiled, tables are there. */
const WARM = 50;
const POST_P50_MS_MAX = 5;
const POST_P99_MS_MAX = 25;
const SLOWED_MAX = 1.2;
const STREAMS = 100;
const POLLERS = 500;
/** Runs of each kind, in turn. */
const WATCHED_RUNS = 2;
const QUESTION = "How does Rust prevent data races, and what do Send and Sync guarantee?";

export async function measure(say) {
  return [...(await answered(say)), ...(await watched(say))];
}

/** Requests to Footnote with nothing but an empty library, in turn with the same to the Workers beside it. */
async function answered(say) {
  const noop = await startFootnote({}, "benches/http/noop.capnp");
  const footnote = await startFootnote({ SEARCH: "library" });
  const [beside, ours] = [new Load(noop.url), new Load(footnote.url)];
  const ask = (path) => (place) => ({ method: "POST", path, body: JSON.stringify({ query: `What is question ${place} about?` }) });
  const post = ask("/v1/research");
  const ids = (await ours.full(1, 1, post)).slice(-WARM).map(({ body }) => JSON.parse(body).id);
  // Reads are measured when nothing is at work.
  for (const id of ids) await completed(footnote.client, id);
  const get = (place) => ({ path: `/v1/research/${ids[place % ids.length]}` });
  const plain = () => ({ path: "/" });
  const kinds = [
    { name: "GET", wanted: [200], ours: get, rivals: [["no-op", plain]], limits: [] },
    { name: "POST", wanted: [202], ours: post, rivals: [["no-op", ask("/")], ["one row", ask("/row")]], limits: [POST_P50_MS_MAX, POST_P99_MS_MAX] },
  ];
  const figures = [];
  for (const { name, wanted, ours: next, rivals, limits } of kinds) {
    for (const [, next] of rivals) await beside.full(1, 0.5, next);
    say(`${name} at ${RPS} a second`);
    const against = [];
    for (const [rival, next] of rivals) against.push([rival, spread(await beside.steady(RPS, STEADY_S / 2, next), wanted)]);
    const told = spread(await ours.steady(RPS, STEADY_S, next), wanted);
    const note = (share) => against.slice(1).map(([rival, other]) => `${rival} ${other[share].toFixed(1)}`).join(", ");
    for (const [share, most] of [["p50", limits[0]], ["p95"], ["p99", limits[1]]]) {
      const rival = [against[0][0], against[0][1][share]];
      figures.push(figure(`${name} at ${RPS}/s: ${share}`, told[share], "ms", { ...(most && { most }), rival, note: note(share) }));
    }
    figures.push(figure(`${name} at ${RPS}/s: not answered as wanted`, told.failed, `of ${told.count}`, { most: 0 }));
    say(`${name} from ${LANES} connections`);
    const rate = (answers) => answers.filter(({ status }) => wanted.includes(status)).length / FULL_S;
    const others = [];
    for (const [rival, next] of rivals) others.push([rival, rate(await beside.full(LANES, FULL_S, next))]);
    const own = rate(await ours.full(LANES, FULL_S, next));
    figures.push(figure(`${name} throughput`, own, "/s", { rival: others[0], note: others.slice(1).map(([rival, value]) => `${rival} ${value.toFixed(0)}`).join(", ") }));
  }
  [beside, ours].forEach((load) => load.close());
  await noop.stop();
  await footnote.stop();
  return figures;
}

/** The same job alone and in company, each in a process of its own. */
async function watched(say) {
  const alone = [];
  const inCompany = [];
  for (let turn = 0; turn < WATCHED_RUNS; turn += 1) {
    say(`a job alone, then with ${STREAMS} event streams and ${POLLERS} pollers`);
    alone.push(await job(0, 0));
    inCompany.push(await job(STREAMS, POLLERS));
  }
  const seconds = (runs) => median(runs.map(({ s }) => s));
  const all = (what) => inCompany.map((run) => run[what]);
  return [
    figure("a job alone", seconds(alone), "s"),
    figure(`with ${STREAMS} streams and ${POLLERS} pollers`, seconds(inCompany), "s", { rival: ["alone", seconds(alone)] }),
    figure("slowed by its watchers", seconds(inCompany) / seconds(alone), "x", { most: SLOWED_MAX }),
    figure("polls answered otherwise than by 200", sum(all("failed")), `of ${sum(all("polls"))}`, { most: 0 }),
    figure("polls: p95", Math.max(...all("p95")), "ms"),
    figure("streams that miss a fact", sum(all("incomplete")), `of ${STREAMS * WATCHED_RUNS}`, { most: 0 }),
  ];
}

async function job(streams, pollers) {
  const world = await startWorld(givenWorld());
  const footnote = await startFootnote({ ...world.env });
  const start = performance.now();
  const { id } = await footnote.client.post("/v1/research", { query: QUESTION, max_iterations: 1, max_sources: 5 });
  const watchers = new Watchers(footnote.url, id, { streams, pollers });
  await completed(footnote.client, id);
  const s = (performance.now() - start) / 1000;
  const told = await watchers.end();
  await footnote.stop();
  await world.stop();
  return { s, ...told };
}
