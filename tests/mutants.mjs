// Plants known bugs one at a time in a copy of the sources and sees that the tests catch each: `make mutants`. A bug that no
// test catches, or whose place in the source is gone, fails. `node tests/mutants.mjs 3 7` plants only those,
// `node tests/mutants.mjs places` only looks whether all places are there.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");
const tree = join(root, "target/mutants/tree");
const suites = ["job_transcripts", "job_overlap", "job_budgets", "job_models", "job_control", "crash_matrix", "job_sources", "simulation"];
const SEEDS = "400"; // worlds of the simulation for each bug: every planted bug that it can catch shows within 100

const mutants = [
  ["what was in flight is not given up after a load", "src/job/decide.rs", "Input::Resumed => draft.lose_running(),", "Input::Resumed => {}"],
  ["an answer to an earlier attempt is accepted", "src/job.rs", "s.is_running() && s.attempts == attempt", "s.is_running() && s.attempts >= attempt"],
  ["an attempt's deadline is no reason to wake", "src/job.rs", "StepState::Running { deadline_at } => Some(deadline_at),\n            // What", "StepState::Running { .. } => None,\n            // What"],
  ["interruptions are not counted", "src/job/decide/attempts.rs", "if attempt < ATTEMPTS_MAX {", "if attempt < u32::MAX {"],
  ["attempts are not folded", "src/job/fold.rs", "let (attempts, started_at, held) = (attempt,", "let (attempts, started_at, held) = (1.min(attempt),"],
  ["findings are numbered by arrival", "src/job/fold.rs", "FindingId(page.0.saturating_mul(FINDINGS_PER_PAGE).saturating_add(place))", "FindingId(u32::try_from(self.findings.len()).unwrap_or(0) * FINDINGS_PER_PAGE + place)"],
  ["the budget forbids nothing", "src/job/decide/attempts.rs", "cost == Spend::default() || self.job.limits.allow(after)", "cost == Spend::default() || self.job.limits.allow(after) || true"],
  ["what a call held is never settled", "src/job/fold.rs", "self.ledger.settle(model.as_ref(), held, settled);", ""],
  ["the next model of a chain gets no tries of its own", "src/job/fold.rs", "s.failures = 0;", ""],
  ["steps are started without room", "src/job/decide/attempts.rs", "let mut width = room.saturating_sub", "let mut width = room.max(6).saturating_sub"],
  ["the deadline is not kept", "src/job/decide.rs", "if self.now >= self.job.deadline_at() {", "if self.now >= self.job.deadline_at().plus_ms(3_600_000) {"],
  ["nothing follows a cancel but more work", "src/job/fold.rs", "Event::Cancelled { at } => self.finish(End::Cancelled { at }),", "Event::Cancelled { .. } => {}"],
  ["a clock that jumps forward counts", "src/job/decide.rs", "(forward > SKIP_MS_MIN && self.job.skips < SKIPS_MAX)", "(forward > u64::MAX - 1 && self.job.skips < SKIPS_MAX)"],
  ["a clock that goes back makes the job wait", "src/job/decide.rs", "|| back > SKIP_BACK_MS_MIN", "|| back > u64::MAX - 1"],
  ["stragglers are waited for", "src/job/decide/tail.rs", "*give_up_at <= self.now", "*give_up_at > Timestamp(i64::MAX - 1)"],
  ["stragglers are not waited for at all", "src/job/decide/tail.rs", "const STRAGGLER_READ_MS: u64 = 5_000;", "const STRAGGLER_READ_MS: u64 = 0;"],
  ["what is slow is never replaced", "src/job/decide/tail.rs", "step.started_at.plus_ms(SLOW_READ_MS) <= now", "step.started_at.plus_ms(SLOW_READ_MS) <= now && false"],
  ["the last round leaves analyses behind", "src/job/decide/tail.rs", "self.limits.overlaps && round < self.rounds_allowed()", "self.limits.overlaps"],
  ["what was foreseen is asked again", "src/job/decide/phases.rs", "let foreseen = self.job.queries_of(round).to_vec();", "let foreseen = Vec::new();"],
  ["steering is noted and never counts", "src/job/decide/phases.rs", "let sub_questions = self.job.steered_questions();", "let sub_questions = Vec::new();"],
  ["what an excluded domain said stays", "src/job/steer.rs", "self.findings.retain(|_, finding| finding.page != page);", ""],
  ["a copy pays for what it copied", "src/job/fork.rs", "Event::StepStarted { step, attempt, analyst, reserved: Spend::default(), deadline_at, at }", "Event::StepStarted { step, attempt, analyst, reserved: Spend { pages: 1, ..Spend::default() }, deadline_at, at }"],
  ["inherited pages are fetched again", "src/job/decide/phases.rs", "pages.iter().partition(|p| self.pages.contains_key(p))", "pages.iter().partition(|_| false)"],
  ["start pages are not waited for", "src/job/decide/tail.rs", "filter(|p| !self.start_pages.contains(p))", "filter(|_| true)"],
  ["pages of one host are read at once", "src/job/decide/attempts.rs", "if self.job.is_host_busy(step) || ", "if "],
  ["an answer that cannot be read is free", "src/job/fold.rs", "self.count(step, wasted, None);", ""],
  ["a step that succeeded is started again", "src/job/fold.rs", "s.state = StepState::Done;", "s.state = StepState::Waiting { retry_at: Timestamp(0) };"],
];

