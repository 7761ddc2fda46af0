// The few calls of Footnote's API that the demo and the evaluation make.

import { setTimeout as sleep } from "node:timers/promises";
import { Trouble } from "../scripts/workerd.mjs";

const REPLY_MS = 30_000;
const POLL_MS = 200;
/** No job may take longer: webclaw's clients give up after 20 minutes too. */
const JOB_MS = 20 * 60_000;

/** A client of the API at `base`. Whatever is no success is thrown as {@link Trouble}. */
export class Client {
  #base;

  constructor(base) {
    this.#base = base;
  }

  get(path) {
    return this.#send("GET", path);
  }

  /** A reply that is no JSON, such as a bundle. */
  async text(path) {
    const response = await fetch(this.#base + path, { signal: AbortSignal.timeout(REPLY_MS) }).catch((error) => {
      throw new Trouble(`GET ${path} was not answered: ${error.cause?.message ?? error.message}`);
    });
    if (!response.ok) throw new Trouble(`GET ${path} answered ${response.status}`);
    return response.text();
  }

  post(path, body) {
    return this.#send("POST", path, JSON.stringify(body));
  }

  /** Polls until `completed`, showing every reply; `failed` is thrown. */
  async completed(path, show) {
    const job = await this.ended(path, show, JOB_MS);
    if (job.status === "failed") throw new Trouble(`${path} failed: ${job.error ?? "no reason given"}`);
    return job;
  }

  /** Polls until `completed` or `failed`, showing every reply. */
  async ended(path, show, ms) {
    const deadline = performance.now() + ms;
    for (;;) {
      const job = await this.get(path);
      show(job);
      if (job.status === "completed" || job.status === "failed") return job;
      if (performance.now() > deadline) throw new Trouble(`${path} did not end within ${ms / 60_000} minutes`);
      await sleep(POLL_MS);
    }
  }

  async #send(method, path, body) {
    const response = await fetch(this.#base + path, {
      method,
      body,
      headers: body === undefined ? {} : { "content-type": "application/json" },
      signal: AbortSignal.timeout(REPLY_MS),
    }).catch((error) => {
      throw new Trouble(`${method} ${path} was not answered: ${error.cause?.message ?? error.message}`);
    });
    const text = await response.text();
    if (!response.ok) throw new Trouble(`${method} ${path} answered ${response.status}: ${text.slice(0, 500)}`);
    try {
      return JSON.parse(text);
    } catch {
      throw new Trouble(`${method} ${path} answered ${response.status} without JSON: ${text.slice(0, 500)}`);
    }
  }
}
