// Jobs at once: what one workerd carries. Short jobs in a quick mocked world, so that what is measured is Footnote and not
// the wait for a model.

import { setTimeout as sleep } from "node:timers/promises";
import { startFootnote } from "../lib/footnote.mjs";
import { figure, median, percentile } from "../lib/figures.mjs";
import { Load, spread } from "../lib/load.mjs";
import { givenWorld, startWorld } from "../world.mjs";

const AT_ONCE = [1, 10, 100, 500];
/** A model that answers in 200 ms. */
const QUICK = { model_ms: 200, in_tps: 1e6, out_tps: 1e6, hang_ms: 3_000 };
const JOB = { max_iterations: 1, max_sources: 3 };
const SUBJECTS = ["ownership", "lifetimes", "traits", "generics", "closures", "threads", "macros", "modules", "features", "slices"];
/** Status reads a second while jobs live, one after the other over all of them. */
const READS = 50;
const LOOK_MS = 200;
const READ_P95_MS_MAX = 50;
/** With so many live jobs the limit of status reads is said. */
const READ_HELD_FROM = 100;
const MEMORY_MB_MAX = 1_024;
/** No job takes longer, wherever it stands in the row. */
const JOB_MS_MAX = 8 * 60_000;

export async function measure(say) {
  const figures = [];
  for (const count of AT_ONCE) {
    say(`${count} at once`);
    figures.push(...(await atOnce(count)));
  }
  return figures;
}

async function atOnce(count) {
  const world = await startWorld(givenWorld(QUICK));
  const footnote = await startFootnote({ ...world.env, SITE_DELAY_MS: "0", SITE_CONNECTIONS: "6" });
  const load = new Load(footnote.url);
  const memory = footnote.use.watch();
  const [idle, cpu_s] = [footnote.use.rss(), footnote.use.cpu_s()];
  const start = performance.now();
  const asked = await Promise.all(
    Array.from({ length: count }, (_, place) => {
      const [one, other] = [place, 3 * place + 1].map((n) => SUBJECTS[n % SUBJECTS.length]);
      const body = JSON.stringify({ query: `How do ${one} and ${other} work together in Rust, case ${place}?`, ...JOB });
      return load.send({ method: "POST", path: "/v1/research", body });
    }),
  );
  const live = new Map(asked.filter(({ status }) => status === 202).map(({ body }) => [JSON.parse(body).id, start]));
  const ended = [];
  const reads = [];
  let turn = 0;
  while (live.size > 0 && performance.now() - start < JOB_MS_MAX) {
    const ids = [...live.keys()];
    const due = Math.max(1, Math.min(ids.length, (READS * LOOK_MS) / 1000));
    const looked = Array.from({ length: due }, () => ids[turn++ % ids.length]);
    const next = sleep(LOOK_MS);
    const answers = await Promise.all([...new Set(looked)].map(async (id) => [id, await load.send({ path: `/v1/research/${id}` })]));
    for (const [id, answer] of answers) {
      reads.push(answer);
      const job = answer.status === 200 ? JSON.parse(answer.body) : { status: "processing" };
      if (job.status === "processing") continue;
      live.delete(id);
      ended.push(job);
    }
    await next;
  }
  const wall_s = (performance.now() - start) / 1000;
  const used = footnote.use.cpu_s() - cpu_s;
  const most = memory.end();
  load.close();
  await footnote.stop();
  await world.stop();
  // The journal's own clock: a look comes later than the end.
  const seconds = ended.map((job) => (Date.parse(job.completed_at ?? job.updated_at) - Date.parse(job.created_at)) / 1000);
  const completed = ended.filter(({ status }) => status === "completed").length;
  const told = spread(reads, [200]);
  const name = `${count} at once`;
  return [
    figure(`${name}: completed`, completed, `of ${count}`, { least: count }),
    figure(`${name}: a job, median`, median(seconds), "s", { note: `last ${Math.max(0, ...seconds).toFixed(0)} s, p95 ${percentile(seconds, 0.95).toFixed(0)} s` }),
    figure(`${name}: jobs a second`, completed / wall_s, "/s", { note: `${(used / count).toFixed(2)} s of CPU each` }),
    figure(`${name}: without a model for a step`, ended.filter((job) => job.degraded).length, ""),
    figure(`${name}: memory`, most / 1e6, "MB", { most: MEMORY_MB_MAX, note: `${(idle / 1e6).toFixed(0)} when idle` }),
    figure(`${name}: status reads, p95`, told.p95, "ms", count >= READ_HELD_FROM ? { most: READ_P95_MS_MAX } : {}),
    figure(`${name}: reads not answered by 200`, told.failed, `of ${told.count}`, { most: 0 }),
    figure(`${name}: POST, p95`, spread(asked, [202]).p95, "ms"),
  ];
}