const args = process.argv.slice(2);
const only = args.map(Number);
const environment = { ...process.env, SEEDS, CARGO_TARGET_DIR: join(root, "target/mutants/target"), RUST_BACKTRACE: "0" };
const cargo = (...args) => spawnSync("cargo", args, { cwd: tree, env: environment, encoding: "utf8" });

function copy() {
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(tree, { recursive: true });
  const files = execFileSync("git", ["ls-files", "src", "reading", "tests", "examples", "benches", "cli", "Cargo.toml", "Cargo.lock", ".cargo", "clippy.toml", "README.md"], { cwd: root, encoding: "utf8" });
  for (const file of files.trim().split("\n")) cpSync(join(root, file), join(tree, file));
}

function missing([, file, find], top) {
  return readFileSync(join(top, file), "utf8").split(find).length === 2 ? null : `the place is not there exactly once in ${file}`;
}

function plant(mutant) {
  const gone = missing(mutant, tree);
  if (gone) return gone;
  const [name, file, find, replace] = mutant;
  const path = join(tree, file);
  const sound = readFileSync(path, "utf8");
  writeFileSync(path, sound.replace(find, () => replace));
  try {
    const built = cargo("test", "--no-run", "--quiet", ...suites.flatMap((s) => ["--test", s]));
    if (built.status !== 0) return `it does not compile:\n${built.stderr.slice(-1500)}`;
    for (const suite of suites) {
      const ran = cargo("test", "--quiet", "--test", suite);
      if (ran.status !== 0) {
        const failed = [...ran.stdout.matchAll(/^    (\w+)$/gm)].map((m) => m[1]);
        console.log(`caught    ${name}: ${suite}: ${failed.slice(0, 2).join(", ")}`);
        return null;
      }
    }
    return "SURVIVED";
  } finally {
    writeFileSync(path, sound);
  }
}

const looksOnly = args[0] === "places";
if (!looksOnly) copy();
const failures = [];
mutants.forEach((mutant, index) => {
  if (!looksOnly && only.length > 0 && !only.includes(index + 1)) return;
  const failure = looksOnly ? missing(mutant, root) : plant(mutant);
  if (failure) {
    failures.push(mutant[0]);
    console.log(`NOT CAUGHT ${mutant[0]}: ${failure}`);
  }
});
console.log(`${mutants.length} planted bugs, ${failures.length} ${looksOnly ? "without their place" : "not caught"}`);
process.exit(failures.length > 0 ? 1 : 0);
