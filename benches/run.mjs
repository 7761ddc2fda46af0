// `make bench`: everything that can be said of speed and cost in figures, each beside its limit or its rival of the same
// run. A table on the screen, and target/bench/bench.json. docs/bench.md says what each line means.
//
//   ONLY=orchestration,http    these parts alone; the others keep the figures of their last run
//   WORLD='{"seed":"other"}'   another mocked world (benches/world.mjs)
//   PAGES=FOLDER               other pages for the part `page`

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { run, say, toTheEnd } from "../scripts/run.mjs";
import { root, Trouble } from "../scripts/workerd.mjs";
import { table } from "./lib/figures.mjs";

const PARTS = {
  orchestration: "runs in the mocked world, beside its critical path",
  http: "answers beside a no-op Worker, and what watchers cost a job",
  jobs: "1 to 500 jobs at once on one workerd",
  storage: "what grows with a journal and with a library",
  cost: "what a job takes of what Cloudflare bills",
  start: "size and start of the Worker",
  page: "extraction, beside the parser alone",
};
const file = join(root, "target/bench/bench.json");

await toTheEnd(async () => {
  const only = (process.env.ONLY || Object.keys(PARTS).join(",")).split(",");
  const unknown = only.filter((name) => !(name in PARTS));
  if (unknown.length > 0) throw new Trouble(`no such part: ${unknown.join(", ")}; there are ${Object.keys(PARTS).join(", ")}`, 2);
  mkdirSync(join(root, "target/bench"), { recursive: true });
  const before = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const report = { machine: machine(), parts: before.parts ?? {} };
  for (const name of only) {
    const { measure } = await import(`./${name}/measure.mjs`);
    const began = performance.now();
    const figures = await measure((what) => say(`${name}: ${what} ...`));
    const seconds = (performance.now() - began) / 1000;
    report.parts[name] = { at: new Date().toISOString(), commit: commit(), seconds: Math.round(seconds), figures };
    writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
    console.log(`\n${name}: ${PARTS[name]} (${seconds.toFixed(0)} s)`);
    table(figures).forEach((line) => console.log(line));
    while (run.ends.length > 0) await run.ends.pop()();
  }
  const missed = only.flatMap((name) => report.parts[name].figures.filter(({ ok }) => ok === false));
  console.log(`\n${missed.length === 0 ? "Every limit is kept" : `${missed.length} limits are missed`}; target/bench/bench.json has the figures.`);
}, "the log of workerd");

function machine() {
  return { cpu: cpus()[0]?.model ?? "unknown", cores: cpus().length, node: process.version };
}

function commit() {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], { cwd: root, encoding: "utf8" }).trim();
  } catch {
    return "unknown";
  }
}
