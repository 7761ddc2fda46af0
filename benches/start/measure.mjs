// The Worker's size, how much longer it takes to start than one that does nothing, and the first request to a cold process.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { root } from "../../scripts/workerd.mjs";
import { figure, median } from "../lib/figures.mjs";
import { startFootnote } from "../lib/footnote.mjs";
import { Load } from "../lib/load.mjs";

const GZIPPED_MB_MAX = 1;
const START_MS_MAX = 50;
const STARTS = 7;
const NOOP = "benches/http/noop.capnp";

export async function measure(say) {
  const wasm = readFileSync(join(root, "build/index_bg.wasm"));
  say(`${STARTS} starts of each`);
  const [ours, noop] = [[], []];
  for (let turn = 0; turn < STARTS; turn += 1) {
    noop.push(await cold(NOOP));
    ours.push(await cold());
  }
  const of = (runs, what) => median(runs.map((run) => run[what]));
  return [
    figure("wasm, gzipped", gzipSync(wasm, { level: 9 }).length / 1e6, "MB", { most: GZIPPED_MB_MAX, note: `${(wasm.length / 1e6).toFixed(1)} MB raw` }),
    figure("process until its first answer", of(ours, "start_ms"), "ms", { rival: ["no-op", of(noop, "start_ms")] }),
    figure("start-up beyond the no-op's", of(ours, "start_ms") - of(noop, "start_ms"), "ms", { most: START_MS_MAX }),
    figure("first POST of a cold process", of(ours, "post_ms"), "ms", { rival: ["no-op", of(noop, "post_ms")] }),
    figure("GET after it", of(ours, "get_ms"), "ms", { rival: ["no-op", of(noop, "get_ms")] }),
  ];
}

async function cold(config) {
  const began = performance.now();
  const worker = await startFootnote({ SEARCH: "library" }, config);
  const start_ms = performance.now() - began;
  const load = new Load(worker.url);
  const post = await load.send({ method: "POST", path: "/v1/research", body: JSON.stringify({ query: "What is a cold start?" }) });
  const id = JSON.parse(post.body).id ?? "none";
  const get = await load.send({ path: `/v1/research/${id}` });
  load.close();
  await worker.stop();
  return { start_ms, post_ms: post.ms, get_ms: get.ms };
}
