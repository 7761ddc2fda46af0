// `make bench`: what extraction costs beyond the parser, natively and in wasm inside workerd, as ratios; the heap it
// holds; and how large the Worker is. Prints a table and writes target/bench/bench.json.
//
// Ratios, since machines differ and are busy: 1 means that extraction costs nothing on top of the parser.

import { spawn } from "node:child_process";
import { copyFileSync, createReadStream, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { gunzipSync, gzipSync } from "node:zlib";
import { listeningPort, root, workerdBinary } from "../../scripts/workerd.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(root, "target/bench");
const folder = process.env.PAGES ? resolve(process.env.PAGES) : join(root, "tests/fixtures/pages");

/** Extraction must run at half of the parser's speed at least. */
const RATIO_MIN = 0.5;
/** It may hold three times the page; of smaller pages than this the fixed part weighs more. */
const HEAP_PAGES_MAX = 3;
const HEAP_PAGE_BYTES_MIN = 4_096;
/** And never more than this. */
const HEAP_BYTES_MAX = 16 * 1024 * 1024;
/** As in benches/page.rs. */
const PAGES_MAX = 200;
const ROUNDS = 5;
/** Bytes that one request works through, so that asking costs next to nothing: about 40 ms. */
const REQUEST_BYTES = 1_000_000;

const native = JSON.parse(readFileSync(join(out, "native.json"), "utf8"));
const heap = await heapOf(join(out, "extract.jsonl"));
const wasm = await inWorkerd(readPages());
const worker = sizeOf(join(root, "build/index_bg.wasm"));

writeFileSync(join(out, "bench.json"), `${JSON.stringify({ native, wasm, heap, worker }, null, 2)}\n`);

const cell = (text, width) => String(text).padStart(width);
console.log(`${native.pages} pages, ${(native.bytes / 1e6).toFixed(1)} MB, extraction against the parser alone (at least ${RATIO_MIN})`);
for (const [name, run] of [["native", native], ["wasm in workerd", wasm]]) {
  console.log(
    `  ${name.padEnd(16)} parser ${cell(run.parser_mb_per_s.toFixed(0), 4)} MB/s  extraction ${cell(run.extraction_mb_per_s.toFixed(0), 4)} MB/s` +
      `  ratio ${run.ratio.toFixed(2)}  median page ${run.median_page_ratio.toFixed(2)}  ${run.ratio >= RATIO_MIN ? "ok" : "TOO SLOW"}`,
  );
}
console.log(
  `  heap at its peak, ${heap.pages} pages from ${HEAP_PAGE_BYTES_MIN} bytes: median ${heap.median_ratio.toFixed(2)} x the page, most ${heap.worst_ratio.toFixed(2)} x` +
    ` (at most ${HEAP_PAGES_MAX}), ${(heap.worst_bytes / 1e6).toFixed(1)} MB (at most ${(HEAP_BYTES_MAX / 1e6).toFixed(1)})` +
    `  ${heap.worst_ratio <= HEAP_PAGES_MAX && heap.worst_bytes <= HEAP_BYTES_MAX ? "ok" : "TOO MUCH"}`,
);
console.log(`  the Worker's wasm: ${(worker.bytes / 1e3).toFixed(0)} kB, ${(worker.gzipped_bytes / 1e3).toFixed(0)} kB gzipped`);

/** The pages that benches/page.rs reads too. */
function readPages() {
  const files = readdirSync(folder).filter((name) => /\.html(\.gz)?$/.test(name)).sort();
  const step = Math.max(1, Math.ceil(files.length / PAGES_MAX));
  return files
    .filter((_, index) => index % step === 0)
    .map((name) => {
      const bytes = readFileSync(join(folder, name));
      return name.endsWith(".gz") ? gunzipSync(bytes) : bytes;
    });
}

/** Peaks of the heap, from what examples/extract.rs wrote. */
async function heapOf(file) {
  const ratios = [];
  let worst = 0;
  for await (const line of createInterface({ input: createReadStream(file) })) {
    const { bytes, peak_bytes } = JSON.parse(line);
    worst = Math.max(worst, peak_bytes);
    if (bytes >= HEAP_PAGE_BYTES_MIN) ratios.push(peak_bytes / bytes);
  }
  return { pages: ratios.length, median_ratio: median(ratios), worst_ratio: Math.max(0, ...ratios), worst_bytes: worst };
}

/** Runs both passes over every page in turn, inside workerd; each page counts with its fastest. */
async function inWorkerd(pages) {
  for (const name of ["worker.mjs", "worker.capnp"]) copyFileSync(join(here, name), join(out, name));
  const child = spawn(workerdBinary(), ["serve", join(out, "worker.capnp"), "--control-fd=3"], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const ended = new Promise((done) => child.once("exit", done));
  try {
    const url = `http://127.0.0.1:${await Promise.race([listeningPort(child.stdio[3]), ended.then(() => Promise.reject(new Error("workerd ended at once")))])}`;
    const ask = async (path, options) => {
      const reply = await fetch(url + path, options);
      const text = await reply.text();
      if (!reply.ok) throw new Error(`${path}: ${reply.status} ${text}`);
      return text;
    };
    for (const page of pages) await ask("/", { method: "POST", body: page });
    const timed = async (what, page, passes) => {
      const start = performance.now();
      await ask(`/${what}?first=${page}&behind=${page + 1}&passes=${passes}`);
      return (performance.now() - start) / passes;
    };
    const parsing = pages.map(() => Infinity);
    const extracting = pages.map(() => Infinity);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, page] of pages.entries()) {
        const passes = Math.ceil(REQUEST_BYTES / Math.max(page.length, 1));
        parsing[index] = Math.min(parsing[index], await timed("parse", index, passes));
        extracting[index] = Math.min(extracting[index], await timed("extract", index, passes));
      }
    }
    const sum = (list) => list.reduce((total, ms) => total + ms, 0);
    const bytes = pages.reduce((total, page) => total + page.length, 0);
    return {
      pages: pages.length,
      bytes,
      parser_mb_per_s: bytes / 1e3 / sum(parsing),
      extraction_mb_per_s: bytes / 1e3 / sum(extracting),
      ratio: sum(parsing) / sum(extracting),
      median_page_ratio: median(parsing.map((ms, index) => ms / extracting[index])),
    };
  } finally {
    child.kill("SIGTERM");
    await ended;
  }
}

function sizeOf(file) {
  const bytes = readFileSync(file);
  return { bytes: bytes.length, gzipped_bytes: gzipSync(bytes, { level: 9 }).length };
}

function median(list) {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
}
