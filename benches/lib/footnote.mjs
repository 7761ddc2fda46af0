// Footnote in a process of its own, on data of its own, and what that process takes of the machine.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "../../demo/client.mjs";
import { run } from "../../scripts/run.mjs";
import { startWorkerd, Trouble } from "../../scripts/workerd.mjs";

/** How often memory is looked at: a page is read and analysed in some tenths of a second. */
const SAMPLE_MS = 100;
/** Clock ticks of /proc are hundredths of a second. */
const TICK_S = 0.01;

/**
 * Starts the built Worker. It ends with the program, or by `stop`.
 * @param {Record<string, string>} env its settings
 * @param {string} [config] another configuration than that of `make serve DEV=1`
 */
export async function startFootnote(env, config = "workerd.dev.capnp") {
  const data = mkdtempSync(join(tmpdir(), "footnote-bench-"));
  const removed = async () => rmSync(data, { recursive: true, force: true });
  run.ends.push(removed);
  const workerd = await startWorkerd({
    config,
    address: "127.0.0.1:0",
    data,
    env: { ALLOW_ANONYMOUS: "1", ...env },
    log: join(data, "workerd.log"),
  });
  run.ends.push(workerd.stop);
  run.tail = () => workerd.tail(20);
  return { ...workerd, data, client: new Client(workerd.url), use: useOf(workerd.pid) };
}

/** The longest that a job of a bench may take: five hundred at once took seven minutes. */
const JOB_MS = 15 * 60_000;

/** A job's reply once it is over. One that failed, or was not done by whom it should have been, is no measurement. */
export async function completed(client, id) {
  const job = await client.ended(`/v1/research/${id}?wait=20`, () => {}, JOB_MS);
  if (job.status !== "completed" || job.degraded) throw new Trouble(`${id} ended ${job.status}: ${job.error ?? job.degraded}`);
  return job;
}

/** What a process takes of the machine; NaN where the system does not tell. */
export function useOf(pid) {
  return {
    /** CPU seconds so far. */
    cpu_s() {
      const fields = proc(pid, "stat")?.split(") ").at(-1).split(" ");
      return fields === undefined ? NaN : (Number(fields[11]) + Number(fields[12])) * TICK_S;
    },
    /** Bytes of memory now. */
    rss() {
      return Number(/VmRSS:\s+(\d+)/.exec(proc(pid, "status") ?? "")?.[1] ?? NaN) * 1024;
    },
    /** Watches the memory until `end()` is called, which gives the most of it in bytes. */
    watch() {
      let most = this.rss();
      const timer = setInterval(() => (most = Math.max(most, this.rss())), SAMPLE_MS);
      return {
        end: () => {
          clearInterval(timer);
          return Math.max(most, this.rss());
        },
      };
    },
  };
}

function proc(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/${name}`, "utf8");
  } catch {
    return undefined;
  }
}
