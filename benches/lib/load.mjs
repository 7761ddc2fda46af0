// Load from one process: requests at a steady rate whatever the answers do, or as many as a few connections take.

import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "./figures.mjs";

/** Longest wait for one answer. */
const ANSWER_MS_MAX = 60_000;

/** Sends requests over kept connections, at most `connections` at once. */
export class Load {
  #agent;
  #base;

  constructor(base, connections = 256) {
    this.#base = new URL(base);
    this.#agent = new Agent({ keepAlive: true, maxSockets: connections });
  }

  /** One request to its last byte: status, body and milliseconds since it was sent. Failed connections have status 0. */
  send({ method = "GET", path, body, headers = {} }) {
    const sent = performance.now();
    return new Promise((done) => {
      const ended = (status, body) => done({ status, body, ms: performance.now() - sent });
      const { hostname, port } = this.#base;
      const typed = body === undefined ? headers : { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers };
      const options = { agent: this.#agent, hostname, port, method, path, headers: typed, timeout: ANSWER_MS_MAX };
      const call = request(options, (response) => {
        const pieces = [];
        response.on("data", (piece) => pieces.push(piece));
        response.on("end", () => ended(response.statusCode, Buffer.concat(pieces).toString()));
        response.on("error", () => ended(0, ""));
      });
      call.on("timeout", () => call.destroy());
      call.on("error", () => ended(0, ""));
      call.end(body);
    });
  }

  /** `rps` requests a second for `seconds`, each made by `next(place)`; answered or not, the next is sent in its turn. */
  async steady(rps, seconds, next) {
    const began = performance.now();
    const answers = [];
    for (let place = 0; place < rps * seconds; place += 1) {
      const due = began + (place * 1000) / rps;
      const wait = due - performance.now();
      if (wait > 0) await sleep(wait);
      answers.push(this.send(next(place)));
    }
    return Promise.all(answers);
  }

  /** As many requests as `lanes` connections carry in `seconds`; each sends its next when it has its answer. */
  async full(lanes, seconds, next) {
    const until = performance.now() + seconds * 1000;
    const answers = [];
    let place = 0;
    const lane = async () => {
      while (performance.now() < until) answers.push(await this.send(next(place++)));
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return answers;
  }

  close() {
    this.#agent.destroy();
  }
}

/** p50, p95 and p99 in milliseconds of answers, and how many had another status than `wanted`. */
export function spread(answers, wanted) {
  const ms = answers.map((answer) => answer.ms);
  const failed = answers.filter(({ status }) => !wanted.includes(status)).length;
  return { p50: percentile(ms, 0.5), p95: percentile(ms, 0.95), p99: percentile(ms, 0.99), failed, count: answers.length };
}
