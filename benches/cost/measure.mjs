// What a job takes of what Cloudflare bills, counted in real workerd, and what a thousand of them cost at the published
// prices. In the mocked world, with the built-in analyst and with a model; what models and searches cost is not in it.

import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { completed, startFootnote } from "../lib/footnote.mjs";
import { figure, sum } from "../lib/figures.mjs";
import { givenWorld, startWorld } from "../world.mjs";

/** Workers Paid beyond what its $5 a month include, in US dollars: developers.cloudflare.com, November 2026. */
const PRICES = {
  worker_requests: 0.3 / 1e6,
  object_requests: 0.15 / 1e6,
  rows_written: 1 / 1e6,
  rows_read: 0.001 / 1e6,
  gb_s: 12.5 / 1e6,
  cpu_ms: 0.02 / 1e6,
  gb_months: 0.2,
};
/** An object is billed as if it held this much, whatever it holds. */
const OBJECT_GB = 0.128;
/** Jobs are kept so long unless RETENTION_DAYS says otherwise. */
const KEPT_MONTHS = 1;
const DOLLARS_MAX = 1;
const QUESTIONS = [
  "How does Rust prevent data races, and what do Send and Sync guarantee?",
  "How do lifetimes keep references valid in Rust?",
  "How does Cargo resolve versions and features of dependencies?",
];
/** The account is told after the poller. */
const SETTLE_MS = 1_000;

export async function measure(say) {
  const figures = [];
  for (const [name, model] of [["built-in analyst", false], ["with a model", true]]) {
    say(`${QUESTIONS.length} jobs, ${name}`);
    figures.push(...(await told(name, model)));
  }
  return figures;
}

async function told(name, model) {
  const world = await startWorld(givenWorld());
  const { MODEL, ...plain } = world.env;
  const footnote = await startFootnote({ ...(model ? world.env : plain), PAGE_CACHE_S: "0" }, "benches/cost/worker.capnp");
  await footnote.client.get("/__cost");
  const cpu_s = footnote.use.cpu_s();
  const jobs = await Promise.all(QUESTIONS.map((query) => ended(footnote.client, query)));
  await sleep(SETTLE_MS);
  const meters = await footnote.client.get("/__cost");
  const n = jobs.length;
  const objects = Object.entries(meters).filter(([name]) => name.endsWith("Object"));
  const all = (what) => sum(Object.values(meters).map((meter) => meter[what])) / n;
  const job = meters.JobObject;
  const per = {
    worker_requests: all("worker_requests"),
    object_requests: all("object_requests"),
    rows_written: all("rows_written"),
    rows_read: all("rows_read"),
    gb_s: (sum(objects.map(([, meter]) => meter.active_ms)) / 1000 / n) * OBJECT_GB,
    cpu_ms: ((footnote.use.cpu_s() - cpu_s) * 1000) / n,
    gb_months: (storedBytes(join(footnote.data, "footnote-job")) / n / 1e9) * KEPT_MONTHS,
  };
  const dollars = Object.entries(PRICES).map(([what, price]) => [what, per[what] * price * 1000]);
  const seconds = sum(jobs.map((job) => (Date.parse(job.completed_at ?? job.updated_at) - Date.parse(job.created_at)) / 1000)) / n;
  await footnote.stop();
  await world.stop();
  const parts = (what) => objects.map(([name, meter]) => `${name.replace("Object", "")} ${Math.round(meter[what] / n)}`).join(", ");
  return [
    figure(`${name}: a job`, seconds, "s", { note: `${(sum(jobs.map((job) => job.usage.pages)) / n).toFixed(1)} pages` }),
    figure(`${name}: requests to objects`, per.object_requests, "a job", { note: parts("object_requests") }),
    figure(`${name}: alarms`, all("alarms"), "a job"),
    figure(`${name}: requests to the outside`, all("sub_requests"), "a job"),
    figure(`${name}: rows written`, per.rows_written, "a job", { note: parts("rows_written") }),
    figure(`${name}: rows read`, per.rows_read, "a job", { note: parts("rows_read") }),
    figure(`${name}: time of objects`, per.gb_s, "GB-s a job", { note: `${(job.active_ms / 1000 / n).toFixed(0)} s of the job's own` }),
    figure(`${name}: CPU of the process`, per.cpu_ms, "ms a job"),
    figure(`${name}: stored`, (per.gb_months / KEPT_MONTHS) * 1000, "MB a job"),
    figure(`${name}: 1,000 jobs`, sum(dollars.map(([, price]) => price)), "US dollars", {
      most: DOLLARS_MAX,
      note: dollars.map(([what, price]) => `${what.replaceAll("_", " ")} ${price.toFixed(3)}`).join(", "),
    }),
  ];
}

async function ended(client, query) {
  const { id } = await client.post("/v1/research", { query });
  return completed(client, id);
}

/** Bytes of the jobs' databases, with what is still in their write-ahead logs; not the index of alarms. */
function storedBytes(folder) {
  return sum(readdirSync(folder).filter((name) => !name.startsWith("metadata")).map((name) => statSync(join(folder, name)).size));
}
