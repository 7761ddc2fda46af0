// Deploys to Cloudflare, or says what is missing before anything is changed: what `make deploy` runs.
//
//   DRY_RUN=1      check and build everything, upload nothing; needs no login
//   SECRETS=file   secrets to set along with it, one NAME=value a line (API_KEYS, ADMIN_KEY, OPENAI_API_KEY, ...)

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isNewEnough, newEnoughNode, runWrangler, wranglerConfig } from "./wrangler.mjs";
import { root, startWorkerd, Trouble } from "./workerd.mjs";

const { DRY_RUN, SECRETS = "" } = process.env;
const dryRun = Boolean(DRY_RUN) && DRY_RUN !== "0";
/** Where a dry run leaves what would be uploaded. */
const BUNDLE = "build/deploy";

const say = (text) => console.error(text);

try {
  if (!isNewEnough()) {
    // wrangler's own reading of wrangler.toml is loaded into this process, so it must run on the newer Node as well.
    const again = spawnSync(newEnoughNode(), [import.meta.filename ?? process.argv[1]], { stdio: "inherit" });
    process.exit(again.status ?? 1);
  }
  await deploy();
} catch (error) {
  say(error instanceof Trouble ? error.message : (error.stack ?? String(error)));
  process.exitCode = error.exitCode ?? 1;
}

async function deploy() {
  const config = wranglerConfig();
  const secrets = readSecrets(SECRETS);
  const problems = [];
  problems.push(...whatIsMissingIn(config));
  const account = await login(config);
  problems.push(...account.problems);
  const names = new Set([...Object.keys(secrets), ...(account.usable ? await secretsThere() : [])]);
  const anonymous = ["1", "true", "yes", "on"].includes(String(config.vars.ALLOW_ANONYMOUS ?? "").toLowerCase());
  if (!anonymous && !names.has("API_KEYS") && !names.has("ADMIN_KEY")) {
    problems.push(
      "nobody could use it: put API_KEYS=... or ADMIN_KEY=... into a file and name it (make deploy SECRETS=file), or set ALLOW_ANONYMOUS in wrangler.toml",
    );
  }
  const visible = Object.keys(config.vars).filter((name) => /(_API_KEY|API_KEYS|ADMIN_KEY|_TOKEN)$/.test(name) && config.vars[name] !== "");
  for (const name of visible) problems.push(`${name} is a secret, but stands under [vars] in wrangler.toml: move it into the file that SECRETS names`);

  if (problems.length > 0 && !dryRun) {
    throw new Trouble(`Nothing was changed. Missing:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
  for (const problem of problems) say(`To deploy for real: ${problem}`);

  say("Building ...");
  const { status } = spawnSync("make", ["build"], { cwd: root, stdio: "inherit", env: withoutMake() });
  if (status !== 0) throw new Trouble("Nothing was changed: the Worker does not build");
  await asTheWorkerReadsThem(config, secrets, names);
  say("The settings are right.");

  const arguments_ = ["deploy", ...(SECRETS === "" ? [] : ["--secrets-file", SECRETS])];
  const { code } = await runWrangler(dryRun ? [...arguments_, "--dry-run", "--outdir", BUNDLE] : arguments_);
  if (code !== 0) throw new Trouble(`wrangler ended with ${code}`, code);
  say(
    dryRun
      ? `Nothing was uploaded. What would be is in ${BUNDLE}/.`
      : "Deployed. Ask it whether it is ready: curl https://THE-ADDRESS-ABOVE/ready",
  );
}

/** What of the Worker wrangler.toml does not know. */
function whatIsMissingIn({ durable_objects, migrations, triggers }) {
  const source = readFileSync(join(root, "src/entry.mjs"), "utf8");
  const classes = [...source.matchAll(/export const (\w+Object)\b/g)].map(([, name]) => name);
  const bound = durable_objects.bindings.map(({ class_name }) => class_name);
  const migrated = migrations.flatMap(({ new_sqlite_classes = [] }) => new_sqlite_classes);
  const problems = [];
  for (const name of classes) {
    if (!bound.includes(name)) problems.push(`wrangler.toml binds no ${name} under [durable_objects]`);
    if (!migrated.includes(name)) problems.push(`wrangler.toml lists no ${name} under new_sqlite_classes of [[migrations]]`);
  }
  if ((triggers.crons ?? []).length === 0) problems.push('wrangler.toml has no cron trigger: set crons = ["* * * * *"] under [triggers]');
  return problems;
}

/** Who is logged in. A dry run asks nobody. */
async function login(config) {
  if (dryRun) return { usable: false, problems: [] };
  const { said } = await runWrangler(["whoami", "--json"], { quiet: true });
  const who = parsed(said) ?? {};
  const wrangler = "make wrangler ARGS=login";
  if (!who.loggedIn) {
    return { usable: false, problems: [`a login: run \`${wrangler}\`, or set CLOUDFLARE_API_TOKEN (docs/deploy.md says what it must be allowed)`] };
  }
  const accounts = who.accounts ?? [];
  const chosen = config.account_id ?? process.env.CLOUDFLARE_ACCOUNT_ID;
  if (chosen === undefined && accounts.length > 1) {
    const list = accounts.map(({ name, id }) => `${id} (${name})`).join(", ");
    return { usable: false, problems: [`the account: set CLOUDFLARE_ACCOUNT_ID to one of ${list}`] };
  }
  return { usable: true, problems: [] };
}

