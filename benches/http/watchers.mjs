// Those who watch one job: streams that take every fact, pollers that ask once a second. They run in a thread of their
// own, so that reading what they get does not hold up whoever measures.

import { get, Agent } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { fileURLToPath } from "node:url";
import { Load, spread } from "../lib/load.mjs";

const POLL_MS = 1_000;
/** A stream ends with its job, or within this. */
const END_MS = 5_000;

/** Watchers of one job. */
export class Watchers {
  #worker;

  constructor(base, id, { streams, pollers }) {
    const file = fileURLToPath(import.meta.url);
    this.#worker = new Worker(file, { workerData: { base, id, streams, pollers } });
  }

  /** Once the job is over: how the polls went, and how many streams lack a fact that another has. */
  async end() {
    const told = new Promise((done, fail) => this.#worker.once("message", done).once("error", fail));
    this.#worker.postMessage("end");
    const answer = await told;
    await this.#worker.terminate();
    return answer;
  }
}

async function watch({ base, id, streams, pollers }) {
  const over = new Promise((done) => parentPort.once("message", done));
  let ended = false;
  over.then(() => (ended = true));
  const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
  const heard = Array.from({ length: streams }, () => stream(`${base}/v1/research/${id}/events`, agent));
  const load = new Load(base, pollers || 1);
  const answers = [];
  const poller = async (place) => {
    // Spread over the second, as strangers are.
    await sleep((place * POLL_MS) / pollers);
    while (!ended) {
      const due = performance.now() + POLL_MS;
      answers.push(await load.send({ path: `/v1/research/${id}` }));
      await sleep(Math.max(0, due - performance.now()));
    }
  };
  await Promise.all([over, ...Array.from({ length: pollers }, (_, place) => poller(place))]);
  // The job is over, and so are its streams: one that is not lacks its end.
  const facts = await Promise.all(heard.map((facts) => Promise.race([facts, sleep(END_MS, -1)])));
  agent.destroy();
  const { p95, failed, count } = spread(answers, [200]);
  const most = Math.max(1, ...facts);
  parentPort.postMessage({ polls: count, failed, p95, incomplete: facts.filter((n) => n < most).length });
}

/** Facts that a stream has brought when it ends. */
function stream(url, agent) {
  return new Promise((done) => {
    let facts = 0;
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) return done(-1);
      let text = "";
      response.setEncoding("utf8").on("data", (piece) => {
        text += piece;
        const frames = text.split("\n\n");
        text = frames.pop();
        facts += frames.filter((frame) => /^id:/m.test(frame)).length;
      });
      response.on("end", () => done(facts)).on("error", () => done(facts));
    }).on("error", () => done(-1));
  });
}

if (!isMainThread) await watch(workerData);
