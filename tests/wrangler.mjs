// What Cloudflare's own tool makes of the Worker: the bundle of a dry run, and `wrangler dev` from a question to its report,
// with the cron trigger. `make test-wrangler` runs it; it needs no account.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { root } from "../scripts/workerd.mjs";
import { startWrangler } from "../scripts/wrangler.mjs";

const KEY = "wrangler-test-key-4471";
/** wrangler starts in some seconds; the rest is for a busy machine. */
const PATIENCE_MS = 90_000;

const folder = mkdtempSync(join(tmpdir(), "footnote-wrangler-"));
let dev;
let base;
let log = "";

before(async () => {
  const port = await freePort();
  const vars = { API_KEYS: KEY, SEARCH: "library", SITE_DELAY_MS: "0" };
  const flags = Object.entries(vars).flatMap(([name, value]) => ["--var", `${name}:${value}`]);
  const where = ["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0", "--persist-to", folder];
  dev = startWrangler(["dev", "--test-scheduled", "--show-interactive-dev-session=false", ...where, ...flags], {
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  for (const stream of [dev.stdout, dev.stderr]) stream.on("data", (piece) => (log += piece));
  base = `http://127.0.0.1:${port}`;
  await until("wrangler dev does not answer", async () => (await get("/ready")).status === 200);
});

after(async () => {
  const ended = new Promise((done) => dev.once("close", done));
  try {
    process.kill(-dev.pid, "SIGTERM");
  } catch {} // It has ended.
  await ended;
  rmSync(folder, { recursive: true, force: true });
});

test("a dry run checks everything without a login and leaves the bundle", () => {
  const run = deploy({ DRY_RUN: "1" });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, /env\.JOB \(JobObject\)\s+Durable Object/);
  assert.match(run.stderr, /To deploy for real: nobody could use it/);
  const files = readdirSync(join(root, "build/deploy"));
  assert.ok(files.includes("entry.js") && files.some((name) => name.endsWith(".wasm")), String(files));
});

test("settings that the Worker does not take are found before anything is uploaded", () => {
  const secrets = join(folder, "secrets.env");
  writeFileSync(secrets, "API_KEYS=short\n", { mode: 0o600 });
  const run = deploy({ DRY_RUN: "1", SECRETS: secrets });
  assert.equal(run.status, 1, run.stdout);
  assert.match(run.stderr, /Nothing was changed: .*API_KEYS: key 1 is shorter/);
  assert.ok(!run.stdout.includes("--dry-run: exiting now"), "wrangler was reached");
});

test("without a login everything that is missing is said at once", () => {
  // A home of its own: whoever runs this may be logged in.
  const run = deploy({ HOME: folder, XDG_CONFIG_HOME: folder, CLOUDFLARE_API_TOKEN: "" });
  assert.equal(run.status, 1);
  assert.match(run.stderr, /Nothing was changed[^]*a login: run[^]*nobody could use it/);
});

test("a question becomes a report under wrangler dev", async () => {
  assert.equal((await get("/v1/research", { authorization: "" })).status, 401);
  const page = "<h1>Pump</h1><p>The pump of the harbour basin moves 420 litres of sea water a second.</p>";
  const added = await post("/v1/library/documents", { url: "https://pump.example/", html: page });
  assert.equal(added.status, 201, await added.text());
  const made = await post("/v1/research", { query: "How much water does the harbour pump move?" });
  assert.equal(made.status, 202);
  const { id } = await made.json();
  const job = await until("the job does not end", async () => {
    const seen = await (await get(`/v1/research/${id}?wait=5`)).json();
    return seen.status === "processing" ? undefined : seen;
  });
  assert.equal(job.status, "completed");
  assert.match(job.report, /420 litres/);
  assert.match(log, new RegExp(`"event":"job_ended","job_id":"${id}"`));
});

test("the cron trigger reaches the scheduler", async () => {
  const made = await post("/v1/schedules", { query: "What is new?", cron: "0 6 * * 1", time_zone: "Europe/Berlin" });
  assert.equal(made.status, 201, await made.text());
  for (const path of ["/cdn-cgi/handler/scheduled?cron=*+*+*+*+*", "/__scheduled?cron=*+*+*+*+*"]) {
    const ran = await get(path);
    assert.equal(ran.status, 200, path);
  }
  await until("no line of the cron trigger", async () => log.includes('"event":"cron"'));
  assert.ok(!log.includes('"event":"tick"'), log);
});

function deploy(env) {
  const { NODE_TEST_CONTEXT, ...usual } = process.env;
  const how = { cwd: root, encoding: "utf8", env: { ...usual, ...env } };
  return spawnSync(process.execPath, [join(root, "scripts/deploy.mjs")], how);
}

function get(path, headers = {}) {
  return fetch(`${base}${path}`, { headers: { authorization: `Bearer ${KEY}`, ...headers } });
}

function post(path, body) {
  const headers = { authorization: `Bearer ${KEY}`, "content-type": "application/json" };
  return fetch(`${base}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

async function until(what, ask) {
  const end = Date.now() + PATIENCE_MS;
  while (Date.now() < end) {
    const answer = await ask().catch(() => undefined);
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 200));
  }
  assert.fail(`${what} within ${PATIENCE_MS / 1000} s\n${log}`);
}

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}