/** Names of the secrets that the deployment has; none before its first one. */
async function secretsThere() {
  const { code, said, told } = await runWrangler(["secret", "list", "--format", "json"], { quiet: true });
  // A list that cannot be had is not one without secrets: whoever then sends new ones replaces those that clients have.
  if (code !== 0 && !/not found|does not exist|10007/i.test(said + told)) {
    throw new Trouble(`Nothing was changed: the secrets of the deployment cannot be listed: ${told.trim()}`);
  }
  return (parsed(said) ?? []).map(({ name }) => name);
}

/** Starts the Worker with the settings that it will have, and lets it say what is wrong with them. */
async function asTheWorkerReadsThem(config, secrets, names) {
  // Of secrets that are there already only the names are known.
  const env = Object.fromEntries([...names].map((name) => [name, "0".repeat(32)]));
  Object.assign(env, config.vars, secrets);
  for (const name of ["MODEL", "MODEL_PLAN", "MODEL_ANALYZE", "MODEL_WRITE"]) {
    // Plain workerd has no such binding, so it could only complain.
    if (config.ai !== undefined && env[name]?.includes("workers-ai")) env[name] = "extractive";
  }
  const data = mkdtempSync(join(tmpdir(), "footnote-deploy-"));
  try {
    const workerd = await startWorkerd({ config: "workerd.capnp", address: "127.0.0.1:0", data, env, log: join(data, "log") });
    await workerd.stop();
  } catch (error) {
    throw new Trouble(`Nothing was changed: ${error.message}`);
  } finally {
    rmSync(data, { recursive: true, force: true });
  }
}

/** NAME=value, a line each; quotes around a value are not part of it. */
function readSecrets(path) {
  if (path === "") return {};
  if (!existsSync(path)) throw new Trouble(`Nothing was changed: ${path} does not exist; SECRETS names a file with one NAME=value a line`);
  if ((statSync(path).mode & 0o077) !== 0) say(`${path} can be read by others on this machine: chmod 600 ${path}`);
  const secrets = {};
  for (const [place, line] of readFileSync(path, "utf8").split("\n").entries()) {
    if (/^\s*(#|$)/.test(line)) continue;
    const [, name, value] = /^\s*([A-Z][A-Z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name === undefined) throw new Trouble(`Nothing was changed: line ${place + 1} of ${path} is no NAME=value`);
    secrets[name] = value.replace(/^(["'])(.*)\1$/, "$2");
  }
  return secrets;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function withoutMake() {
  const { MAKEFLAGS, MAKELEVEL, MFLAGS, MAKEOVERRIDES, ...env } = process.env;
  return env;
}
