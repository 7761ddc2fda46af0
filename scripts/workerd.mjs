// Starts the built Worker in workerd, waits until it answers, and ends it. Shared by `make serve` and `make demo`.

import { spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** From start to the first answer; the Wasm is compiled in this time. */
const START_MS = 30_000;
/** workerd waits for hung requests when asked to stop; after this long it is killed. Nothing that was accepted is lost. */
const STOP_MS = 5_000;

/** An error that is shown as its message alone, and the exit code that goes with it. */
export class Trouble extends Error {
  constructor(message, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * Starts workerd.
 * @param {object} options
 * @param {string} options.config file name of the configuration, beside this repository's Cargo.toml
 * @param {string} options.address `host:port` to listen on; port 0 lets the system choose
 * @param {string} options.data folder for the data, created when missing
 * @param {Record<string, string | undefined>} options.env the whole environment of the process
 * @param {string} [options.log] file for its output, which else goes to this process's own
 * @returns {Promise<{url: string, pid: number, exited: Promise<string>, stop: () => Promise<void>, tail: (lines: number) => string}>}
 */
export async function startWorkerd({ config, address, data, env, log }) {
  for (const built of ["build/index.js", "build/index_bg.wasm"]) {
    if (!existsSync(join(root, built))) throw new Trouble(`${built} is missing: run \`make build\` first`);
  }
  mkdirSync(data, { recursive: true });
  const output = log === undefined ? "inherit" : openSync(log, "w");
  const arguments_ = [
    "serve",
    config,
    `--socket-addr=http=${address}`,
    `--directory-path=data=${resolve(data)}`,
    "--control-fd=3",
  ];
  // Its own process group: Ctrl-C reaches this process alone, which then stops workerd in order.
  const child = spawn(workerdBinary(), arguments_, {
    cwd: root,
    env,
    stdio: ["ignore", output, output, "pipe"],
    detached: true,
  });
  if (typeof output === "number") closeSync(output);
  const kill = () => child.kill("SIGKILL");
  process.once("exit", kill);
  const exited = new Promise((done) => {
    child.once("error", (error) => done(error.message));
    child.once("exit", (code, signal) => done(signal ?? `exit code ${code}`));
  });
  exited.then(() => process.off("exit", kill));

  const stop = async () => {
    child.kill("SIGTERM");
    const late = setTimeout(kill, STOP_MS);
    await exited;
    clearTimeout(late);
  };
  const tail = (lines) => (log === undefined ? "" : readFileSync(log, "utf8").trimEnd().split("\n").slice(-lines).join("\n"));

  const host = address.slice(0, address.lastIndexOf(":"));
  const reachable = ["0.0.0.0", "[::]", "*"].includes(host) ? "127.0.0.1" : host;
  const ended = exited.then((how) => {
    throw new Trouble(`workerd ended at once (${how}); is ${address} taken?`);
  });
  try {
    const port = await Promise.race([listeningPort(child.stdio[3]), ended, timeout("workerd did not listen")]);
    const url = `http://${reachable}:${port}`;
    const health = await Promise.race([fetch(`${url}/health`), ended, timeout("/health did not answer")]);
    if (!health.ok) throw new Trouble(await problem(health));
    return { url, pid: child.pid, exited, stop, tail };
  } catch (error) {
    await stop();
    const said = tail(20);
    throw said ? new Trouble(`${error.message}\n${said}`) : error;
  }
}

/** What a problem+json reply says, in words. */
async function problem(response) {
  const text = await response.text();
  try {
    return JSON.parse(text).detail;
  } catch {
    return `/health answered ${response.status}: ${text}`;
  }
}

/** The program itself, not npm's script around it: signals must reach workerd. */
export function workerdBinary() {
  const platform = `${process.platform}-${process.arch === "x64" ? "64" : process.arch}`;
  const path = join(root, "node_modules/@cloudflare", `workerd-${platform}`, "bin/workerd");
  if (!existsSync(path)) throw new Trouble(`no workerd for ${platform} in node_modules: run \`make build\` first`);
  return path;
}

/** The port in the control message of workerd's only socket. */
export async function listeningPort(control) {
  let text = "";
  for await (const piece of control.setEncoding("utf8")) {
    text += piece;
    const line = text.split("\n").find((line) => line.includes('"listen"') && line.endsWith("}"));
    if (line !== undefined) {
      return JSON.parse(line).port;
    }
  }
  return new Promise(() => {}); // Closed without a message: the process has ended, and that is told elsewhere.
}

function timeout(what) {
  return new Promise((_, reject) => {
    setTimeout(() => reject(new Trouble(`${what} within ${START_MS / 1000} s`)), START_MS).unref();
  });
}
