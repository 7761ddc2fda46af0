// Functions of the crate in wasm inside workerd, by themselves: what `src/edge/bench.rs` exports.

import { spawn } from "node:child_process";
import { copyFileSync, openSync, closeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../scripts/run.mjs";
import { listeningPort, root, Trouble, workerdBinary } from "../../scripts/workerd.mjs";

const out = join(root, "target/bench");
/** What compiles the wasm starts within a second, and stops at once. */
const START_MS = 60_000;
const STOP_MS = 5_000;

/** Runs a program of the build to its end; its output goes to `file`, else to the screen. */
export async function made(program, args, file) {
  const output = file === undefined ? "inherit" : openSync(file, "w");
  const child = spawn(program, args, { cwd: root, stdio: ["ignore", output, "inherit"] });
  const code = await new Promise((done) => child.once("error", done).once("exit", done));
  if (typeof output === "number") closeSync(output);
  if (code !== 0) throw new Trouble(`${[program, ...args].join(" ")} failed (${code})`);
}

/**
 * Builds the wasm and starts it.
 * @returns {Promise<{ask: (path: string, options?: RequestInit) => Promise<string>, stop: () => Promise<void>}>}
 */
export async function startWasm() {
  await made("make", ["--no-print-directory", "target/bench/bench_bg.wasm"]);
  for (const name of ["worker.mjs", "worker.capnp"]) copyFileSync(join(root, "benches/wasm", name), join(out, name));
  const child = spawn(workerdBinary(), ["serve", join(out, "worker.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = new Promise((done) => child.once("exit", done));
  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await ended;
    clearTimeout(late);
  };
  run.ends.push(stop);
  const failed = ended.then(() => Promise.reject(new Trouble("workerd ended at once")));
  const late = sleep(START_MS, undefined, { ref: false }).then(() => Promise.reject(new Trouble("workerd did not start")));
  const url = `http://127.0.0.1:${await Promise.race([listeningPort(child.stdio[3]), failed, late])}`;
  const ask = async (path, options) => {
    const reply = await fetch(url + path, options);
    const text = await reply.text();
    if (!reply.ok) throw new Trouble(`${path}: ${reply.status} ${text}`);
    return text;
  };
  return { ask, stop };
}
